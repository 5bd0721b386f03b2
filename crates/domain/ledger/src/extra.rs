//! What a proof file carries beside the proof: the entry it is about, and what a person needs to recognise their text.
//!
//! The log does not sign this part. The entry is authenticated by the proof, and a text by its salt and the hash in the
//! entry; the ids in the [`Opening`] are the provider's word until the text itself, whose label holds the produce id,
//! has been checked.

use serde::{Deserialize, Serialize};
use terms::ProduceId;

use crate::{
    Entry, EntryError, Hash,
    entry::CONTENT_HASHES_MAX,
    hash::{from_hex, to_hex},
    salted_content_hash,
};

/// The longest extra data read: an entry, and the openings of all its hashes.
pub const EXTRA_BYTES_MAX: usize = 262_144;

/// The longest name of a model or a text channel.
const NAME_BYTES_MAX: usize = 256;

/// The extra data of our proof files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofExtra {
    /// The entry whose inclusion is proved.
    pub entry: Entry,
    /// What opens the entry's hashes, for the person it concerns.
    pub opening: Option<Opening>,
}

/// What was generated, and how to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The id in the label. Not proved by the proof.
    pub produce_id: ProduceId,
    /// The model that answered. Not proved by the proof.
    pub model: String,
    /// One opening for each text.
    pub contents: Vec<ContentOpening>,
}

/// The salt of one delivered text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentOpening {
    /// Which of the choices asked for.
    pub choice: u32,
    /// Which text channel: `content`, `reasoning_content`.
    pub channel: String,
    /// The salt: with it and the text, [`salted_content_hash`] gives a hash of the entry.
    #[serde(serialize_with = "print_salt", deserialize_with = "parse_salt")]
    pub salt: [u8; 32],
}

impl std::fmt::Debug for ContentOpening {
    // The salt opens the hash of a person's text, so it stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContentOpening")
            .field("choice", &self.choice)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// Extra data that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtraError {
    /// Over [`EXTRA_BYTES_MAX`].
    #[error("extra data of {0} bytes is over the limit of 262144")]
    TooLong(usize),
    /// Not the JSON expected, or not in its one spelling.
    #[error("not the extra data of a proof file: {0}")]
    Malformed(String),
    /// A version that this one does not know.
    #[error("extra data version `{0}` is unknown")]
    UnknownVersion(u8),
    /// The entry in it.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u8,
    entry: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opening: Option<Opening>,
}

impl ProofExtra {
    /// The version written here.
    const VERSION: u8 = 1;

    /// The canonical bytes.
    ///
    /// # Errors
    /// [`ExtraError`] where the entry cannot be written, a name is too long, or there are more openings than an entry
    /// has hashes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ExtraError> {
        if let Some(opening) = &self.opening {
            let named = opening.contents.iter().map(|content| &content.channel).chain([&opening.model]);
            if named.into_iter().any(|name| name.len() > NAME_BYTES_MAX) {
                return Err(ExtraError::Malformed("a name is longer than 256 bytes".to_owned()));
            }
            if opening.contents.len() > CONTENT_HASHES_MAX {
                return Err(ExtraError::Malformed("more than 256 contents".to_owned()));
            }
        }
        let wire = Wire { v: Self::VERSION, entry: self.entry.to_text()?, opening: self.opening.clone() };
        let bytes = serde_json::to_vec(&wire).map_err(|error| ExtraError::Malformed(error.to_string()))?;
        if bytes.len() > EXTRA_BYTES_MAX { Err(ExtraError::TooLong(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads canonical bytes, and nothing that would print otherwise.
    ///
    /// # Errors
    /// [`ExtraError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ExtraError> {
        if bytes.len() > EXTRA_BYTES_MAX {
            return Err(ExtraError::TooLong(bytes.len()));
        }
        let wire: Wire =
            serde_json::from_slice(bytes).map_err(|error| ExtraError::Malformed(error.to_string()))?;
        if wire.v != Self::VERSION {
            return Err(ExtraError::UnknownVersion(wire.v));
        }
        let extra = Self { entry: Entry::parse(wire.entry.as_bytes())?, opening: wire.opening };
        if extra.to_bytes()? == bytes {
            Ok(extra)
        } else {
            Err(ExtraError::Malformed("it is not in canonical form".to_owned()))
        }
    }

    /// The opening under which `text` is one of the texts that the entry has a hash of.
    #[must_use]
    pub fn find_content(&self, text: &[u8]) -> Option<&ContentOpening> {
        let contents = &self.opening.as_ref()?.contents;
        contents.iter().find(|content| {
            let hash: Hash = salted_content_hash(&content.salt, text);
            self.entry.content.contains(&hash)
        })
    }
}

fn print_salt<S: serde::Serializer>(salt: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_hex(salt))
}

fn parse_salt<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    from_hex(&text).ok_or_else(|| serde::de::Error::custom("a salt is 64 lower-case hexadecimal digits"))
}
