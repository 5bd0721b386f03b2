//! EXIF: a label in `UserComment` (TC260-PG-20259A, annex B), and what other makers write into text fields.
//!
//! Cameras and editors leave EXIF in every state of repair: what cannot be read in it is passed over, so that a bad
//! maker note does not hide a good label elsewhere in the file.

use super::{
    Edits, Hint, HintKind, Marks, generators,
    ifd::{Directory, Entry, Layout},
};

const IMAGE_DESCRIPTION: u16 = 0x010E;
const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const SOFTWARE: u16 = 0x0131;
const ARTIST: u16 = 0x013B;
const EXIF_DIRECTORY: u16 = 0x8769;
const USER_COMMENT: u16 = 0x9286;
/// The character code before a comment (EXIF 2.3, 4.6.5).
const CODE_BYTES: usize = 8;

/// The longest text that is read. A prompt with its workflow has 100 KB.
const VALUE_BYTES_MAX: usize = 1 << 20;

/// What a block of EXIF says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Exif {
    pub(super) labels: Vec<Label>,
    pub(super) hints: Vec<Hint>,
}

/// A label in EXIF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) place: &'static str,
    pub(super) text: String,
    entry: Entry,
}

impl Exif {
    /// Reads a block, from its order of bytes on.
    pub(super) fn read(block: &[u8]) -> Self {
        let mut read = Self::default();
        let Some((layout, first)) = Layout::of(block) else { return read };
        let Ok(main) = layout.directory(block, first) else { return read };
        read.directory(block, layout, &main);
        let inner = main.entry(EXIF_DIRECTORY).and_then(|entry| layout.place_in(block, entry));
        if let Some(Ok(inner)) = inner.map(|at| layout.directory(block, at)) {
            read.directory(block, layout, &inner);
        }
        read
    }

    fn directory(&mut self, block: &[u8], layout: Layout, directory: &Directory) {
        let value = |entry: &Entry| entry.value.clone().filter(|value| value.len() <= VALUE_BYTES_MAX);
        let values = |tag| directory.entry(tag).and_then(|entry| Some((entry, block.get(value(entry)?)?)));
        if let Some((entry, value)) = values(IMAGE_DESCRIPTION) {
            self.text("EXIF ImageDescription", &plain_text(value), entry);
        }
        if let Some((entry, value)) = values(USER_COMMENT) {
            self.text("EXIF UserComment", &comment_text(value, layout), entry);
        }
        for (_, value) in [MAKE, MODEL, SOFTWARE, ARTIST].into_iter().filter_map(values) {
            let text = plain_text(value);
            if generators::named(&text).is_some() {
                self.hints.push(Hint::new(HintKind::Generator, "EXIF maker or software", &text));
            }
        }
    }

    fn text(&mut self, place: &'static str, text: &str, entry: &Entry) {
        if is_meant_as_label(text) {
            self.labels.push(Label { place, text: text.to_owned(), entry: entry.clone() });
        } else if text.contains("\"ServiceProvider\"") && text.contains("\"ServiceUser\"") {
            // Tencent Cloud's own form, which has none of the standard's fields.
            self.hints.push(Hint::new(HintKind::OtherLabel, place, text));
        } else if generators::are_settings(text) {
            self.hints.push(Hint::new(HintKind::Settings, place, text));
        } else if generators::named(text).is_some() {
            self.hints.push(Hint::new(HintKind::Generator, place, text));
        }
    }

    /// The edits of the block that put another label in the place of its only one.
    pub(super) fn replace(&self, block: &[u8], marks: &Marks<'_>) -> Option<Edits> {
        let (layout, _) = Layout::of(block)?;
        let [label] = self.labels.as_slice() else { return None };
        let json = marks.label.to_json();
        if label.text.contains(&json) {
            return Some(Edits::none());
        }
        let wrapped = format!("{{\"AIGC\":{json}}}");
        let value = if label.entry.tag == USER_COMMENT {
            let mut value = b"ASCII\0\0\0".to_vec();
            value.extend(wrapped.bytes());
            value
        } else {
            let mut value = wrapped.into_bytes();
            value.push(0);
            value
        };
        layout.set(block, &label.entry, &value)
    }
}

/// Whether a text in a field that is not the label's own is meant as one.
pub(super) fn is_meant_as_label(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
    let is_bare = |rest: &str| rest.trim_start_matches([':', '=', ' ']).starts_with('{');
    text.strip_prefix("AIGC").is_some_and(is_bare)
        || text.starts_with('{')
            && (text.contains("\"AIGC\"")
                || text.contains("\"ContentProducer\"") && text.contains("\"Label\""))
}

/// Text as it stands in fields that have no code for it: UTF-8 where it is that, else one byte a character.
pub(super) fn plain_text(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.trim_end_matches('\0').to_owned(),
        Err(_) => {
            value.iter().map(|&byte| char::from(byte)).collect::<String>().trim_end_matches('\0').to_owned()
        }
    }
}

fn comment_text(value: &[u8], layout: Layout) -> String {
    match value.split_at_checked(CODE_BYTES) {
        Some((b"UNICODE\0", text)) => wide_text(text, layout),
        Some((b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | b"\0\0\0\0\0\0\0\0", text)) => plain_text(text),
        _ => plain_text(value),
    }
}

