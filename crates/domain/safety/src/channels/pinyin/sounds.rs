//! The terms by sound, compiled.

use super::syllables::{Syllables, syllables};
use super::{SOUND, as_pattern};
use crate::automaton::Sides;
use crate::matcher::{Matcher, Walk};

/// The terms by sound.
pub(crate) struct Sounds {
    pub(super) matcher: Matcher,
    pub(super) syllables: &'static Syllables,
    /// For every two syllables whether a term begins with them: a matrix of bits. Nearly all text is over with it.
    begins: Vec<u64>,
}

impl Sounds {
    pub(crate) fn new(matcher: Matcher) -> Self {
        let syllables = syllables();
        let count = syllables.count();
        let mut begins = vec![0_u64; count.saturating_mul(count).div_ceil(64)];
        let sound = |number: usize| as_pattern(SOUND, u16::try_from(number).unwrap_or(u16::MAX));
        for first in 0..count {
            let one = matcher.after(Walk::new(Sides::ANY), sound(first));
            if one.depth() == 0 {
                continue;
            }
            for second in 0..count {
                let two = matcher.after(one, sound(second));
                let place = first.saturating_mul(count).saturating_add(second);
                if let Some(word) = begins.get_mut(place / 64).filter(|_| two.depth() == 2) {
                    *word |= 1 << (place % 64);
                }
            }
        }
        Self { matcher, syllables, begins }
    }

    /// Whether a term begins with two syllables.
    #[inline]
    pub(super) fn begin(&self, first: u16, second: u16) -> bool {
        let place =
            usize::from(first).saturating_mul(self.syllables.count()).saturating_add(usize::from(second));
        self.begins.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}
