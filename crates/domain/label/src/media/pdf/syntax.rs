//! The syntax of PDF objects (ISO 32000-2, 7.2 and 7.3), as much of it as it takes to find a value and its end.

use std::ops::Range;

use super::Broken;

/// Brackets within brackets. A page tree or an outline is flat; the standard's own limit of writers was 28.
const DEPTH_MAX: usize = 256;
/// Keys of one dictionary; the information dictionary has nine of its own.
const KEYS_MAX: usize = 4096;

/// One key of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Without its slash, with its escapes read.
    pub(super) key: Vec<u8>,
    /// From the slash of the key to the end of the value.
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

/// A dictionary, as places in the bytes that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dictionary {
    pub(super) entries: Vec<Entry>,
    pub(super) whole: Range<usize>,
}

impl Dictionary {
    /// Reads the dictionary that begins at `at`, white space before it aside.
    ///
    /// # Errors
    /// [`Broken`] where there is none or it does not end.
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, Broken> {
        let start = skip_space(bytes, at);
        if !bytes.get(start..).is_some_and(|rest| rest.starts_with(b"<<")) {
            return Err(Broken::Malformed { what: "no PDF dictionary", at: start });
        }
        let mut entries = Vec::new();
        let mut at = start.saturating_add(2);
        loop {
            at = skip_space(bytes, at);
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.starts_with(b">>") {
                return Ok(Self { entries, whole: start..at.saturating_add(2) });
            }
            if rest.is_empty() {
                return Err(Broken::Truncated { what: "a PDF dictionary", at: start });
            }
            if rest.first() != Some(&b'/') {
                return Err(Broken::Malformed { what: "no key in a PDF dictionary", at });
            }
            if entries.len() == KEYS_MAX {
                return Err(Broken::Limit { what: "keys of a PDF dictionary", limit: KEYS_MAX });
            }
            let name_end = run_end(bytes, at.saturating_add(1));
            let key = name(bytes.get(at.saturating_add(1)..name_end).unwrap_or_default());
            let value_start = skip_space(bytes, name_end);
            let value = value_start..value_end(bytes, value_start)?;
            entries.push(Entry { key, whole: at..value.end, value });
            at = entries.last().map_or(at, |entry| entry.value.end);
        }
    }

    /// The values of a key. There may be one; a second is a fault that is told.
    pub(super) fn values<'d>(&'d self, key: &'d [u8]) -> impl Iterator<Item = Range<usize>> + 'd {
        self.entries.iter().filter(move |entry| entry.key == key).map(|entry| entry.value.clone())
    }

    /// The text of the first value of a key, in the bytes that the dictionary was read from.
    pub(super) fn get<'b>(&self, bytes: &'b [u8], key: &[u8]) -> Option<&'b [u8]> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        bytes.get(entry.value.clone())
    }
}

/// Where the white space and comments that begin at `at` end.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let rest = bytes.get(at..).unwrap_or_default();
            at =
                at.saturating_add(rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len()));
        } else if is_space(byte) {
            at = at.saturating_add(1);
        } else {
            break;
        }
    }
    at
}

/// Where the value that begins at `start` ends.
///
/// # Errors
/// [`Broken`] where there is none, it does not end, or is nested too deeply.
pub(super) fn value_end(bytes: &[u8], start: usize) -> Result<usize, Broken> {
    let endless = || Broken::Truncated { what: "a PDF value", at: start };
    let mut open: Vec<u8> = Vec::new();
    let mut at = start;
    loop {
        at = skip_space(bytes, at);
        let rest = bytes.get(at..).unwrap_or_default();
        let length = match rest {
            [] => return Err(endless()),
            [b'<', b'<', ..] => {
                open.push(b'>');
                2
            }
            [b'>', b'>', ..] if open.last() == Some(&b'>') => {
                open.pop();
                2
            }
            [b'[', ..] => {
                open.push(b']');
                1
            }
            [b']', ..] if open.last() == Some(&b']') => {
                open.pop();
                1
            }
            [b'<', ..] => memchr::memchr(b'>', rest).ok_or_else(endless)?.saturating_add(1),
            [b'(', ..] => literal_length(rest).ok_or_else(endless)?,
            [b'/', ..] => run_end(rest, 1),
            [byte, ..] if is_regular(*byte) => match run_end(rest, 0) {
                // Within brackets the parts of a reference are as good as the whole.
                end if open.is_empty() => reference_end(rest).unwrap_or(end),
                end => end,
            },
            _ => return Err(Broken::Malformed { what: "no PDF value", at }),
        };
        at = at.saturating_add(length);
        if open.is_empty() {
            return Ok(at);
        }
        if open.len() > DEPTH_MAX {
            return Err(Broken::Limit { what: "PDF brackets within brackets", limit: DEPTH_MAX });
        }
    }
}

/// A whole number that is the whole text.
pub(super) fn integer(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.trim_start_matches('+').parse().ok()
}

/// The whole numbers of an array.
pub(super) fn integers(text: &[u8]) -> Option<Vec<usize>> {
    let inner = text.strip_prefix(b"[")?.strip_suffix(b"]")?;
    inner.split(|byte| is_space(*byte)).filter(|word| !word.is_empty()).map(integer).collect()
}

