//! Traditional characters and the simplified ones that stand for them, one for one.
//!
//! `simplified.txt` has a line for each simplified character: itself, then the traditional ones. It is made from
//! OpenCC's `TSCharacters.txt` (Apache-2.0; SHA-256 6b5a0a79…80ecf09a), its lists of variants of Hong Kong, Japan and Taiwan
//! without the characters of GB 2312, and a few more variants (鎗, 砲, 菸 …). Where OpenCC leaves a choice, the first character
//! that is another one than the traditional itself is taken (乾 is 干 here, whatever the word): this form is only looked at by
//! a machine, and to tell two characters apart would let one of them pass for the other unseen.

/// Every traditional character with its simplified one.
pub(super) fn pairs() -> impl Iterator<Item = (char, char)> {
    include_str!("simplified.txt").lines().flat_map(|line| {
        let mut chars = line.chars();
        let simplified = chars.next();
        chars.filter_map(move |traditional| Some((traditional, simplified?)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_traditional_character_has_one_simplified_one_that_stays() {
        let simplified: BTreeMap<char, char> = pairs().collect();
        assert_eq!(simplified.len(), pairs().count());
        assert!(simplified.len() > 4000);
        let targets: BTreeSet<char> = pairs().map(|pair| pair.1).collect();
        assert!(targets.iter().all(|target| !simplified.contains_key(target)));
        for (traditional, expected) in [('槍', '枪'), ('賭', '赌'), ('乾', '干'), ('髮', '发'), ('發', '发')]
        {
            assert_eq!(simplified[&traditional], expected);
        }
    }
}