/// UTF-16 in the order that a mark says, or in which it has more characters of ASCII: programs disagree whether the
/// order of the block holds here.
fn wide_text(text: &[u8], layout: Layout) -> String {
    let (pairs, _) = text.as_chunks::<2>();
    let zeros = |index: usize| pairs.iter().filter(|pair| pair.get(index) == Some(&0)).count();
    let is_little = match pairs.first() {
        Some([0xFF, 0xFE]) => true,
        Some([0xFE, 0xFF]) => false,
        _ if zeros(0) == zeros(1) => layout.is_little(),
        _ => zeros(1) > zeros(0),
    };
    let units = pairs
        .iter()
        .map(|pair| if is_little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
    let text: String =
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_matches(['\u{feff}', '\0']).to_owned()
}

/// A block as a camera or an editor writes it, without anything that says how it was made.
#[cfg(test)]
pub(super) fn sample() -> Vec<u8> {
    block(
        &[(SOFTWARE, b"GIMP 2.10\0"), (0x0132, b"2025:09:01 00:00:00\0")],
        &[(0x9003, b"2025:09:01 00:00:00\0")],
    )
}

/// A block of text fields, longer than four bytes, in the first directory and in that of EXIF.
#[cfg(test)]
pub(super) fn block(first: &[(u16, &[u8])], inner: &[(u16, &[u8])]) -> Vec<u8> {
    fn directory(at: usize, fields: &[(u16, &[u8])], pointer: bool) -> Vec<u8> {
        let count = fields.len() + usize::from(pointer);
        let mut data_at = at + 2 + count * 12 + 4;
        let (mut entries, mut data) = (u16::try_from(count).unwrap().to_le_bytes().to_vec(), Vec::new());
        let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
        for (tag, value) in fields {
            entries.extend(
                [&tag.to_le_bytes()[..], &2_u16.to_le_bytes(), &number(value.len()), &number(data_at)]
                    .concat(),
            );
            data.extend_from_slice(value);
            data_at += value.len();
        }
        if pointer {
            entries
                .extend([&EXIF_DIRECTORY.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &number(data_at)].concat());
        }
        [entries, vec![0; 4], data].concat()
    }
    let main = directory(8, first, true);
    let inner = directory(8 + main.len(), inner, false);
    [b"II\x2a\0\x08\0\0\0".to_vec(), main, inner].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Marks, tests::a_label};

    const LABEL: &[u8] =
        br#"{"AIGC":{"Label":"1","ContentProducer":"001191440300708461136T1308L","ProduceID":"x"}}"#;

    #[test]
    fn comments_are_read_in_every_code() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let text = std::str::from_utf8(LABEL).unwrap();
        for value in [
            [b"ASCII\0\0\0", LABEL].concat(),
            [b"UNICODE\0".to_vec(), wide(text)].concat(),
            [&[0; 8], LABEL].concat(),
            LABEL.to_vec(),
        ] {
            let read = Exif::read(&block(&[(SOFTWARE, b"camera\0")], &[(USER_COMMENT, &value)]));
            let [label] = read.labels.as_slice() else { panic!("{read:?}") };
            assert_eq!((label.place, label.text.as_str()), ("EXIF UserComment", text));
        }
    }

    #[test]
    fn a_label_is_replaced_and_leaves_no_trace() {
        let old = [b"ASCII\0\0\0", LABEL].concat();
        for inner in
            [&[(USER_COMMENT, old.as_slice())][..], &[(USER_COMMENT, old.as_slice()), (0x9290, b"12345\0")]]
        {
            let block = block(&[(SOFTWARE, b"camera\0")], inner);
            let label = a_label(7);
            let marks = Marks { label: &label, source: None };
            let new = Exif::read(&block).replace(&block, &marks).unwrap().apply(&block);
            let read = Exif::read(&new);
            assert_eq!(read.labels[0].text, format!("{{\"AIGC\":{}}}", label.to_json()));
            assert_eq!(memchr::memmem::find(&new, b"001191440300708461136T1308L"), None);
            assert_eq!(read.replace(&new, &marks), Some(Edits::none()));
        }
    }

    #[test]
    fn marks_of_other_makers_are_hints() {
        let check = |fields: &[(u16, &[u8])], inner: &[(u16, &[u8])], kinds: &[HintKind]| {
            let read = Exif::read(&block(fields, inner));
            assert_eq!(read.labels, []);
            assert_eq!(read.hints.iter().map(|hint| hint.kind).collect::<Vec<_>>(), kinds);
        };
        check(&[(SOFTWARE, b"NovelAI\0")], &[], &[HintKind::Generator]);
        check(&[(SOFTWARE, b"Adobe Photoshop 26.0\0")], &[], &[]);
        let tencent = br#"{"ServiceProvider":"a","ServiceUser":"b","Time":"c","ContentId":"d"}"#;
        check(&[(IMAGE_DESCRIPTION, tencent)], &[], &[HintKind::OtherLabel]);
        let settings = b"ASCII\0\0\0a cat\nSteps: 20, Sampler: Euler a";
        check(&[], &[(USER_COMMENT, settings)], &[HintKind::Settings]);
    }
}