/// Number and generation of a reference that is the whole text.
pub(super) fn reference(text: &[u8]) -> Option<(usize, usize)> {
    let mut words = text.split(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    let found = (integer(words.next()?)?, integer(words.next()?)?);
    (words.next() == Some(b"R") && words.next().is_none()).then_some(found)
}

/// The characters of a string, literal or hexadecimal, as text (7.9.2.2).
pub(super) fn text_string(value: &[u8]) -> Option<String> {
    let bytes = match value.first()? {
        b'(' => unescape(value.get(1..value.len().checked_sub(1)?)?),
        b'<' if value.get(1) != Some(&b'<') => hexadecimal(value),
        _ => return None,
    };
    Some(match bytes.as_slice() {
        [0xfe, 0xff, rest @ ..] => {
            let units =
                rest.chunks(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // PDFDocEncoding is Latin-1 where labels have characters; some writers put UTF-8 without a mark.
        _ => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        },
    })
}

/// A string with that text: a literal for ASCII, else hexadecimal UTF-16.
pub(super) fn string_of(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        let mut out = Vec::with_capacity(text.len().saturating_add(16));
        out.push(b'(');
        for byte in text.bytes() {
            match byte {
                b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
                b'\r' => out.extend_from_slice(b"\\r"),
                byte => out.push(byte),
            }
        }
        out.push(b')');
        out
    } else {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
        format!("<{}>", hex::encode_upper(bytes)).into_bytes()
    }
}

fn name(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        let escaped =
            (first == b'#').then(|| after.get(..2).and_then(|digits| hex::decode(digits).ok())).flatten();
        match escaped.as_deref() {
            Some([byte]) => {
                out.push(*byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(first);
                rest = after;
            }
        }
    }
    out
}

/// The length of the reference that the bytes begin with.
fn reference_end(bytes: &[u8]) -> Option<usize> {
    let number_end = digits_end(bytes, 0)?;
    let generation = skip_space(bytes, number_end);
    let generation_end = digits_end(bytes, generation)?;
    let letter = skip_space(bytes, generation_end);
    let end = run_end(bytes, letter);
    (generation > number_end && bytes.get(letter..end) == Some(b"R")).then_some(end)
}

fn digits_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end = run_end(bytes, start);
    let run = bytes.get(start..end)?;
    (!run.is_empty() && run.iter().all(u8::is_ascii_digit)).then_some(end)
}

/// The length of the literal string that the bytes begin with, brackets within it counted.
fn literal_length(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut is_escaped) = (0_usize, false);
    let end = bytes.iter().position(|&byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => depth = depth.saturating_add(1),
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })?;
    Some(end.saturating_add(1))
}

/// Reads the escapes of a literal string, its brackets aside.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'\\' {
            out.push(first);
            continue;
        }
        let Some((&escaped, after)) = rest.split_first() else { break };
        rest = after;
        match escaped {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'\n' => {}
            b'\r' => rest = rest.strip_prefix(b"\n").unwrap_or(rest),
            b'0'..=b'7' => {
                let mut code = u32::from(escaped - b'0');
                for _ in 0..2 {
                    let Some((&digit @ b'0'..=b'7', after)) = rest.split_first() else { break };
                    code = code << 3 | u32::from(digit - b'0');
                    rest = after;
                }
                // High-order overflow is ignored (7.3.4.2).
                out.push(u8::try_from(code & 0xff).unwrap_or_default());
            }
            other => out.push(other),
        }
    }
    out
}

fn hexadecimal(value: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    if digits.len() % 2 == 1 {
        digits.push(b'0');
    }
    hex::decode(digits).unwrap_or_default()
}

/// Where the run of regular characters that begins at `start` ends.
pub(super) fn run_end(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start.saturating_add(rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len()))
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

const fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        let check = |text: &str, expected: &str| {
            let end = value_end(text.as_bytes(), 0).unwrap();
            assert_eq!(&text[..end], expected);
        };
        check("(a(b)\\)c) x", "(a(b)\\)c)");
        check("12 0 R /x", "12 0 R");
        check("12 0 /x", "12");
        check("<< /A [1 0 R <41> (])] /B<</C/D>> >>x", "<< /A [1 0 R <41> (])] /B<</C/D>> >>");
        check("/Name#20x(", "/Name#20x");
        check("% note\ntrue>>", "% note\ntrue");
        for broken in ["", "(a", "<<", "[1", "<41", ")", ">>", "]"] {
            assert!(value_end(broken.as_bytes(), 0).is_err(), "{broken}");
        }
        let deep = "[".repeat(DEPTH_MAX + 2);
        assert!(matches!(value_end(deep.as_bytes(), 0), Err(Broken::Limit { .. })));
    }

    #[test]
    fn dictionaries_keep_the_places_of_their_values() {
        let text = b" <</A#49GC (x)/AIGC 1 0 R % c\n/B<<>>>> ";
        let read = Dictionary::read(text, 0).unwrap();
        assert_eq!(read.values(b"AIGC").collect::<Vec<_>>(), [11..14, 20..25]);
        assert_eq!(read.get(text, b"B"), Some(&b"<<>>"[..]));
        assert!(Dictionary::read(b"<</A 1", 0).is_err());
        assert!(Dictionary::read(b"<<1 1>>", 0).is_err());
    }

    #[test]
    fn strings_are_read_and_written() {
        let check = |raw: &str, expected: &str| {
            assert_eq!(text_string(raw.as_bytes()).as_deref(), Some(expected), "{raw}");
        };
        check("(a\\(b\\051\\\\\\n\\\nc\\1012)", "a(b)\\\nc\u{41}2");
        check("<48 656C6c6>", "Hell`");
        check("<FEFF4E2D>", "中");
        check("(\u{feff}中)", "中");
        assert_eq!(text_string(b"<</A 1>>"), None);
        assert_eq!(text_string(b"(\xe9)").as_deref(), Some("é"));
        for text in ["{\"a\":\"(\\\\\\\")\"}", "中文", "\r\n", ""] {
            assert_eq!(text_string(&string_of(text)).as_deref(), Some(text));
        }
    }
}
