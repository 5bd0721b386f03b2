//! What is asked of the worker, and what it answers.

use serde::{Deserialize, Serialize};

use crate::report::Report;

/// A request; the asset's bytes are the body of its frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// Who is there.
    About,
    /// What the manifest of the asset says, and whether it holds.
    Read {
        /// The media type of the asset: `image/jpeg`.
        format: String,
    },
    /// A manifest for the asset. The body is the asset, then the parent where there is one.
    Sign(Box<SignRequest>),
}

/// What a manifest is to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// The media type of the asset: `image/jpeg`.
    pub format: String,
    /// The title of the asset, where it has one that may be told.
    pub title: Option<String>,
    /// How the asset came to be.
    pub origin: Origin,
    /// What was given to be edited, where it lies beside the asset rather than in its manifest.
    pub parent: Option<Parent>,
    /// The facts of the latent disclosure.
    pub disclosure: Disclosure,
    /// The label of GB 45438 in JSON, as the file carries it.
    pub gb_label: Option<String>,
    /// What finds the manifest again when it was taken off: invisible marks and fingerprints.
    pub soft_bindings: Vec<SoftBinding>,
}

/// How an asset came to be. With it go the term of the IPTC's vocabulary and the action of C2PA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A model made it: `c2pa.created`, `trainedAlgorithmicMedia`.
    Generated,
    /// A model made it with or from what was not made by one: `c2pa.edited` of its parent, or `c2pa.created` where no
    /// parent is known; `compositeWithTrainedAlgorithmicMedia`.
    Composite,
}

impl Origin {
    /// The URI of the IPTC's digital source type.
    #[must_use]
    pub const fn source_type(self) -> &'static str {
        match self {
            Self::Generated => "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
            Self::Composite => {
                "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
            }
        }
    }
}

/// The asset that was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Its media type.
    pub format: String,
    /// Its length: the last bytes of the body.
    pub bytes: u64,
}

/// The five facts of the latent disclosure (California Business and Professions Code § 22757.3, SB 942 as amended by
/// SB 1000).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The name of the provider.
    pub provider: String,
    /// The name of the system.
    pub system: String,
    /// The version of the system.
    pub version: String,
    /// When the content was created or altered, RFC 3339.
    pub time: String,
    /// A number that is this content's alone.
    pub id: String,
    /// Whether it was created or altered.
    pub extent: Extent,
}

/// Whether the system made the whole or changed a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it.
    Created,
    /// A part of it.
    Altered,
}

/// A value by which an asset without its manifest can be found: `c2pa.soft-binding`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoftBinding {
    /// The algorithm, as the list of C2PA or a reversed domain name names it.
    pub alg: String,
    /// The value, in the form of the algorithm.
    pub value: String,
}

/// An answer; what was signed is the body of its frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// Who is there.
    About(About),
    /// What was read.
    Read(Box<Report>),
    /// What was signed, as it was read back.
    Signed(Box<Report>),
    /// Nothing was done.
    Refused(Refusal),
}

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The version of the worker.
    pub version: String,
    /// The media types that it signs.
    pub signs: Vec<String>,
    /// Whether the certificates are of its own making, and so trusted nowhere else.
    pub own_chain: bool,
    /// The anchor of its own certificates in PEM, for those who want to trust them.
    pub anchor: Option<String>,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Which kind of reason.
    pub code: RefusalCode,
    /// The reason, for a log.
    pub message: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// No manifest can be put into, or read from, files of this format.
    Format,
    /// The asset or what lies in it is larger than is taken.
    TooLarge,
    /// The asset, its manifest or the request is broken.
    Malformed,
    /// All slots are taken; another try may go.
    Busy,
    /// It took longer than is allowed.
    Timeout,
    /// The time stamp authority did not answer as it should.
    TimeStamp,
    /// What was signed does not read back as intact.
    NotReadBack,
    /// The library failed in itself. The worker goes on.
    Failed,
}
