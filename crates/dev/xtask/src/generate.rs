//! The generated pages of `docs/reference`, kept equal to what the binary says about itself.
//!
//! `cinnabar reference` prints every page, each after a line `<!-- page: NAME.md -->`. This command
//! writes them, or in check mode names those that differ.

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

const PAGE_START: &str = "<!-- page: ";
const PAGE_START_END: &str = " -->";

/// One generated page.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    name: String,
    text: String,
}

/// Brings `docs/reference` up to date or says what is stale; `Ok(true)` when nothing is.
pub(crate) fn run(root: &Path, mode: Mode) -> Result<bool> {
    let folder = root.join("docs/reference");
    let mut fresh = true;
    for page in split(&ask_binary(root)?)? {
        let path = folder.join(&page.name);
        let on_disk = fs::read_to_string(&path).unwrap_or_default();
        if on_disk == page.text {
            continue;
        }
        match mode {
            Mode::Check => {
                fresh = false;
                println!("docs/reference/{} is stale: run `cargo xtask generate`", page.name);
            }
            Mode::Write => {
                fs::create_dir_all(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
                fs::write(&path, &page.text).with_context(|| format!("writing `{}`", path.display()))?;
                println!("docs/reference/{} written", page.name);
            }
        }
    }
    Ok(fresh)
}

fn ask_binary(root: &Path) -> Result<String> {
    // A caller that has just built the binary names it, and saves a second build.
    let mut command = match std::env::var_os("CINNABAR_BIN") {
        Some(binary) => Command::new(binary),
        None => {
            let mut cargo = Command::new("cargo");
            cargo.args(["run", "--quiet", "--package", "cli", "--"]);
            cargo
        }
    };
    let output =
        command.arg("reference").current_dir(root).output().context("starting `cinnabar reference`")?;
    if !output.status.success() {
        bail!("`cinnabar reference` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("`cinnabar reference` printed something that is not UTF-8")
}

/// Splits what the binary printed into its pages.
fn split(printed: &str) -> Result<Vec<Page>> {
    let mut pages: Vec<Page> = Vec::new();
    for line in printed.split_inclusive('\n') {
        let name =
            line.trim_end().strip_prefix(PAGE_START).and_then(|rest| rest.strip_suffix(PAGE_START_END));
        match (name, pages.last_mut()) {
            (Some(name), _) => {
                if !name.ends_with(".md") || name.contains(['/', '\\']) {
                    bail!("`{name}` is not the name of a page in docs/reference");
                }
                pages.push(Page { name: name.to_owned(), text: String::new() });
            }
            (None, Some(page)) => page.text.push_str(line),
            (None, None) => bail!("`cinnabar reference` printed `{}` before its first page", line.trim_end()),
        }
    }
    if pages.is_empty() {
        bail!("`cinnabar reference` printed no page");
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::{Page, split};

    #[test]
    fn pages_are_split_at_their_marks() {
        let pages = split("<!-- page: a.md -->\n# A\n\ntext\n<!-- page: b.md -->\n# B\n").unwrap();
        let page = |name: &str, text: &str| Page { name: name.to_owned(), text: text.to_owned() };
        assert_eq!(pages, [page("a.md", "# A\n\ntext\n"), page("b.md", "# B\n")]);
    }

    #[test]
    fn a_page_outside_the_folder_is_refused() {
        assert!(split("<!-- page: ../README.md -->\n").is_err());
        assert!(split("stray\n<!-- page: a.md -->\n").is_err());
        assert!(split("").is_err());
    }
}
