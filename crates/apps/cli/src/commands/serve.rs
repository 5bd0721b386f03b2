//! `cinnabar serve`.

use std::io::Write as _;

use operations::Mode;
use serde_json::json;
use server::{Config, Ready};
use tokio_util::sync::CancellationToken;

use crate::{Finding, output};

pub(crate) fn run(config: Config) -> anyhow::Result<Finding> {
    server::init_logging(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        server::serve(config, stop, announce).await
    })?;
    Ok(Finding::Fine)
}

/// Ctrl-C and `SIGTERM` end the service in good order; a second one ends it at once.
async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    stop.cancel();
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130);
    }
}

/// Says where everything is: for people, or as one line of JSON for programs (`CINNABAR_PRINT=json`).
fn announce(ready: &Ready) {
    if std::env::var("CINNABAR_PRINT").is_ok_and(|word| word == "json") {
        let line = json!({
            "event": "ready",
            "url": ready.url,
            "address": ready.address.to_string(),
            "key": ready.first_key,
            "operator_invitation": ready.operator_invitation,
            "reviewer_invitation": ready.reviewer_invitation,
            "log_key": ready.log_key,
            "models": ready.models,
        });
        output::line(&line.to_string());
    } else {
        output::line(&for_people(ready));
    }
    let _ = std::io::stdout().flush();
}

fn for_people(ready: &Ready) -> String {
    let url = &ready.url;
    let mut text = String::from("\nCinnabar is running");
    if ready.mode == Mode::Trial {
        text.push_str(" in trial mode (loopback only; labels carry the reserved code TRIAL)");
    }
    text.push_str(&format!(
        ".\n\n  Chat       {url}/chat\n  Verify     {url}/verify\n  Rules      {url}/rules\n  Console    {url}/console\n  API        {url}/v1    (OpenAI-compatible)\n"
    ));
    if !ready.models.is_empty() {
        text.push_str(&format!("  Models     {}\n", ready.models.join(", ")));
    }
    text.push_str(&format!("  Log key    {}\n", ready.log_key));
    match &ready.first_key {
        Some(key) => text.push_str(&format!("\n  Application key, shown this once:\n    {key}\n")),
        None => text.push_str(&format!("\n  Application keys: {url}/console/keys\n")),
    }
    if let Some(link) = &ready.operator_invitation {
        text.push_str(&format!("\n  Make the first operator account (the link works once):\n    {link}\n"));
    }
    if let Some(link) = &ready.reviewer_invitation {
        text.push_str(&format!(
            "\n  A second operator, a reviewer, who decides what the first may not (open it in a private window):\n    {link}\n"
        ));
    }
    text.push_str("\nCtrl-C stops it.\n");
    text
}
