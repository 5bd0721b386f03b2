//! The dependency rule: `apps → operations → adapters → domain → terms`.
//!
//! A crate is justified by what it does not depend on, so the picture in `ARCHITECTURE.md` is held
//! against the manifests. The rule speaks about our own crates by their place in the tree, and about
//! the few foreign crates that belong to one of ours alone.

use std::collections::BTreeMap;
use std::fmt;

use crate::manifest::Package;

/// Where a crate stands. A crate may depend on crates of a lower layer; inside `App` on those that
/// stand later in [`APPS`]; inside `Domain` on nobody; on `Words` everybody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// `domain/terms`: the shared words.
    Words,
    /// `domain/*`: value in, value out.
    Domain,
    /// `adapters/*`: one outside thing each.
    Adapter,
    /// `operations`: one file per use case.
    Operation,
    /// `apps/*`: where people and programs come in.
    App(usize),
    /// `dev/*`: tools and test helpers; no shipped crate depends on them.
    Tool,
}

/// The applications from the top down; each may use those after it. Nothing uses the worker: its tree stays out of theirs.
const APPS: [&str; 6] = ["provenance-worker", "cli", "server", "gateway", "api", "portal"];

/// Foreign crates that only these crates of ours may use in shipped code.
const KEPT_IN: [(&str, &[&str]); 18] = [
    ("sqlx", &["store"]),
    ("object_store", &["blobs"]),
    ("hyper-rustls", &["upstream"]),
    ("rustls", &["upstream", "server"]),
    ("tokio-rustls", &["server"]),
    ("chacha20poly1305", &["vault"]),
    ("askama", &["portal"]),
    ("utoipa", &["api"]),
    ("c2pa", &["provenance-worker"]),
    ("ureq", &["provenance-worker"]),
    ("x509-parser", &["provenance-worker"]),
    ("clap", &["cli", "server", "provenance-worker"]),
    ("calamine", &["spreadsheet"]),
    ("rust_xlsxwriter", &["spreadsheet"]),
    ("zip", &["spreadsheet"]),
    ("image", &["media"]),
    ("ab_glyph", &["media"]),
    ("anyhow", &["cli", "server", "provenance-worker", "xtask"]),
];

/// Foreign crates that would bring a clock, disk, network, randomness or async into the domain.
const NOT_IN_DOMAIN: [&str; 11] = [
    "tokio",
    "tokio-util",
    "futures-util",
    "hyper",
    "hyper-util",
    "axum",
    "tower",
    "tower-http",
    "tracing",
    "getrandom",
    "rust-embed",
];

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    folder: String,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.folder, self.what)
    }
}

/// Every way in which these manifests break the picture.
pub(crate) fn check(packages: &[Package]) -> Vec<Violation> {
    let layers: BTreeMap<&str, Option<Layer>> =
        packages.iter().map(|package| (package.name.as_str(), layer_of(package))).collect();
    packages.iter().flat_map(|package| check_package(package, &layers)).collect()
}

fn check_package(package: &Package, layers: &BTreeMap<&str, Option<Layer>>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut complain = |what: String| found.push(Violation { folder: package.folder.clone(), what });

    if package.folder.rsplit('/').next() != Some(package.name.as_str()) {
        complain(format!("the crate is called `{}`, the folder is not", package.name));
    }
    if !package.has_workspace_lints {
        complain("no `[lints] workspace = true`".to_owned());
    }
    for name in &package.own_versions {
        complain(format!("`{name}` has a version of its own, write `workspace = true`"));
    }
    let Some(own) = layer_of(package) else {
        complain("stands in no layer: add it to the picture and to the layer check".to_owned());
        return found;
    };
    for (names, is_test) in [(&package.dependencies, false), (&package.test_dependencies, true)] {
        for name in names {
            match layers.get(name.as_str()) {
                Some(Some(other)) => {
                    if !may_use(own, *other, is_test) {
                        complain(format!("may not depend on `{name}`"));
                    }
                }
                Some(None) => {}
                None if is_test => {}
                None => {
                    if let Some(reason) = foreign_objection(package, own, name) {
                        complain(reason);
                    }
                }
            }
        }
    }
    found
}

