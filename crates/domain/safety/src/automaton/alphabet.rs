//! Characters as small numbers, the frequent ones first, so that the children of a state lie close together.

/// The codes of characters. What is in no pattern has code 0.
#[derive(Debug, Clone, Default)]
pub(super) struct Alphabet {
    /// For each 256 characters their page plus one, or 0.
    index: Vec<u16>,
    pages: Vec<[u32; 256]>,
    size: u32,
}

impl Alphabet {
    /// That of no characters.
    pub(super) const EMPTY: Self = Self { index: Vec::new(), pages: Vec::new(), size: 0 };

    /// Gives codes from 1 on to `chars`, which are different, in their order.
    pub(super) fn new(chars: impl IntoIterator<Item = char>) -> Self {
        let mut alphabet = Self { index: vec![0; 0x1100], pages: Vec::new(), size: 0 };
        for c in chars {
            alphabet.add(c);
        }
        alphabet
    }

    fn add(&mut self, c: char) {
        let (page, place) = split(c);
        let Some(number) = self.index.get_mut(page) else { return };
        if *number == 0 {
            self.pages.push([0; 256]);
            *number = u16::try_from(self.pages.len()).unwrap_or(0);
        }
        let page = usize::from(*number).checked_sub(1).and_then(|n| self.pages.get_mut(n));
        if let Some(code) = page.and_then(|page| page.get_mut(place)) {
            self.size = self.size.saturating_add(1);
            *code = self.size;
        }
    }

    /// The code of a character.
    #[inline]
    pub(super) fn code(&self, c: char) -> u32 {
        let (page, place) = split(c);
        let number = usize::from(self.index.get(page).copied().unwrap_or(0));
        let page = self.pages.get(number.wrapping_sub(1));
        page.and_then(|page| page.get(place)).copied().unwrap_or(0)
    }

    /// The characters in the order of their codes.
    pub(super) fn chars(&self) -> Vec<char> {
        let mut chars: Vec<(u32, char)> = (0_u32..)
            .zip(&self.index)
            .filter(|(_, number)| **number != 0)
            .flat_map(|(page, _)| (page << 8..(page << 8) + 256).filter_map(char::from_u32))
            .map(|c| (self.code(c), c))
            .filter(|(code, _)| *code != 0)
            .collect();
        chars.sort_unstable();
        chars.into_iter().map(|(_, c)| c).collect()
    }

    /// How many characters have a code.
    pub(super) const fn size(&self) -> u32 {
        self.size
    }
}

fn split(c: char) -> (usize, usize) {
    let code = u32::from(c) as usize;
    (code >> 8, code & 0xFF)
}
