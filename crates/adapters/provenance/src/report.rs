//! What a manifest says, and whether it holds.
//!
//! Every list and every text in a report has a limit, since the manifest is foreign.

use serde::{Deserialize, Serialize};

use crate::protocol::{Disclosure, SoftBinding};

/// The verdict on an asset and what its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether there is a manifest and whether it holds.
    pub state: State,
    /// Where a manifest is said to lie, when there is none within. It is not fetched.
    pub elsewhere: Option<String>,
    /// What is known of the active manifest, where there is one that can be read.
    pub manifest: Option<Manifest>,
    /// What speaks against it: codes of the C2PA specification, with what the library says.
    pub findings: Vec<Finding>,
}

/// Whether there is a manifest and whether it holds. Trust is another question: [`Trust`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// None is there. That proves nothing.
    Absent,
    /// The asset is as it was signed, and the signature holds.
    Intact,
    /// The same, but the certificate has expired since, and no time stamp that can be trusted shows when it was signed.
    Expired,
    /// The asset or the manifest is not as it was signed.
    Tampered,
    /// The manifest breaks the rules of C2PA, so that nothing can be said.
    Faulty,
}

/// What is known of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its label.
    pub label: String,
    /// The title of the asset.
    pub title: Option<String>,
    /// The program that made the claim.
    pub generator: Option<String>,
    /// Who signed it.
    pub signer: Option<Signer>,
    /// Whether the signer is trusted here.
    pub trust: Trust,
    /// When it was signed.
    pub stamp: Stamp,
    /// How the asset came to be, as its first action that says so says it: the URI of a digital source type.
    pub source_type: Option<String>,
    /// What was done to it.
    pub actions: Vec<Action>,
    /// What it was made from.
    pub ingredients: Vec<Ingredient>,
    /// The facts of the latent disclosure.
    pub disclosure: Option<Disclosure>,
    /// The label of GB 45438 in JSON.
    pub gb_label: Option<String>,
    /// What finds the manifest again.
    pub soft_bindings: Vec<SoftBinding>,
}

/// Who signed, as the certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// The common name.
    pub name: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// The algorithm of the signature: `Es256`.
    pub algorithm: Option<String>,
    /// The serial number of the certificate.
    pub serial: Option<String>,
    /// From when the certificate is valid, RFC 3339.
    pub valid_from: Option<String>,
    /// Until when, RFC 3339.
    pub valid_until: Option<String>,
}

/// Whether the signer is trusted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// By an anchor of the operator's own; the generated one is among them.
    Own,
    /// By a configured public list.
    Listed,
    /// By none.
    Untrusted,
}

/// When it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Stamp {
    /// Nothing shows it.
    None,
    /// An authority's word that cannot be checked, or is not trusted here.
    Untrusted,
    /// The word of an authority that is trusted here.
    Trusted {
        /// The time, RFC 3339.
        time: String,
    },
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its name: `c2pa.created`.
    pub action: String,
    /// When, as the manifest says.
    pub when: Option<String>,
    /// By which program.
    pub agent: Option<String>,
    /// The URI of the digital source type.
    pub source_type: Option<String>,
}

/// Something that the asset was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingredient {
    /// Its title.
    pub title: Option<String>,
    /// Its media type.
    pub format: Option<String>,
    /// Its relation: `parentOf`, `componentOf`, `inputTo`.
    pub relation: String,
    /// What is said of its own manifest.
    pub state: State,
    /// The program that made that manifest.
    pub generator: Option<String>,
    /// Who signed it.
    pub signer: Option<String>,
    /// How it came to be, as that manifest says.
    pub source_type: Option<String>,
    /// How many ingredients it has itself.
    pub ingredients: u32,
}

/// Something that speaks against a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The code of the C2PA specification: `assertion.dataHash.mismatch`.
    pub code: String,
    /// What the library says.
    pub explanation: Option<String>,
}
