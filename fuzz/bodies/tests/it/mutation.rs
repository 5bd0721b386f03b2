//! Mutations from a seed, the same on every machine.

/// Words that matter to the grammars under test; random bytes alone would never spell them.
const WORDS: [&[u8]; 51] = [
    b"--b\r\n",
    b"\"prompt\":",
    b"content-disposition: form-data; name=\"prompt\"\r\n\r\n",
    b"cinnabar classifier 1\n",
    b"head abuse 3c23d70a bfa00000 3fc00000 7f800000\n",
    b" buckets 4 ",
    b"7fc00000",
    b"\n\n",
    b"\r\n\r\n",
    b"\r",
    b"data: ",
    b"data:",
    b"event: x\n",
    b": ping\n",
    b"[DONE]",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\u00",
    b"\\ud83d\\ude00",
    b"null",
    b"true",
    b"\"choices\":",
    b"\"delta\":{\"content\":\"",
    b"\"index\":1,",
    b"\"logprobs\":",
    b"\"stream\":true,",
    b"\"user\":\"a\",",
    b"```",
    b"~~~\n",
    "\u{2014} ".as_bytes(),
    b"index 0\n",
    b"extra ",
    b"AIGC",
    b"&quot;",
    b"abab",
    b"---text\n",
    b"  - { id: x, category: test, measure: mask, expression: '",
    b"{0,3}",
    b"\\b",
    b"(?:a|ab)",
    b"[^a]",
    b"ccccc",
    "违禁词".as_bytes(),
    "\u{200b}".as_bytes(),
    "ＡＢ①".as_bytes(),
    b"13800138000",
    b"a@b.cn",
];

/// A small generator (SplitMix64): no dependency, the same on every platform.
pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(name: &str) -> Self {
        Self(name.bytes().fold(0x5EED, |state, byte| state.wrapping_mul(31).wrapping_add(u64::from(byte))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// One of the seeds with one to six changes.
    pub(crate) fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(5) {
            self.change(&mut input, seeds);
        }
        input.truncate(4096);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let end = (at + self.below(24)).min(input.len());
        match self.below(7) {
            0 => {
                input.drain(at..end);
            }
            1 => {
                let part = input[at..end].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, part);
            }
            2 => {
                let byte = self.byte();
                if let Some(place) = input.get_mut(at) {
                    *place = byte;
                }
            }
            3 => {
                let bit = 1 << self.below(8);
                if let Some(place) = input.get_mut(at) {
                    *place ^= bit;
                }
            }
            4 | 5 => {
                let word = WORDS[self.below(WORDS.len())];
                input.splice(at..at, word.iter().copied());
            }
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
    }
}
