//! [`MediaMarks`]: what is put into a generated file before it leaves, with the adapters that decode, draw and encode.

use label::media::Format;
use media::{
    AudibleStyle, MediaError, PictureFormat, VisibleStyle, Wording, WordingError, label_picture, label_sound,
};
use operations::{MarkError, MarkFacts, Marked, MediaMarker, Visible, hidden};
use terms::Locale;

/// For readers of English: both elements of GB 45438-2025, and the words that they understand.
const BOTH_LANGUAGES: &str = "AI生成 · AI-generated";

/// Visible label, then hidden label and IPTC, read back. Every file that leaves the gateway goes through it.
#[derive(Debug, Clone)]
pub struct MediaMarks {
    both: VisibleStyle,
}

impl MediaMarks {
    /// The marks with the wordings that ship.
    ///
    /// # Errors
    /// [`WordingError`] where one of them lacks an element or a glyph, which a test rules out.
    pub fn new() -> Result<Self, WordingError> {
        Ok(Self { both: VisibleStyle { wording: Wording::new(BOTH_LANGUAGES)?, ..VisibleStyle::default() } })
    }

    /// The file with the label that people see or hear.
    fn with_visible(&self, format: Format, file: &[u8], locale: Locale) -> Result<Vec<u8>, MarkError> {
        let short = VisibleStyle::default();
        let labelled = match (PictureFormat::sniff(file), locale) {
            (Some(picture), Locale::ZhCn) => label_picture(file, picture, &short),
            (Some(picture), Locale::En) => match label_picture(file, picture, &self.both) {
                Err(MediaError::TooSmall { .. }) => label_picture(file, picture, &short),
                other => other,
            },
            (None, _) if format == Format::Wav => label_sound(file, &AudibleStyle::default()),
            (None, _) => return Err(MarkError::NoVisible(format)),
        };
        labelled.map_err(|error| MarkError::Unreadable(error.to_string()))
    }
}

impl MediaMarker for MediaMarks {
    fn mark(&self, file: &[u8], facts: &MarkFacts) -> Result<Marked, MarkError> {
        let format = Format::sniff(file).ok_or(MarkError::Format)?;
        let seen = match facts.visible {
            Visible::Put => Some(self.with_visible(format, file, facts.locale)?),
            Visible::Leave => None,
        };
        let bytes = hidden(format, seen.as_deref().unwrap_or(file), facts, Some(file))?;
        Ok(Marked { bytes, format, has_visible: seen.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use label::{AigcLabel, Conformance, ProviderCode, media::DigitalSource};
    use terms::{ProduceId, Timestamp};

    use super::*;

    /// A WAVE file of a second.
    fn wave() -> Vec<u8> {
        let data = [0_u8, 16].repeat(8000);
        let length = u32::try_from(data.len()).unwrap();
        let head = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data";
        [&b"RIFF"[..], &(length + 36).to_le_bytes(), head, &length.to_le_bytes(), &data].concat()
    }

    fn facts(number: u128, visible: Visible) -> MarkFacts {
        let provider = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
        let produce_id = ProduceId::from_u128(number);
        MarkFacts {
            label: AigcLabel::new(&provider, &produce_id),
            provider,
            produce_id,
            source: DigitalSource::TrainedAlgorithmicMedia,
            visible,
            locale: Locale::En,
            model: "m".into(),
            made_at: Timestamp::from_micros(0).unwrap(),
        }
    }

    #[test]
    fn sound_is_longer_by_its_label_and_carries_the_hidden_one_either_way() {
        let marks = MediaMarks::new().unwrap();
        let put = marks.mark(&wave(), &facts(7, Visible::Put)).unwrap();
        let left = marks.mark(&wave(), &facts(7, Visible::Leave)).unwrap();
        assert!(put.has_visible && !left.has_visible);
        assert!(put.bytes.len() > left.bytes.len() + 8000);
        for marked in [put, left] {
            let report = label::media::report(marked.format, &marked.bytes);
            assert_eq!(report.hidden, Conformance::Conforming);
            assert_eq!(report.label.unwrap().produce_id(), ProduceId::from_u128(7).to_string());
        }
        assert!(matches!(marks.mark(b"no file", &facts(7, Visible::Put)), Err(MarkError::Format)));
    }

    #[test]
    fn a_label_that_came_with_a_file_is_kept_and_passed_on() {
        let marks = MediaMarks::new().unwrap();
        let theirs = marks.mark(&wave(), &facts(7, Visible::Leave)).unwrap();
        let passed = marks.mark(&theirs.bytes, &facts(8, Visible::Put)).unwrap();
        let label = label::media::report(passed.format, &passed.bytes).label.unwrap();
        assert_eq!(label.produce_id(), ProduceId::from_u128(7).to_string());
        assert_eq!(label.get(label::Field::PropagateId), ProduceId::from_u128(8).to_string());
    }
}
