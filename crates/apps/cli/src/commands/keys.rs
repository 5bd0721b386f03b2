//! `cinnabar keys`: application keys, while the service is stopped (the console does it while it runs), and the key that
//! signs labels.

use label::text::Placement;
use operations::{EndUserRule, Envelope, KeyRequest};
use serde_json::json;
use server::{Config, OsEntropy, Use};

use crate::{Finding, output, output::Misuse};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Keys {
    /// Make a key and print it once.
    Create {
        /// What to call it.
        name: String,
        /// Whether requests must name their end user: `required`, `optional` or `owner`.
        #[arg(long, default_value = "required")]
        end_user: String,
        /// Where the visible label of text goes: `suffix`, `prefix` or `interface`.
        #[arg(long, default_value = "suffix")]
        placement: String,
        /// Where the machine-readable label travels: `both` or `headers`.
        #[arg(long, default_value = "both")]
        envelope: String,
    },
    /// Print the public half of the key that signs labels (SM2), which is made the first time.
    Label,
}

pub(crate) fn run(config: &Config, command: &Keys, as_json: bool) -> anyhow::Result<Finding> {
    let Keys::Create { name, end_user, placement, envelope } = command else {
        return label(config, as_json);
    };
    let no = |what: &str, word: &str| Misuse(format!("--{what}: `{word}` is not one of its words"));
    let request = KeyRequest {
        name: name.clone(),
        end_user: EndUserRule::from_word(end_user).ok_or_else(|| no("end-user", end_user))?,
        placement: Placement::from_word(placement).ok_or_else(|| no("placement", placement))?,
        envelope: Envelope::from_word(envelope).ok_or_else(|| no("envelope", envelope))?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let key = runtime.block_on(async {
        let url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.bind));
        // Taking the data folder makes sure that no running service misses the new key.
        let opened = server::open(config, &url, Vec::new(), Use::Serve).await?;
        anyhow::Ok(opened.operations.key_create_on_machine(request).await?)
    })?;
    if as_json {
        output::json(&json!({ "key_id": key.key_id.to_string(), "key": key.secret }));
    } else {
        output::line(&key.secret);
    }
    Ok(Finding::Fine)
}

/// Whoever checks our labels pins this half.
fn label(config: &Config, as_json: bool) -> anyhow::Result<Finding> {
    let public = server::label_key(config, &OsEntropy)?.verifying_key().to_spki_hex();
    if as_json {
        output::json(&json!({ "algorithm": "SM3withSM2", "spki": public }));
    } else {
        output::line(&public);
    }
    Ok(Finding::Fine)
}
