//! The generated pages of `docs/reference`, kept equal to what the binary says about itself.
//!
//! `cinnabar reference PAGE` prints one page. This command writes them, or in check mode names those that differ.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// What to do with the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write every page that differs.
    Write,
    /// Write nothing, name every page that differs.
    Check,
}

/// What the binary can print, and the file that holds it.
const PAGES: [(&str, &str); 3] =
    [("cli", "cli.md"), ("openapi", "openapi.json"), ("taxonomy", "taxonomy.md")];

/// Brings `docs/reference` up to date or says what is stale; `Ok(true)` when nothing is.
pub(crate) fn run(root: &Path, mode: Mode) -> Result<bool> {
    let folder = root.join("docs/reference");
    let mut fresh = true;
    for (page, file) in PAGES {
        let text = ask_binary(root, page)?;
        let path = folder.join(file);
        if fs::read_to_string(&path).is_ok_and(|on_disk| on_disk == text) {
            continue;
        }
        match mode {
            Mode::Check => {
                fresh = false;
                println!("docs/reference/{file} is stale: run `cargo xtask generate`");
            }
            Mode::Write => {
                fs::create_dir_all(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
                fs::write(&path, &text).with_context(|| format!("writing `{}`", path.display()))?;
                println!("docs/reference/{file} written");
            }
        }
    }
    Ok(fresh)
}

fn ask_binary(root: &Path, page: &str) -> Result<String> {
    // A caller that has just built the binary names it, and saves a second build.
    let mut command = match std::env::var_os("CINNABAR_BIN") {
        Some(binary) => Command::new(binary),
        None => {
            let mut cargo = Command::new("cargo");
            cargo.args(["run", "--quiet", "--package", "cli", "--"]);
            cargo
        }
    };
    let output = command
        .args(["reference", page])
        .current_dir(root)
        .output()
        .with_context(|| format!("starting `cinnabar reference {page}`"))?;
    if !output.status.success() {
        bail!("`cinnabar reference {page}` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`cinnabar reference {page}` printed something that is not UTF-8"))
}
