//! `cinnabar label` and `cinnabar verify`: files of every medium, one by one or a folder of them.

mod files;

mod labelling;

mod verifying;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Value, json};
use server::{Config, ConfigError, OsEntropy};
use terms::ProduceId;

use crate::{Finding, output, output::Misuse};
use labelling::{Job, Labelled};

pub(crate) use verifying::{VerifyArgs, verify};

#[derive(Debug, clap::Args)]
pub(crate) struct LabelArgs {
    /// The file, or a folder: then each file in it and below.
    path: PathBuf,
    /// Your 27-character provider code, as who generated it.
    #[arg(long, value_name = "CODE", required_unless_present = "propagate", conflicts_with = "propagate")]
    provider: Option<String>,
    /// The content's number; made anew where it is not given.
    #[arg(long, value_name = "ID", conflicts_with = "propagate")]
    produce_id: Option<ProduceId>,
    /// Where to write, a file or a folder; over what is read where it is not given.
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The words on pictures and video.
    #[arg(long, default_value = "AI生成", value_name = "TEXT")]
    wording: String,
    /// Where they stand: `top-left`, `top`, `top-right`, `bottom-left`, `bottom` or `bottom-right`.
    #[arg(long, default_value = "bottom-right")]
    place: String,
    /// Show `AI` as a mark of its own beside the words.
    #[arg(long)]
    tile: bool,
    /// How sound says so: `rhythm` (short, long, short, short), or spoken in `zh` or `en`.
    #[arg(long, default_value = "rhythm")]
    voice: String,
    /// When sound says so: `start`, `middle`, `end`; may be given several times.
    #[arg(long, default_value = "start", value_name = "WHEN")]
    moment: Vec<String>,
    /// Sign the hidden label (SM3withSM2, TC260-PG-202511A) with the key of the key folder, whose public half `keys label` prints.
    #[arg(long, conflicts_with = "propagate")]
    sign: bool,
    /// Write the hidden label alone: for files that show the visible one already.
    #[arg(long)]
    hidden_only: bool,
    /// Pass files on as a platform: fill in the propagator's fields by what is found, and take nothing out.
    #[arg(long, requires = "platform")]
    propagate: bool,
    /// The platform's 27-character code.
    #[arg(long, value_name = "CODE", requires = "propagate", conflicts_with = "provider")]
    platform: Option<String>,
    /// The platform's number for the file; made anew where it is not given.
    #[arg(long, value_name = "ID", requires = "propagate", conflicts_with = "provider")]
    propagate_id: Option<String>,
    /// Who uploaded it says that it was generated.
    #[arg(long, requires = "propagate", conflicts_with = "provider")]
    declared: bool,
}

pub(crate) fn label(
    args: &LabelArgs,
    config: impl FnOnce() -> Result<Config, ConfigError>,
    as_json: bool,
) -> anyhow::Result<Finding> {
    let key = if args.sign { Some(server::label_key(&config()?, &OsEntropy)?) } else { None };
    let job = Job::new(args, key)?;
    if !args.path.is_dir() {
        let labelled = label_file(&job, &args.path, args.output.as_deref().unwrap_or(&args.path))?;
        if as_json {
            output::json(&described(&args.path, &Ok(labelled)));
        } else {
            output::line(&format!("labelled `{}` as {}", args.path.display(), labelled.number));
        }
        return Ok(Finding::Fine);
    }
    if args.produce_id.is_some() || args.propagate_id.is_some() {
        bail!(Misuse("each file of a folder has a number of its own".to_owned()));
    }
    let output = args.output.as_deref().unwrap_or(&args.path);
    let files = files::below(&args.path)?;
    let bar = output::bar(files.len())?;
    let mut results = Vec::new();
    for file in files {
        bar.set_message(file.display().to_string());
        let result = label_file(&job, &args.path.join(&file), &output.join(&file));
        results.push((file, result));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    if as_json {
        output::json(&results.iter().map(|(file, result)| described(file, result)).collect());
    } else {
        for (file, result) in &results {
            if let Err(error) = result {
                output::line(&format!("not labelled: `{}`: {error:#}", file.display()));
            }
        }
        output::line(&format!("labelled {} of {} files", results.len() - failed, results.len()));
    }
    Ok(if failed == 0 { Finding::Fine } else { Finding::Negative })
}

fn label_file(job: &Job, from: &Path, to: &Path) -> anyhow::Result<Labelled> {
    let bytes = files::read(from)?;
    let labelled = job.label(&bytes, from)?;
    files::write_whole(to, &labelled.bytes)?;
    Ok(labelled)
}

fn described(file: &Path, result: &anyhow::Result<Labelled>) -> Value {
    let file = file.display().to_string();
    match result {
        Ok(labelled) => json!({ "file": file, labelled.number_key: labelled.number }),
        Err(error) => json!({ "file": file, "error": format!("{error:#}") }),
    }
}
