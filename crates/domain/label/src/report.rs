//! What a foreign text carries, layer by layer: the report behind `cinnabar verify` and `/verify`.
//!
//! A report never says that something was made by a person: nothing found proves nothing.

use terms::ProduceId;

use crate::{AigcLabel, Conformance, Doubt, Reason, markdown, plain, text::VisibleLabel};

/// The largest text that is read. An answer has a few KB; this is a long book.
pub const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Markdown with front matter that holds a label.
    Markdown,
    /// The label alone, as JSON: copied from an answer's `aigc` extension.
    Envelope,
    /// Any other text.
    Plain,
}

impl TextKind {
    /// The word for it in machine-readable reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Envelope => "envelope",
            Self::Plain => "plain",
        }
    }
}

/// The visible mark of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisibleMark {
    /// Our own label, with the id in it unless somebody spoilt it.
    Own(Option<ProduceId>),
    /// The words of a label at the start or the end: somebody's.
    Words,
    /// The words of a label in the middle only: perhaps the subject of the text.
    WordsInside,
    /// None.
    Absent,
}

impl VisibleMark {
    /// The word for it in machine-readable reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Own(_) => "own",
            Self::Words => "words",
            Self::WordsInside => "words_inside",
            Self::Absent => "absent",
        }
    }
}

/// What a text carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextReport {
    /// What it is.
    pub kind: TextKind,
    /// The verdict on the hidden label.
    pub hidden: Conformance,
    /// The hidden label itself.
    pub label: Option<AigcLabel>,
    /// The verdict on the visible label.
    pub visible: Conformance,
    /// The visible label itself.
    pub mark: VisibleMark,
}

impl TextReport {
    /// The verdict on the text: that on the hidden label where there is one, else that on the visible one.
    ///
    /// A plain text has no place for a hidden label, so the visible one is enough.
    #[must_use]
    pub const fn verdict(&self) -> &Conformance {
        self.hidden.or(&self.visible)
    }

    /// Every fault of every layer.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.hidden.reasons().iter().chain(self.visible.reasons())
    }

    /// The numbers under which a ledger may know the text, the most trustworthy first. Not checked against any ledger.
    #[must_use]
    pub fn produce_ids(&self) -> Vec<ProduceId> {
        let hidden = self.label.as_ref().and_then(|label| label.produce_id().parse().ok());
        let visible = match self.mark {
            VisibleMark::Own(id) => id,
            VisibleMark::Words | VisibleMark::WordsInside | VisibleMark::Absent => None,
        };
        let mut ids: Vec<ProduceId> = hidden.into_iter().chain(visible).collect();
        ids.dedup();
        ids
    }

    fn doubtful(doubt: Doubt) -> Self {
        let verdict = Conformance::Inconclusive(doubt);
        Self {
            kind: TextKind::Plain,
            hidden: verdict.clone(),
            label: None,
            visible: verdict,
            mark: VisibleMark::Absent,
        }
    }
}

/// Reads the marks of a text, with the built-in template for our own visible label.
#[must_use]
pub fn verify_text(bytes: &[u8]) -> TextReport {
    verify(bytes, VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).ok().as_ref())
}

/// Reads the marks of a text, with `visible` as our own visible label.
#[must_use]
pub fn verify_text_with(bytes: &[u8], visible: &VisibleLabel) -> TextReport {
    verify(bytes, Some(visible))
}

fn verify(bytes: &[u8], visible: Option<&VisibleLabel>) -> TextReport {
    if bytes.len() > TEXT_BYTES_MAX {
        return TextReport::doubtful(Doubt::TooLong { bytes: bytes.len(), limit: TEXT_BYTES_MAX });
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return TextReport::doubtful(Doubt::NotUtf8(error.valid_up_to())),
    };
    if let Some(label) = envelope(text) {
        return TextReport {
            kind: TextKind::Envelope,
            hidden: label.conformance(),
            label: Some(label),
            visible: Conformance::NotFound,
            mark: VisibleMark::Absent,
        };
    }
    let markdown = markdown::read(text);
    let (kind, body) = match markdown.conformance {
        Conformance::NotFound => (TextKind::Plain, text),
        Conformance::Conforming | Conformance::NonConforming(_) | Conformance::Inconclusive(_) => {
            (TextKind::Markdown, markdown.body)
        }
    };
    let (visible, own) = match visible {
        Some(visible) => {
            let reading = plain::read(body, visible);
            (reading.conformance, reading.label)
        }
        None => (plain::words(body), None),
    };
    let mark = match (own, &visible) {
        (Some(found), _) => VisibleMark::Own(found.produce_id),
        (None, Conformance::Conforming) => VisibleMark::Words,
        (None, Conformance::Inconclusive(_)) => VisibleMark::WordsInside,
        (None, Conformance::NonConforming(_) | Conformance::NotFound) => VisibleMark::Absent,
    };
    TextReport { kind, hidden: markdown.conformance, label: markdown.label, visible, mark }
}

/// The label that is the whole text.
fn envelope(text: &str) -> Option<AigcLabel> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.starts_with('{') || start.starts_with("AIGC") { AigcLabel::parse(start).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ProviderCode;

    fn label(id: ProduceId) -> AigcLabel {
        AigcLabel::new(&ProviderCode::parse("001191110102MACQD9K64010000").unwrap(), &id)
    }

    #[test]
    fn a_labelled_file_names_its_id_in_both_layers() {
        let id = ProduceId::from_u128(7);
        let visible = VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).unwrap();
        let text = plain::write("# 答案\n", &visible, &id).unwrap();
        let document = markdown::write(&text, &label(id)).unwrap();
        let report = verify_text(document.as_bytes());
        assert_eq!(report.kind, TextKind::Markdown);
        assert_eq!(report.verdict(), &Conformance::Conforming);
        assert_eq!(report.mark, VisibleMark::Own(Some(id)));
        assert_eq!(report.produce_ids(), [id]);
        assert_eq!(verify_text_with(document.as_bytes(), &visible), report);
    }

    #[test]
    fn each_kind_gets_its_verdict() {
        let id = ProduceId::from_u128(7);
        let check = |bytes: &[u8], kind: TextKind, verdict: &str, mark: &str| {
            let report = verify_text(bytes);
            assert_eq!((report.kind, report.verdict().as_str(), report.mark.as_str()), (kind, verdict, mark));
        };
        check(label(id).to_json().as_bytes(), TextKind::Envelope, "conforming", "absent");
        check(b"{\"a\":1}", TextKind::Plain, "not_found", "absent");
        check("由AI生成".as_bytes(), TextKind::Plain, "conforming", "words");
        check(b"AIGC", TextKind::Plain, "not_found", "absent");
        check(b"x\xff", TextKind::Plain, "inconclusive", "absent");
        check(b"---\nAIGC:\n  Label: 1\n---\nx", TextKind::Markdown, "non_conforming", "absent");
        check(&vec![b'x'; TEXT_BYTES_MAX + 1], TextKind::Plain, "inconclusive", "absent");
        let trial = AigcLabel::new(&ProviderCode::trial(), &id).to_json();
        let report = verify_text(trial.as_bytes());
        assert!(report.reasons().eq([&Reason::Trial(crate::Field::ContentProducer)]));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(bytes: Vec<u8>, text in "(---\nAIGC:\n|  Label: |\"|'|\\{|生成|AI|\n){0,20}") {
            let _ = verify_text(&bytes);
            let report = verify_text(text.as_bytes());
            let _ = (report.verdict(), report.produce_ids());
        }
    }
}
