//! JSON string literals: find their end, decode them, write them.

use std::borrow::Cow;

use super::DocumentError;

/// Scans the literal whose opening quote is at `start`; gives the position past the closing quote and whether there
/// is a backslash in it.
pub(super) fn scan_literal(bytes: &[u8], start: usize) -> Result<(usize, bool), DocumentError> {
    let mut at = start + 1;
    let mut is_escaped = false;
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let run = plain_run(rest).map_err(|offset| syntax(at + offset, "an escaped control character"))?;
        at += run;
        match bytes.get(at) {
            Some(b'"') => return Ok((at + 1, is_escaped)),
            Some(b'\\') => {
                is_escaped = true;
                at = scan_escape(bytes, at)?;
            }
            _ => return Err(syntax(at, "a closing quote")),
        }
    }
}

/// How many bytes come before the next quote, backslash or end. `Err` is the offset of a control character.
///
/// Eight bytes at a time, since this loop sees nearly every byte of an answer. A borrow in the subtractions can only
/// mark a byte behind one that is marked rightly, and only the first mark counts.
fn plain_run(bytes: &[u8]) -> Result<usize, usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        let is_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
        let is_control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let marks = is_zero(word ^ (ONES * 0x22)) | is_zero(word ^ (ONES * 0x5c)) | is_control;
        if marks != 0 {
            at += marks.trailing_zeros() as usize / 8;
            break;
        }
        at += 8;
    }
    for byte in bytes.get(at..).unwrap_or(&[]) {
        match byte {
            b'"' | b'\\' => return Ok(at),
            0..=0x1f => return Err(at),
            _ => at += 1,
        }
    }
    Ok(at)
}

fn scan_escape(bytes: &[u8], at: usize) -> Result<usize, DocumentError> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let digits = bytes.get(at + 2..at + 6).unwrap_or(&[]);
            if digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit) {
                Ok(at + 6)
            } else {
                Err(syntax(at, "four hexadecimal digits"))
            }
        }
        _ => Err(syntax(at, "a known escape")),
    }
}

pub(super) fn syntax(at: usize, expected: &'static str) -> DocumentError {
    DocumentError::Syntax { at, expected }
}

/// Decodes the inside of a string literal that [`super::Document`] accepted.
///
/// A surrogate escape without its pair becomes U+FFFD, as every reader that must hand out valid text does.
#[must_use]
pub fn unescape(inner: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', inner.as_bytes()) else { return Cow::Borrowed(inner) };
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    let mut next = Some(first);
    while let Some(at) = next {
        let Some((plain, escape)) = rest.split_at_checked(at) else { break };
        text.push_str(plain);
        let used = decode_escape(escape, &mut text);
        rest = escape.get(used..).unwrap_or("");
        next = memchr::memchr(b'\\', rest.as_bytes());
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Decodes the escape at the start of `escape` and tells how many bytes it took.
fn decode_escape(escape: &str, text: &mut String) -> usize {
    let plain = match escape.as_bytes().get(1) {
        Some(b'u') => return decode_unicode(escape, text),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(other @ (b'"' | b'\\' | b'/')) => char::from(*other),
        _ => char::REPLACEMENT_CHARACTER,
    };
    text.push(plain);
    2
}

fn decode_unicode(escape: &str, text: &mut String) -> usize {
    let unit =
        |from: usize| escape.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(high) = unit(2) else {
        text.push(char::REPLACEMENT_CHARACTER);
        return 2;
    };
    if (0xd800..0xdc00).contains(&high)
        && escape.get(6..8) == Some("\\u")
        && let Some(low) = unit(8).filter(|low| (0xdc00..0xe000).contains(low))
    {
        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return 12;
    }
    text.push(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
    6
}

/// Appends `text` as a JSON string literal with its quotes.
///
/// Only what RFC 8259 demands is escaped; everything else is written as UTF-8.
pub fn write_escaped(text: &str, out: &mut Vec<u8>) {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    out.reserve(text.len() + 2);
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' => *byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..=0x1f => b'u',
            _ => continue,
        };
        out.extend_from_slice(bytes.get(written..at).unwrap_or(&[]));
        written = at + 1;
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out.extend_from_slice(bytes.get(written..).unwrap_or(&[]));
    out.push(b'"');
}
