//! The packs that are built into the program.

macro_rules! embed {
    ($pack:literal: $($path:literal,)+) => {
        &[$((
            $path,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../packs/", $pack, "/", $path)),
        )),+]
    };
}

const CN: &[(&str, &[u8])] = embed! { "cn":
    "pack.yaml",
    "parameters.yaml",
    "policy.yaml",
    "obligations/genai.yaml",
    "obligations/deep-synthesis.yaml",
    "obligations/algorithm.yaml",
    "obligations/labelling.yaml",
    "obligations/gb45438.yaml",
    "obligations/gbt45654.yaml",
    "obligations/personal-information.yaml",
    "obligations/anthropomorphic.yaml",
    "obligations/minors.yaml",
    "texts/labels.yaml",
    "texts/statements.yaml",
    "texts/notices.yaml",
    "texts/agreement.yaml",
    "calendars/cn-2025.yaml",
    "calendars/cn-2026.yaml",
    "lexicons/starter.csv",
    "lexicons/abuse.csv",
    "lexicons/advertising-law.csv",
    "lexicons/drugs.csv",
    "lexicons/fraud.csv",
    "lexicons/gambling.csv",
    "lexicons/pornography.csv",
    "lexicons/weapons-trade.csv",
    "patterns/jailbreak.yaml",
    "patterns/label-removal.yaml",
    "models/classifier.model",
};

/// The files of the `cn` pack: path inside the pack, content. What [`crate::Pack::load`] takes.
#[must_use]
pub fn embedded_cn() -> &'static [(&'static str, &'static [u8])] {
    CN
}
