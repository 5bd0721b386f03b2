//! Plain text files: no place for a hidden label, so the visible one carries the duty (GB 45438-2025, 5.1).

use std::borrow::Cow;

use terms::ProduceId;

use crate::{
    Conformance, Doubt, Waiver,
    text::{Ending, FoundLabel, ShapeSniffer, VisibleLabel, contains_elements, has_elements_in_a_line},
};

/// What a plain text carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainReading<'t> {
    /// Our own label; the last where there are several.
    pub label: Option<FoundLabel>,
    /// The verdict on the visible label, ours or another's.
    pub conformance: Conformance,
    /// The text without our own labels.
    pub body: Cow<'t, str>,
}

/// Why a label cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// One of our own is there already.
    #[error("the text already has our label")]
    AlreadyLabelled,
    /// The text takes none inside.
    #[error("the text takes no label inside: `{}`", .0.as_str())]
    Waived(Waiver),
}

/// The text with the label as its last paragraph. An open code fence is closed first.
///
/// # Errors
/// [`PlainError`] for a text with our label, for JSON and code alone, and for a blank one.
pub fn write(text: &str, visible: &VisibleLabel, produce_id: &ProduceId) -> Result<String, PlainError> {
    if visible.find(text).is_some() {
        return Err(PlainError::AlreadyLabelled);
    }
    let mut sniffer = ShapeSniffer::new();
    sniffer.push(text);
    match sniffer.ending() {
        Ending::Waive(waiver) => Err(PlainError::Waived(waiver)),
        Ending::Label(closing) => Ok(format!("{text}{closing}{}", visible.render_suffix(produce_id))),
    }
}

/// Reads the visible label of a text.
#[must_use]
pub fn read<'t>(text: &'t str, visible: &VisibleLabel) -> PlainReading<'t> {
    let label = visible.find(text);
    let conformance = if label.is_some() { Conformance::Conforming } else { words(text) };
    PlainReading { label, conformance, body: visible.strip(text) }
}

/// The verdict on the words of anybody's label.
pub(crate) fn words(text: &str) -> Conformance {
    if contains_elements(text) {
        Conformance::Conforming
    } else if has_elements_in_a_line(text) {
        Conformance::Inconclusive(Doubt::WordsInside)
    } else {
        Conformance::NotFound
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn visible() -> VisibleLabel {
        VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).unwrap()
    }

    #[test]
    fn verdicts_are_four() {
        let filler = "很长的话。".repeat(40);
        let check = |text: &str, expected: Conformance| {
            assert_eq!(read(text, &visible()).conformance, expected, "{text}")
        };
        check("由AI生成", Conformance::Conforming);
        check(&format!("{filler}\n由AI生成\n{filler}"), Conformance::Inconclusive(Doubt::WordsInside));
        check(&format!("{filler}\n由AI\n{filler}\n生成\n{filler}"), Conformance::NotFound);
        check("", Conformance::NotFound);
    }

    #[test]
    fn what_takes_no_label_gets_none() {
        let id = ProduceId::from_u128(1);
        let check =
            |text: &str, waiver| assert_eq!(write(text, &visible(), &id), Err(PlainError::Waived(waiver)));
        check("{\"a\":1}", Waiver::Structured);
        check("```\nx\n```", Waiver::Structured);
        check("\n", Waiver::Empty);
        let once = write("答案", &visible(), &id).unwrap();
        assert_eq!(write(&once, &visible(), &id), Err(PlainError::AlreadyLabelled));
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(text: String, bits: u128) {
            let id = ProduceId::from_u128(bits);
            let Ok(written) = write(&text, &visible(), &id) else { return Ok(()) };
            let reading = read(&written, &visible());
            prop_assert_eq!(reading.label.and_then(|label| label.produce_id), Some(id));
            prop_assert_eq!(reading.conformance, Conformance::Conforming);
            prop_assert!(reading.body.starts_with(&text));
        }
    }
}
