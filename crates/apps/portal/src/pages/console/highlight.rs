//! A text with its findings marked in it: nested and overlapping ones too, and not by colour alone.
//!
//! The text is cut at every place where a finding begins or ends. Each piece knows the strongest action over it and how
//! many findings lie over it; the numbers of the findings stand where they begin and where they end.

use std::{collections::BTreeSet, ops::Range};

use safety::Action;

/// A text in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlight {
    /// In the order of the text; put together they are the text.
    pub pieces: Vec<Piece>,
}

/// A piece that no finding begins or ends within.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// The numbers of the findings that begin with it, from 1.
    pub opens: Vec<usize>,
    /// The numbers of the findings that end with it.
    pub closes: Vec<usize>,
    /// The strongest action over it; none where nothing lies over it.
    pub action: Option<Action>,
    /// How many findings lie over it.
    pub depth: usize,
}

impl Highlight {
    /// The text with these findings, each a range of bytes and what is done about it. Ranges that leave the text or cut a
    /// character are widened to whole characters of the text.
    #[must_use]
    pub fn new(text: &str, findings: &[(Range<usize>, Action)]) -> Self {
        let spans: Vec<(Range<usize>, Action)> =
            findings.iter().map(|(range, action)| (whole(text, range), *action)).collect();
        let mut cuts: BTreeSet<usize> =
            spans.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
        cuts.extend([0, text.len()]);
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let pieces = cuts.windows(2).filter_map(|cut| {
            let &[start, end] = cut else { return None };
            let numbered = || spans.iter().enumerate().filter(|(_, (range, _))| !range.is_empty());
            let numbers = |fits: &dyn Fn(&Range<usize>) -> bool| {
                numbered().filter(|(_, (range, _))| fits(range)).map(|(n, _)| n.saturating_add(1)).collect()
            };
            let over: Vec<Action> = numbered()
                .filter(|(_, (range, _))| range.start <= start && end <= range.end)
                .map(|(_, (_, action))| *action)
                .collect();
            Some(Piece {
                text: text.get(start..end)?.to_owned(),
                opens: numbers(&|range| range.start == start),
                closes: numbers(&|range| range.end == end),
                action: over.iter().copied().max(),
                depth: over.len(),
            })
        });
        Self { pieces: pieces.collect() }
    }
}

impl Piece {
    /// The classes of its mark, such as `hit block deep`; nothing where no finding lies over it.
    #[must_use]
    pub fn classes(&self) -> Option<String> {
        let action = self.action?.as_str();
        Some(if self.depth > 1 { format!("hit {action} deep") } else { format!("hit {action}") })
    }
}

/// The range, inside the text and widened to whole characters.
fn whole(text: &str, range: &Range<usize>) -> Range<usize> {
    let end = text.ceil_char_boundary(range.end);
    text.floor_char_boundary(range.start.min(end))..end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as `1[text]1`, the text of nested ones with the depth behind a colon.
    fn drawn(text: &str, findings: &[(Range<usize>, Action)]) -> String {
        let highlight = Highlight::new(text, findings);
        let joined: String = highlight.pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(joined, text);
        highlight
            .pieces
            .iter()
            .map(|piece| {
                let opens: String = piece.opens.iter().map(|n| format!("{n}[")).collect();
                let closes: String = piece.closes.iter().map(|n| format!("]{n}")).collect();
                let depth = if piece.depth > 1 { format!(":{}", piece.depth) } else { String::new() };
                format!("{opens}{}{depth}{closes}", piece.text)
            })
            .collect()
    }

    #[test]
    fn findings_side_by_side_nested_and_overlapping_keep_their_ends() {
        use Action::{Block, Mask, Warn};
        assert_eq!(drawn("abcdef", &[]), "abcdef");
        assert_eq!(drawn("abcdef", &[(0..2, Warn), (2..4, Mask)]), "1[ab]12[cd]2ef");
        assert_eq!(drawn("abcdef", &[(0..6, Warn), (2..4, Block)]), "1[ab2[cd:2]2ef]1");
        assert_eq!(drawn("abcdef", &[(0..4, Warn), (2..6, Block)]), "1[ab2[cd:2]1ef]2");
        assert_eq!(drawn("abcdef", &[(1..3, Warn), (1..3, Block)]), "a1[2[bc:2]1]2def");
    }

    #[test]
    fn the_strongest_action_gives_the_mark() {
        let highlight = Highlight::new("abc", &[(0..3, Action::Warn), (0..3, Action::Block)]);
        assert_eq!(highlight.pieces[0].classes().as_deref(), Some("hit block deep"));
    }

    #[test]
    fn ranges_that_cut_a_character_or_leave_the_text_are_widened() {
        assert_eq!(drawn("中文", &[(1..4, Action::Block)]), "1[中文]1");
        assert_eq!(drawn("中文", &[(3..99, Action::Block)]), "中1[文]1");
        assert_eq!(drawn("中文", &[(50..99, Action::Block)]), "中文");
    }
}
