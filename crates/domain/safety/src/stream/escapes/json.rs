//! The escape sequences of JSON strings (RFC 8259 §7).

use super::{Piece, Progress};

/// What an opened sequence, `\` and more, comes to.
pub(super) fn read(open: &[Piece]) -> Progress {
    let Some(newest) = open.last().map(|piece| piece.ch) else { return Progress::Not };
    match open.len() {
        2 => match newest {
            'u' => Progress::More,
            '"' | '\\' | '/' => Progress::Is(newest),
            'b' => Progress::Is('\u{8}'),
            'f' => Progress::Is('\u{C}'),
            'n' => Progress::Is('\n'),
            'r' => Progress::Is('\r'),
            't' => Progress::Is('\t'),
            _ => Progress::Not,
        },
        3..=5 if newest.is_ascii_hexdigit() => Progress::More,
        6 if newest.is_ascii_hexdigit() => {
            let digits = open.iter().skip(2).filter_map(|piece| piece.ch.to_digit(16));
            Progress::Unit(digits.fold(0, |unit, digit| unit * 16 + digit))
        }
        _ => Progress::Not,
    }
}
