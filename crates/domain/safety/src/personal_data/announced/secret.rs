//! Secrets: runs of printable characters behind the word that announces them.
//!
//! A run longer than [`PIECE`] is decided at that length and masked piece by piece from there, so that neither a long
//! token nor a private key has to be held to its end.

use super::Step;
use crate::personal_data::DataHit;
use crate::personal_data::words::{Class, KeyShape};
use crate::stream::{Cell, Cells};

/// How many characters are held at most before a run is decided.
pub(super) const PIECE: usize = 256;
/// How many characters a private key has at most: RSA of 16,384 bits has some 12,500.
pub(super) const PEM_CHARS_MAX: usize = 16_384;
/// The longest user, password and host.
const AUTHORITY_MAX: usize = 160;
/// The longest password; `PIECE` is for what programs make.
const PASSWORD_MAX: usize = 64;

/// A run of characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecretState {
    /// Where the run starts.
    first: usize,
    /// Where what is not decided yet starts.
    start: usize,
    /// Of an authority: behind the first colon, and the last `@` behind it; 0 for none.
    colon: usize,
    at: usize,
}

impl SecretState {
    pub(super) const fn new(start: usize) -> Self {
        Self { first: start, start, colon: 0, at: 0 }
    }

    pub(super) const fn pending(&self, class: Class) -> Option<usize> {
        match class {
            Class::Authority if self.colon == 0 => None,
            Class::Authority => Some(self.colon),
            _ => Some(self.start),
        }
    }

    pub(super) fn step(
        &mut self,
        class: Class,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) -> Step {
        let kind = class.kind();
        if let Some(c) = next
            && accepts(class, c)
            && !(class == Class::Pem && ends_pem(cells, now))
        {
            let length = now.saturating_add(1).saturating_sub(self.start);
            match class {
                Class::Authority => {
                    self.note(c, now);
                    return if length < AUTHORITY_MAX { Step::On } else { Step::Over };
                }
                Class::Pem if now.saturating_sub(self.first) >= PEM_CHARS_MAX => {}
                _ if length < PIECE => return Step::On,
                _ => {
                    let end = now.saturating_add(1);
                    if self.start == self.first && !is_secret(class, cells.range(self.start, end), None) {
                        return Step::Over;
                    }
                    hits.push(DataHit { kind, start: self.start, end, visible: (0, 0) });
                    self.start = end;
                    return Step::On;
                }
            }
        }
        if class == Class::Authority {
            if self.at > self.colon && self.colon > 0 {
                hits.push(DataHit { kind, start: self.colon, end: self.at, visible: (0, 0) });
            }
            return Step::Over;
        }
        let is_rest = self.start > self.first;
        // The first hyphen of `-----END` was taken before the second one told what it is.
        let end = if class == Class::Pem && cells.before(now) == '-' { now.saturating_sub(1) } else { now };
        let run = cells.range(self.start, end);
        if !run.is_empty() && (is_rest || is_secret(class, run, next)) {
            hits.push(DataHit { kind, start: self.start, end, visible: (0, 0) });
        }
        Step::Over
    }

    fn note(&mut self, c: char, now: usize) {
        if c == ':' && self.colon == 0 {
            self.colon = now.saturating_add(1);
        } else if c == '@' && self.colon > 0 {
            self.at = now;
        }
    }
}

/// Whether the run has `c` in it.
fn accepts(class: Class, c: char) -> bool {
    let joins = |more: &str| c.is_ascii_alphanumeric() || (c.is_ascii() && more.contains(c));
    match class {
        Class::Key(shape) => joins(if shape.joins { "_-" } else { "" }),
        Class::Jwt => joins("_-."),
        Class::Bearer => joins("._~+/=-"),
        Class::Pem => joins("+/=: \n\r\t\\,-"),
        Class::Authority => c.is_ascii_graphic() && !"/\"'`<>\\?#".contains(c),
        _ => c.is_ascii_graphic() && !"\"'`,;()<>[]{}\\".contains(c),
    }
}

/// The newest character is the second hyphen in a row: `-----END`.
fn ends_pem(cells: &Cells, now: usize) -> bool {
    cells.get(now).is_some_and(|cell| cell.ch == '-') && cells.before(now) == '-'
}

/// Whether a run, decided by the character after it, is a secret.
fn is_secret(class: Class, run: &[Cell], next: Option<char>) -> bool {
    let count = |is: fn(char) -> bool| run.iter().filter(|cell| is(cell.ch)).count();
    let digits = count(|c| c.is_ascii_digit());
    let letters = count(|c| c.is_ascii_alphabetic());
    let length = run.len();
    match class {
        Class::Key(KeyShape { least, most, digits: needed, .. }) => {
            let most = if usize::from(most) == 255 { PIECE } else { usize::from(most) };
            (usize::from(least)..=most).contains(&length) && digits >= usize::from(needed)
        }
        Class::Jwt => {
            let dots = if length < PIECE { 2 } else { 1 };
            length >= 20 && count(|c| c == '.') >= dots
        }
        Class::Bearer => length >= 20 && digits > 0,
        Class::Pem => count(|c| c.is_ascii_alphanumeric()) >= 16,
        Class::Password => {
            // What is called or indexed is code that fetches the password.
            let is_code = matches!(next, Some('(' | '[' | '{' | '<'));
            let is_number = digits == length && length <= 12;
            !is_code && (6..=PASSWORD_MAX).contains(&length) && ((digits > 0 && letters > 0) || is_number)
        }
        Class::SecretValue => {
            !matches!(next, Some('(' | '[' | '{' | '<')) && length >= 16 && digits >= 2 && letters >= 2
        }
        Class::Authority | Class::Name | Class::Titled | Class::Address | Class::Place => false,
    }
}
