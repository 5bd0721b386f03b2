//! What marks other than the label say about how a thing was made. They prove nothing by themselves.

/// One such mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it says.
    pub kind: HintKind,
    /// Where it stands: `XMP Iptc4xmpExt:DigitalSourceType`, `PNG tEXt parameters`.
    pub place: &'static str,
    /// Its text, cut to [`Hint::TEXT_CHARS_MAX`] characters.
    pub text: String,
}

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HintKind {
    /// The IPTC's term for what a model made, or made with something else.
    DigitalSource,
    /// The name of a generator, as the tool that made the file.
    Generator,
    /// The settings of a generator, its prompt among them.
    Settings,
    /// Content Credentials (C2PA) are there; whether they hold is not looked at here.
    ContentCredentials,
    /// A label of another scheme.
    OtherLabel,
}

impl HintKind {
    /// The word for it in machine-readable reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DigitalSource => "digital_source",
            Self::Generator => "generator",
            Self::Settings => "settings",
            Self::ContentCredentials => "content_credentials",
            Self::OtherLabel => "other_label",
        }
    }
}

impl Hint {
    /// How much of a mark's text is kept, in characters.
    pub const TEXT_CHARS_MAX: usize = 256;

    /// A mark with so much of its text as is kept.
    #[must_use]
    pub fn new(kind: HintKind, place: &'static str, text: &str) -> Self {
        Self { kind, place, text: text.chars().take(Self::TEXT_CHARS_MAX).collect() }
    }
}
