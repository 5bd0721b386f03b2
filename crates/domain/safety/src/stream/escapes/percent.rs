//! Percent-encoded UTF-8 (RFC 3986 §2.1).

use super::{Piece, Progress};

/// What an opened sequence, `%` and more, comes to.
pub(super) fn read(open: &[Piece]) -> Progress {
    let Some(newest) = open.last().map(|piece| piece.ch) else { return Progress::Not };
    match open.len() % 3 {
        1 if newest == '%' => return Progress::More,
        2 if newest.is_ascii_hexdigit() => return Progress::More,
        0 if newest.is_ascii_hexdigit() => {}
        _ => return Progress::Not,
    }
    let mut bytes = [0_u8; 4];
    let digit = |piece: Option<&Piece>| piece.and_then(|piece| piece.ch.to_digit(16)).unwrap_or(0);
    for (byte, triple) in bytes.iter_mut().zip(open.chunks(3)) {
        *byte = u8::try_from(digit(triple.get(1)) * 16 + digit(triple.get(2))).unwrap_or(0);
    }
    match std::str::from_utf8(bytes.get(..open.len() / 3).unwrap_or_default()) {
        Ok(text) => text.chars().next().map_or(Progress::Not, Progress::Is),
        Err(error) if error.error_len().is_none() => Progress::More,
        Err(_) => Progress::Not,
    }
}
