//! The binary `cinnabar`: the service and its tools.
//!
//! Exit codes: 0 done, 1 a negative finding (a text that is blocked, a proof that does not hold), 2 misuse, 3 failure.

mod commands;
mod output;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use commands::{
    check, keys, label_files, ledger_log, lexicon, operators, packs_rules, reference, safety_model, serve,
};

/// Cinnabar: what a provider of generative AI puts in front of its model.
#[derive(Debug, Parser)]
#[command(name = "cinnabar", version, about, arg_required_else_help = false)]
pub(crate) struct Cli {
    /// The configuration file. Without it `cinnabar.toml` is read where it exists; every key can be set as `CINNABAR_…`.
    #[arg(long, global = true, env = "CINNABAR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON for machines.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the service (the default).
    Serve,
    /// Check a text against the rules in force.
    Check(check::Args),
    /// Put the labels of GB 45438 on pictures, sound and texts, one file or a folder.
    Label(label_files::LabelArgs),
    /// Read the labels of files of every medium and say whether they conform.
    Verify(label_files::VerifyArgs),
    /// The public log: checkpoint, proofs, verification.
    #[command(subcommand)]
    Ledger(ledger_log::Ledger),
    /// Operators of the console.
    #[command(subcommand)]
    Operators(operators::Operators),
    /// Application keys.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The word lists: entries, proposals, versions, coverage.
    #[command(subcommand)]
    Lexicon(lexicon::Lexicon),
    /// The passage scorer: training it and measuring it on public data.
    #[command(subcommand)]
    Safety(safety_model::Safety),
    /// The rule packs: what the law asks and what this version does.
    #[command(subcommand)]
    Packs(packs_rules::Packs),
    /// Print the reference pages that `docs/reference` holds.
    #[command(hide = true)]
    Reference(reference::Args),
}

/// What a command found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Done, or all is well.
    Fine,
    /// A negative finding.
    Negative,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match run(&cli) {
        Ok(Finding::Fine) => ExitCode::SUCCESS,
        Ok(Finding::Negative) => ExitCode::from(1),
        Err(error) => {
            output::error(&error);
            let is_misuse =
                error.downcast_ref::<server::ConfigError>().is_some() || error.is::<output::Misuse>();
            ExitCode::from(if is_misuse { 2 } else { 3 })
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<Finding> {
    let config = || {
        let path = cli.config.clone().unwrap_or_else(|| PathBuf::from("cinnabar.toml"));
        server::Config::load(&path, cli.config.is_some(), std::env::vars())
    };
    match cli.command.as_ref().unwrap_or(&Command::Serve) {
        Command::Serve => serve::run(config()?),
        Command::Check(args) => check::run(&config()?, args, cli.json),
        Command::Label(args) => label_files::label(args, config, cli.json),
        Command::Verify(args) => label_files::verify(args, cli.json),
        Command::Ledger(command) => ledger_log::run(command, config, cli.json),
        Command::Operators(command) => operators::run(&config()?, command, cli.json),
        Command::Keys(command) => keys::run(&config()?, command, cli.json),
        Command::Lexicon(command) => lexicon::run(&config()?, command, cli.json),
        Command::Safety(command) => safety_model::run(command, cli.json),
        Command::Packs(command) => packs_rules::run(&config()?, command, cli.json),
        Command::Reference(args) => reference::run(args),
    }
}
