//! Reading Base64 (RFC 4648 §4 and §5) as the text it holds, in prompts: a model reads it, and is asked in it for what it
//! would refuse in words.
//!
//! A run of the alphabet is decoded from its first character on, until it proves to be no UTF-8 text: a word does so within
//! a few letters, a picture within a few bytes. While it may still be one, the run is held from its start to the length from
//! which it counts; then what is held is what is pending in the text it holds, as everywhere. In answers it is not read:
//! every other word would have to be held there, for a text that no reader sees without decoding it.

use super::{escapes::Piece, reading::Reading, ruling::Ruling};
use crate::engine::Side;
use crate::normalise::Table;
use crate::{Channel, Situation};

/// The characters of a run at least: four Han characters, or a word of twelve letters.
const RUN_LEAST: usize = 16;

/// The run that is being read.
#[derive(Debug, Clone)]
pub(super) struct Base64 {
    situation: Situation,
    /// How many characters it has.
    run: usize,
    /// What it has proved to be.
    is_text: bool,
    bits: Bits,
    /// Bytes of a character that is not complete, with where its first one starts.
    partial: Vec<u8>,
    partial_start: usize,
    /// The characters before the run counts.
    early: Vec<Piece>,
    reading: Reading,
}

/// The bits that make no byte yet.
#[derive(Debug, Clone, Copy, Default)]
struct Bits {
    value: u32,
    count: u32,
    /// Where the character stands that the first of them comes from.
    start: usize,
}

impl Base64 {
    pub(super) fn new(situation: Situation) -> Self {
        Self {
            situation,
            run: 0,
            is_text: true,
            bits: Bits::default(),
            partial: Vec::new(),
            partial_start: 0,
            early: Vec::new(),
            reading: Reading::new(situation).deaf(),
        }
    }

    /// Whether nothing is waited for.
    #[inline]
    pub(super) const fn is_idle(&self) -> bool {
        self.run == 0 || !self.is_text
    }

    /// Whether no run has begun.
    #[inline]
    pub(super) const fn is_at_rest(&self) -> bool {
        self.run == 0
    }

    /// Reads one original character.
    #[inline]
    pub(super) fn read(&mut self, side: &Side, table: &Table, piece: Piece, ruling: &mut Ruling) {
        match sextet(piece.ch) {
            Some(sextet) if self.is_text => self.take(side, table, sextet, piece, ruling),
            Some(_) => {}
            None if self.run > 0 => self.finish(side, ruling),
            None => {}
        }
    }

    /// The run is over: decides what is pending.
    pub(super) fn finish(&mut self, side: &Side, ruling: &mut Ruling) {
        self.give_up(side, ruling);
        self.run = 0;
        self.is_text = true;
    }

    /// Where the hold starts, in bytes; `end` where nothing is held.
    pub(super) fn hold(&self, side: &Side, end: usize) -> usize {
        if self.is_idle() {
            return end;
        }
        let early = self.early.first().map_or(end, |piece| piece.start);
        let open = if self.partial.is_empty() { self.bits.start } else { self.partial_start };
        early.min(open).min(self.reading.hold(side, end))
    }

    /// Forgets the characters that nothing waits for.
    pub(super) fn tidy(&mut self, side: &Side) {
        self.reading.tidy(side);
    }

    fn take(&mut self, side: &Side, table: &Table, sextet: u32, piece: Piece, ruling: &mut Ruling) {
        self.run = self.run.saturating_add(1);
        if self.bits.count == 0 {
            self.bits.start = piece.start;
        }
        self.bits.value = (self.bits.value << 6 | sextet) & 0xFFFF;
        self.bits.count = self.bits.count.saturating_add(6);
        if self.bits.count >= 8 {
            let count = self.bits.count.saturating_sub(8);
            let byte = u8::try_from(self.bits.value >> count & 0xFF).unwrap_or(0);
            if self.partial.is_empty() {
                self.partial_start = self.bits.start;
            }
            self.partial.push(byte);
            let start = if count == 0 { piece.end } else { piece.start };
            self.bits = Bits { value: self.bits.value, count, start };
            self.decode(side, piece, ruling);
        }
        if self.run >= RUN_LEAST && self.is_text {
            for piece in std::mem::take(&mut self.early) {
                if !self.reading.is_blocked {
                    self.reading.read(side, table, piece, ruling);
                }
            }
        }
    }

    fn decode(&mut self, side: &Side, newest: Piece, ruling: &mut Ruling) {
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                let ch = text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                self.partial.clear();
                if ch.is_control() && !matches!(ch, '\n' | '\r' | '\t') {
                    return self.give_up(side, ruling);
                }
                let piece =
                    Piece { ch, start: self.partial_start, end: newest.end, encoding: Channel::Base64 };
                self.early.push(piece);
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => self.give_up(side, ruling),
        }
    }

    /// The text ends here, or the run is none.
    fn give_up(&mut self, side: &Side, ruling: &mut Ruling) {
        if self.is_text && self.run >= RUN_LEAST && !self.reading.is_blocked {
            self.reading.finish(side, ruling);
        }
        if self.run >= RUN_LEAST {
            self.reading = Reading::new(self.situation).deaf();
        }
        self.is_text = false;
        self.bits = Bits::default();
        self.partial.clear();
        self.early.clear();
    }
}

/// Whether a run may hold the character. Letters and digits of its alphabet stand in words besides.
pub(crate) const fn is_of_base64(ch: char) -> bool {
    sextet(ch).is_some()
}

/// The six bits that a character of either alphabet stands for.
const fn sextet(ch: char) -> Option<u32> {
    let ch = ch as u32;
    match ch {
        0x41..=0x5A => Some(ch.wrapping_sub(0x41)),
        0x61..=0x7A => Some(ch.wrapping_sub(0x61).wrapping_add(26)),
        0x30..=0x39 => Some(ch.wrapping_sub(0x30).wrapping_add(52)),
        0x2B | 0x2D => Some(62),
        0x2F | 0x5F => Some(63),
        _ => None,
    }
}
