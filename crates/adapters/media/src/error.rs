//! Why a picture or a sound cannot be labelled.

/// Why a picture or a sound cannot be labelled. Nothing is to be delivered in its place without a label.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It is of no format that is known here, or not of the one it was said to be.
    #[error("the file is no {0}")]
    NotThis(&'static str),
    /// It is broken.
    #[error("decoding the {format}")]
    Decode {
        /// What it is.
        format: &'static str,
        /// What the codec says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It cannot be written again.
    #[error("encoding the {format}")]
    Encode {
        /// What it was to be.
        format: &'static str,
        /// What the codec says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is of a kind that is not labelled.
    #[error("{0} cannot be labelled")]
    Unsupported(&'static str),
    /// It would take too much memory.
    #[error("more than {limit} {what}")]
    Limit {
        /// Of what, in the plural.
        what: &'static str,
        /// How many are allowed.
        limit: u64,
    },
    /// The words have no room in it at a size that can be read.
    #[error(
        "a picture of {width}×{height} pixels has no room for the label, which needs {needed_width}×{needed_height}"
    )]
    TooSmall {
        /// Of the picture, as seen.
        width: u32,
        /// Of the picture, as seen.
        height: u32,
        /// Of the label with its margins.
        needed_width: u32,
        /// Of the label with its margins.
        needed_height: u32,
    },
}

impl MediaError {
    pub(crate) fn decode(
        format: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Decode { format, source: source.into() }
    }

    pub(crate) fn encode(
        format: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Encode { format, source: source.into() }
    }
}
