//! Which features a passage has had: each counts once in it, however often it comes.
//!
//! Otherwise a text that says one harmless thing a hundred times scores a hundred times what that thing says.

/// The words of the set. At a thousand features, the most that Chinese of one passage has, one new feature in nine is taken for
/// one that was there.
const WORDS: usize = 512;

/// A set of features, by one bit of their hash each: what is not in it is new for certain, what is may be another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen([u64; WORDS]);

impl Seen {
    /// Of the beginning of a passage.
    pub(super) const fn new() -> Self {
        Self([0; WORDS])
    }

    /// Whether a feature is new; it is not the next time.
    #[inline]
    pub(super) fn is_new(&mut self, feature: u64) -> bool {
        let (word, bit) = place(feature);
        let Some(word) = self.0.get_mut(word) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Whether a feature would be new.
    #[inline]
    pub(super) fn lacks(&self, feature: u64) -> bool {
        let (word, bit) = place(feature);
        self.0.get(word).is_some_and(|word| word & bit == 0)
    }
}

/// The word and the bit of a feature.
#[inline]
const fn place(feature: u64) -> (usize, u64) {
    // Not the bits that choose a bucket of weights.
    let spread = feature.wrapping_mul(0x9FB2_1C65_1E98_DF25) >> 49;
    ((spread >> 6) as usize & (WORDS - 1), 1 << (spread & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_new_once_and_nearly_all_others_are_new() {
        let mut seen = Seen::new();
        let features: Vec<u64> = (1..1000_u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        let new = features.iter().filter(|feature| seen.is_new(**feature)).count();
        assert!(new > 900, "{new}");
        assert!(!features.iter().any(|feature| seen.is_new(*feature)));
    }
}
