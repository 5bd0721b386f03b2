//! `cinnabar operators`: invitations, from the machine itself.

use serde_json::json;
use server::{Config, Use};
use terms::ActorRole;

use crate::{Finding, output, output::Misuse};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Operators {
    /// Print a new single-use link that makes an operator account. Works beside a running service.
    Invite {
        /// `administrator`, `reviewer`, `compliance` or `auditor`.
        #[arg(long, default_value = "administrator")]
        role: String,
    },
}

pub(crate) fn run(config: &Config, command: &Operators, as_json: bool) -> anyhow::Result<Finding> {
    let Operators::Invite { role } = command;
    let role =
        ActorRole::from_word(role).ok_or_else(|| Misuse(format!("`{role}` is no role of operators")))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let invitation = runtime.block_on(async {
        let url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.bind));
        let opened = server::open(config, &url, Vec::new(), Use::Beside).await?;
        anyhow::Ok(opened.operations.invite_operator_on_machine(role).await?)
    })?;
    if as_json {
        output::json(&json!({ "url": invitation.url, "expires_at": invitation.expires_at.to_string() }));
    } else {
        output::line(&invitation.url);
        output::line(&format!("works once, until {}", invitation.expires_at));
    }
    Ok(Finding::Fine)
}
