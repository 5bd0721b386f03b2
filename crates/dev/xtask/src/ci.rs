//! What a change must pass before it is pushed, in the order in which it fails fastest.
//!
//! `./test` does more: it installs what a bare machine lacks and drives the built binary from outside.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{generate, layers, manifest};

/// Runs every step, all of them even after one failed; `Ok(true)` when none did.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let mut failed: Vec<&str> = Vec::new();
    let mut step = |name: &'static str, passed: bool| {
        if !passed {
            failed.push(name);
        }
    };
    step("format", cargo(root, &["fmt", "--all", "--check"])?);
    step("layers", hold_layers(root)?);
    step("clippy", cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?);
    step("tests", run_tests(root)?);
    step("generated files", generate::run(root, generate::Mode::Check)?);
    step("documentation", document(root)?);
    if has_cargo_command(root, "deny") {
        step(
            "licences",
            cargo(root, &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"])?,
        );
    } else {
        println!("skipped: cargo-deny is not installed");
    }
    if failed.is_empty() {
        println!("ci: passed");
    } else {
        println!("ci: failed: {}", failed.join(", "));
    }
    Ok(failed.is_empty())
}

fn hold_layers(root: &Path) -> Result<bool> {
    let violations = layers::check(&manifest::read_workspace(root)?);
    for violation in &violations {
        println!("{violation}");
    }
    Ok(violations.is_empty())
}

/// Nextest where it is installed, since it runs all binaries side by side; it leaves out doc tests.
fn run_tests(root: &Path) -> Result<bool> {
    if has_cargo_command(root, "nextest") {
        let unit = cargo(root, &["nextest", "run", "--workspace"])?;
        return Ok(cargo(root, &["test", "--workspace", "--doc"])? && unit);
    }
    cargo(root, &["test", "--workspace"])
}

fn document(root: &Path) -> Result<bool> {
    let status = Command::new("cargo")
        .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root)
        .status()
        .context("starting cargo doc")?;
    Ok(status.success())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<bool> {
    println!("$ cargo {}", arguments.join(" "));
    let status = Command::new("cargo")
        .args(arguments)
        .current_dir(root)
        .status()
        .with_context(|| format!("starting cargo {}", arguments.join(" ")))?;
    Ok(status.success())
}

fn has_cargo_command(root: &Path, name: &str) -> bool {
    Command::new("cargo")
        .args([name, "--version"])
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
