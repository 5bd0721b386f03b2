//! Chores of the repository, run as `cargo xtask <command>`.
//!
//! Nothing here is part of the product: `layers` holds the manifests against the picture in
//! `ARCHITECTURE.md`, `ci` runs what a change must pass before it is pushed, `generate` keeps the
//! generated reference pages equal to what the binary says about itself.

#![expect(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]
#![expect(clippy::print_stderr, reason = "a command-line tool complains on standard error")]

mod ci;
mod generate;
mod layers;
mod long;
mod manifest;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

const USAGE: &str = "\
usage: cargo xtask <command>

  layers             hold every manifest against the dependency rule
  ci                 format, clippy, layers, tests, licences, documentation, generated files
  generate           write docs/reference from the binary
  generate --check   say which generated page is stale, write nothing
  long streams [--count N] [--seed S]
                     fuzz N streams through the gateway's guard; resumes, and records in bench/results";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["layers"] => layers_command(),
        ["ci"] => repository_root().and_then(|root| ci::run(&root)),
        ["generate"] => repository_root().and_then(|root| generate::run(&root, generate::Mode::Write)),
        ["generate", "--check"] => {
            repository_root().and_then(|root| generate::run(&root, generate::Mode::Check))
        }
        ["long", rest @ ..] => repository_root().and_then(|root| long::run(&root, rest)),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(3)
        }
    }
}

/// Prints every broken rule; `Ok(true)` when there is none.
fn layers_command() -> Result<bool> {
    let packages = manifest::read_workspace(&repository_root()?)?;
    let violations = layers::check(&packages);
    for violation in &violations {
        println!("{violation}");
    }
    println!("layers: {} crates, {} violations", packages.len(), violations.len());
    Ok(violations.is_empty())
}

/// The folder that holds the workspace manifest.
fn repository_root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(3)
        .map(Path::to_path_buf)
        .context("crates/dev/xtask has moved: its great-grandparent is no longer the repository")
}
