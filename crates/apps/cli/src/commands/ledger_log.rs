//! `cinnabar ledger`: the public log, from files alone or beside a service.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use blobs::FolderTiles;
use ledger::{VerifierKey, check_file};
use serde_json::json;
use server::{Config, ConfigError, Use};
use terms::ProduceId;

use crate::{Finding, output, output::Misuse};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Ledger {
    /// Print the signed checkpoint.
    Checkpoint,
    /// Write the proof file of a generation.
    Prove {
        /// The number on the label.
        produce_id: ProduceId,
        /// Where to write; standard output where it is not given.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check a proof file, or a whole log in a folder. Needs no server: the log's public key is enough.
    Verify {
        /// The proof file.
        #[arg(long, value_name = "FILE", required_unless_present = "log")]
        proof: Option<PathBuf>,
        /// A folder with a published log: `checkpoint` and `tile/…`.
        #[arg(long, value_name = "FOLDER", conflicts_with = "proof")]
        log: Option<PathBuf>,
        /// The log's public key, `name+id+base64`, or a file that holds it.
        #[arg(long, value_name = "KEY")]
        key: String,
        /// The text as it was delivered, label included: whether the entry is about it.
        #[arg(long, value_name = "FILE", requires = "proof")]
        content: Option<PathBuf>,
    },
}

pub(crate) fn run(
    command: &Ledger,
    config: impl Fn() -> Result<Config, ConfigError>,
    as_json: bool,
) -> anyhow::Result<Finding> {
    match command {
        Ledger::Checkpoint => {
            let path = config()?.data.join("ledger").join("checkpoint");
            let note =
                std::fs::read_to_string(&path).with_context(|| format!("reading `{}`", path.display()))?;
            if as_json {
                output::json(&json!({ "checkpoint": note }));
            } else {
                output::line(note.trim_end());
            }
            Ok(Finding::Fine)
        }
        Ledger::Prove { produce_id, output: to } => prove(&config()?, *produce_id, to.as_deref()),
        Ledger::Verify { proof, log, key, content } => {
            let key = verifier_key(key)?;
            match (proof, log) {
                (Some(proof), _) => verify_proof(proof, &key, content.as_deref(), as_json),
                (None, Some(log)) => verify_log(log, &key, as_json),
                (None, None) => Err(Misuse("give --proof or --log".to_owned()).into()),
            }
        }
    }
}

fn verifier_key(key: &str) -> anyhow::Result<VerifierKey> {
    let text = if Path::new(key).is_file() {
        std::fs::read_to_string(key).with_context(|| format!("reading `{key}`"))?
    } else {
        key.to_owned()
    };
    text.trim().parse().map_err(|error| Misuse(format!("--key: {error}")).into())
}

fn prove(config: &Config, produce_id: ProduceId, to: Option<&Path>) -> anyhow::Result<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let proof = runtime.block_on(async {
        let url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.bind));
        let opened = server::open(config, &url, Vec::new(), Use::Beside).await?;
        anyhow::Ok(opened.operations.proof(produce_id).await?)
    })?;
    let Some(proof) = proof else {
        output::line(&format!("no record with a proof for {produce_id}"));
        return Ok(Finding::Negative);
    };
    match to {
        Some(path) => std::fs::write(path, proof).with_context(|| format!("writing `{}`", path.display()))?,
        None => output::line(String::from_utf8_lossy(&proof).trim_end()),
    }
    Ok(Finding::Fine)
}

/// Largest file that is read: a proof and a checkpoint are far smaller, a delivered text is too.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads a file that anybody may have written.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let reading = || format!("reading `{}`", path.display());
    let file = std::fs::File::open(path).with_context(reading)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(reading)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= FILE_BYTES_MAX) {
        return Ok(bytes);
    }
    anyhow::bail!("`{}` has more than {FILE_BYTES_MAX} bytes", path.display())
}

fn verify_proof(
    path: &Path,
    key: &VerifierKey,
    content: Option<&Path>,
    as_json: bool,
) -> anyhow::Result<Finding> {
    let bytes = read(path)?;
    let content = content.map(read).transpose()?;
    let checked = check_file(&bytes, key, content.as_deref());
    match &checked {
        Ok(report) if as_json => output::json(&json!({
            "verified": true,
            "origin": report.origin,
            "index": report.index,
            "tree_size": report.size,
            "event": report.entry.event.as_str(),
            "time": report.entry.time.to_string(),
            "produce_id": report.opening.as_ref().map(|opening| opening.produce_id.to_string()),
            "model": report.opening.as_ref().map(|opening| &opening.model),
            "content": report.content.as_ref().map(|content| json!({ "choice": content.choice, "channel": content.channel })),
        })),
        Ok(report) => {
            output::line(&format!(
                "VERIFIED: entry {} of {} in the log `{}`",
                report.index, report.size, report.origin
            ));
            output::line(&format!("  event       {}", report.entry.event.as_str()));
            output::line(&format!("  time        {}", report.entry.time));
            if let Some(opening) = &report.opening {
                output::line(&format!(
                    "  produce id  {}   (the provider's word until the text is checked)",
                    opening.produce_id
                ));
                output::line(&format!("  model       {}   (the provider's word)", opening.model));
            }
            match &report.content {
                Some(found) => output::line(&format!(
                    "  text        is the one of choice {}, {}",
                    found.choice, found.channel
                )),
                None => output::line("  text        not checked: give it with --content FILE"),
            }
        }
        Err(error) if as_json => output::json(&json!({ "verified": false, "reason": chain(error) })),
        Err(error) => output::line(&format!("NOT VERIFIED: {}", chain(error))),
    }
    Ok(if checked.is_ok() { Finding::Fine } else { Finding::Negative })
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn verify_log(folder: &Path, key: &VerifierKey, as_json: bool) -> anyhow::Result<Finding> {
    let note = read(&folder.join("checkpoint"))?;
    let checked = ledger::verify_log(&FolderTiles::new(folder), &note, key)
        .map(|report| report.checkpoint)
        .map_err(|error| chain(&error));
    match &checked {
        Ok(checkpoint) if as_json => output::json(&json!({
            "verified": true, "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.to_string(),
        })),
        Ok(checkpoint) => output::line(&format!(
            "VERIFIED: all {} entries of the log `{}`, root {}",
            checkpoint.size, checkpoint.origin, checkpoint.root
        )),
        Err(reason) if as_json => output::json(&json!({ "verified": false, "reason": reason })),
        Err(reason) => output::line(&format!("NOT VERIFIED: {reason}")),
    }
    Ok(if checked.is_ok() { Finding::Fine } else { Finding::Negative })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_an_end_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endless");
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("more than"));
        std::fs::write(&path, "short").unwrap();
        assert_eq!(read(&path).unwrap(), b"short");
    }
}