fn layer_of(package: &Package) -> Option<Layer> {
    match package.folder.split('/').collect::<Vec<_>>().as_slice() {
        ["crates", "domain", "terms"] => Some(Layer::Words),
        ["crates", "domain", _] => Some(Layer::Domain),
        ["crates", "adapters", _] => Some(Layer::Adapter),
        ["crates", "operations"] => Some(Layer::Operation),
        ["crates", "apps", name] => APPS.iter().position(|app| app == name).map(Layer::App),
        ["crates", "dev", _] => Some(Layer::Tool),
        _ => None,
    }
}

/// Whether a crate of layer `own` may use one of layer `other`.
fn may_use(own: Layer, other: Layer, is_test: bool) -> bool {
    match (own, other) {
        // Tests above the domain may use the test kit; the tools themselves may use anything.
        (Layer::Words | Layer::Domain, Layer::Tool) => false,
        (_, Layer::Tool) => is_test,
        (Layer::Tool, _) => true,
        (Layer::App(own), Layer::App(other)) => own < other,
        (own, other) => other < own,
    }
}

fn foreign_objection(package: &Package, own: Layer, name: &str) -> Option<String> {
    if own <= Layer::Domain && NOT_IN_DOMAIN.contains(&name) {
        return Some(format!("`{name}` has no place in the domain: value in, value out"));
    }
    let (_, owners) = KEPT_IN.iter().find(|(kept, _)| *kept == name)?;
    (own != Layer::Tool && !owners.contains(&package.name.as_str()))
        .then(|| format!("`{name}` is used by {} alone", owners.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::manifest::{parse, read_workspace};
    use crate::repository_root;

    fn complaints(manifests: &[(&str, &str)]) -> Vec<String> {
        let packages: Vec<_> = manifests
            .iter()
            .map(|(folder, dependencies)| {
                let name = folder.rsplit('/').next().unwrap();
                let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{dependencies}");
                parse(folder, &text).unwrap()
            })
            .collect();
        check(&packages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn this_repository_keeps_its_layers() {
        let packages = read_workspace(&repository_root().unwrap()).unwrap();
        let found: Vec<String> = check(&packages).iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn dependencies_point_down() {
        assert_eq!(
            complaints(&[
                ("crates/domain/terms", ""),
                ("crates/domain/label", "[dependencies]\nterms.workspace = true"),
                ("crates/adapters/store", "[dependencies]\nlabel.workspace = true\nsqlx.workspace = true"),
                ("crates/operations", "[dependencies]\nstore.workspace = true"),
                ("crates/apps/portal", "[dependencies]\noperations.workspace = true"),
                ("crates/apps/cli", "[dependencies]\nportal.workspace = true"),
            ]),
            [""; 0]
        );
    }

    #[test]
    fn an_upward_or_sideways_dependency_is_named() {
        assert_eq!(
            complaints(&[
                ("crates/domain/terms", "[dependencies]\nlabel.workspace = true"),
                ("crates/domain/label", "[dev-dependencies]\nledger.workspace = true"),
                ("crates/domain/ledger", ""),
                ("crates/adapters/store", "[target.'cfg(unix)'.dependencies]\nvault.workspace = true"),
                ("crates/adapters/vault", ""),
                ("crates/apps/portal", "[dependencies]\ngateway.workspace = true"),
                ("crates/apps/gateway", ""),
            ]),
            [
                "crates/domain/terms: may not depend on `label`",
                "crates/domain/label: may not depend on `ledger`",
                "crates/adapters/store: may not depend on `vault`",
                "crates/apps/portal: may not depend on `gateway`",
            ]
        );
    }

    #[test]
    fn foreign_crates_stay_with_their_owner() {
        assert_eq!(
            complaints(&[
                ("crates/domain/ledger", "[dependencies]\ntokio.workspace = true"),
                (
                    "crates/apps/portal",
                    "[dependencies]\nsqlx.workspace = true\n[dev-dependencies]\nanyhow = \"1\""
                ),
            ]),
            [
                "crates/domain/ledger: `tokio` has no place in the domain: value in, value out",
                "crates/apps/portal: `anyhow` has a version of its own, write `workspace = true`",
                "crates/apps/portal: `sqlx` is used by store alone",
            ]
        );
    }
}
