//! The manifests of the workspace, reduced to what the layer check reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use toml::{Table, Value};

/// Folders that hold crates, seen from the repository root; a folder named with `/*` holds one crate per child.
const CRATE_FOLDERS: [&str; 5] =
    ["crates/apps/*", "crates/operations", "crates/adapters/*", "crates/domain/*", "crates/dev/*"];

/// One crate, as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// The folder, relative to the repository root and with `/` between its parts.
    pub(crate) folder: String,
    /// The `[package] name`.
    pub(crate) name: String,
    /// Names under `[dependencies]`, `[build-dependencies]` and their `[target.*]` forms.
    pub(crate) dependencies: BTreeSet<String>,
    /// Names under `[dev-dependencies]`.
    pub(crate) test_dependencies: BTreeSet<String>,
    /// Dependencies that do not say `workspace = true`.
    pub(crate) own_versions: BTreeSet<String>,
    /// Whether `[lints] workspace = true` stands.
    pub(crate) has_workspace_lints: bool,
}

/// Reads every crate of the workspace, in the order of their folders.
pub(crate) fn read_workspace(root: &Path) -> Result<Vec<Package>> {
    let mut folders = Vec::new();
    for pattern in CRATE_FOLDERS {
        match pattern.strip_suffix("/*") {
            Some(parent) => folders.extend(children_with_manifest(root, parent)?),
            None => folders.push(pattern.to_owned()),
        }
    }
    let packages: Vec<Package> =
        folders.iter().map(|folder| read_package(root, folder)).collect::<Result<_>>()?;
    if packages.is_empty() {
        bail!("no crate found under `{}`", root.display());
    }
    Ok(packages)
}

fn children_with_manifest(root: &Path, parent: &str) -> Result<Vec<String>> {
    let folder = root.join(parent);
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading `{}`", folder.display()))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            found.insert(format!("{parent}/{}", entry.file_name().to_string_lossy()));
        }
    }
    Ok(found.into_iter().collect())
}

fn read_package(root: &Path, folder: &str) -> Result<Package> {
    let path: PathBuf = root.join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("reading `{}`", path.display()))?;
    parse(folder, &text).with_context(|| format!("parsing `{}`", path.display()))
}

/// Parses one manifest.
pub(crate) fn parse(folder: &str, text: &str) -> Result<Package> {
    let manifest: Table = text.parse()?;
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Value::as_str)
        .context("no `[package] name`")?;
    let mut package = Package {
        folder: folder.to_owned(),
        name: name.to_owned(),
        dependencies: BTreeSet::new(),
        test_dependencies: BTreeSet::new(),
        own_versions: BTreeSet::new(),
        has_workspace_lints: manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(Value::as_bool)
            .unwrap_or(false),
    };
    package.collect(&manifest);
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        for target in targets.values().filter_map(Value::as_table) {
            package.collect(target);
        }
    }
    Ok(package)
}

impl Package {
    /// Adds the dependency tables of the manifest itself or of one `[target.*]` table.
    fn collect(&mut self, tables: &Table) {
        for (key, is_test) in
            [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            let Some(table) = tables.get(key).and_then(Value::as_table) else { continue };
            for (name, requirement) in table {
                let names = if is_test { &mut self.test_dependencies } else { &mut self.dependencies };
                names.insert(name.clone());
                if requirement.get("workspace").and_then(Value::as_bool) != Some(true) {
                    self.own_versions.insert(name.clone());
                }
            }
        }
    }
}
