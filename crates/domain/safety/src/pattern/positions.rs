//! The patterns of one direction as one automaton of positions.
//!
//! A position is a place in an expression where one character is read (Glushkov 1961). What may follow each is computed
//! once, so that to read a character is to look at what may follow the positions that are live. Never more positions can
//! be live than there are, and a count such as `.{0,50}` is fifty of them. A determined automaton would be faster where
//! much is live, but two gaps of a count after each other (`忽略.{0,10}所有.{0,10}指令`) give it a state for every set of
//! places within the first: real patterns need hundreds of megabytes.
//!
//! Characters are told apart only where some pattern tells them apart: each has a *letter*, found by one look-up, and a
//! class of characters is a set of letters.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

use super::expression::Expression;
use super::letters::{Begins, Letter, Letters};
use super::{ALL_POSITIONS_MAX, ALL_STEPS_MAX, POSITIONS_MAX, Pattern, PatternProblem, STEPS_MAX};
use crate::class::is_word;
use crate::engine::RuleId;

/// The patterns of one direction, compiled.
pub(crate) struct Patterns {
    letters: Letters,
    positions: Vec<Position>,
    /// What may follow the positions, one after the other.
    follow: Vec<u16>,
    /// For each letter the positions that a text may begin with, those first before which no word may go on.
    begin: Vec<Beginning>,
    patterns: Vec<Compiled>,
}

#[derive(Debug, Clone, Copy)]
struct Position {
    class: u16,
    pattern: u16,
    /// Its part of [`Patterns::follow`].
    follow: (u32, u32),
    end: End,
}

/// Whether a match ends at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    No,
    Yes,
    /// Unless the next character continues its last word.
    AtBorder,
}

#[derive(Debug, Clone, Default)]
struct Beginning {
    at_border: Vec<u16>,
    anywhere: Vec<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Compiled {
    rule: RuleId,
    holds: bool,
}

impl Patterns {
    /// The automaton of these patterns, each with its rule and whether it is masked or blocked; none where there is none.
    pub(crate) fn build(patterns: &[(&Pattern, RuleId, bool)]) -> Result<Option<Self>, PatternProblem> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let mut builder = Builder::new(ALL_POSITIONS_MAX, ALL_STEPS_MAX, PatternProblem::AllTooLarge);
        for (number, (pattern, ..)) in patterns.iter().enumerate() {
            let number = u16::try_from(number).map_err(|_| PatternProblem::AllTooLarge)?;
            builder.add(number, &pattern.expression)?;
        }
        let compiled = patterns.iter().map(|&(_, rule, holds)| Compiled { rule, holds }).collect();
        builder.finish(compiled).map(Some)
    }

    /// The letter of a normalised character.
    #[inline]
    pub(super) fn letter(&self, ch: char) -> Letter {
        self.letters.of(ch)
    }

    /// Whether some pattern may begin with `ch` behind `before`. Most that do need the border of a word.
    #[inline]
    pub(crate) fn begins(&self, before: char, ch: char) -> bool {
        let begins = self.letters.begins(self.letters.of(ch));
        begins.anywhere || (begins.at_border && !(is_word(before) && is_word(ch)))
    }

    /// Whether some pattern may begin with `ch` wherever it stands.
    pub(crate) fn may_begin(&self, ch: char) -> bool {
        let begins = self.letters.begins(self.letters.of(ch));
        begins.anywhere || begins.at_border
    }

    /// The positions behind a letter that begins a text; `is_border` where no word goes on before it.
    pub(super) fn begin(&self, letter: Letter, is_border: bool) -> impl Iterator<Item = u16> {
        let beginning = self.begin.get(usize::from(letter));
        let at_border = beginning.filter(|_| is_border).map(|b| b.at_border.as_slice());
        let anywhere = beginning.map(|b| b.anywhere.as_slice());
        at_border.unwrap_or_default().iter().chain(anywhere.unwrap_or_default()).copied()
    }

    /// The positions behind a letter that follows `position`.
    pub(super) fn follow(&self, position: u16, letter: Letter) -> impl Iterator<Item = u16> {
        let follow = self.positions.get(usize::from(position)).map_or((0, 0), |p| p.follow);
        let follow = self.follow.get(follow.0 as usize..follow.1 as usize).unwrap_or_default();
        follow.iter().copied().filter(move |next| {
            self.positions.get(usize::from(*next)).is_some_and(|next| self.letters.is_in(letter, next.class))
        })
    }

    /// The pattern of a position, and whether a match ends there.
    pub(super) fn at(&self, position: u16) -> (u16, End) {
        self.positions.get(usize::from(position)).map_or((0, End::No), |p| (p.pattern, p.end))
    }

    /// Whether its pattern may match behind a position.
    pub(super) fn goes_on(&self, position: u16) -> bool {
        self.positions.get(usize::from(position)).is_some_and(|p| p.follow.0 < p.follow.1)
    }

    /// Whether a pattern is masked or blocked.
    pub(super) fn is_held(&self, pattern: u16) -> bool {
        self.patterns.get(usize::from(pattern)).is_some_and(|pattern| pattern.holds)
    }

    pub(super) fn rule(&self, pattern: u16) -> Option<RuleId> {
        self.patterns.get(usize::from(pattern)).map(|pattern| pattern.rule)
    }

    pub(super) const fn count(&self) -> usize {
        self.positions.len()
    }
}

/// Refuses an expression whose automaton alone is too large.
pub(super) fn check_size(expression: &Expression) -> Result<(), PatternProblem> {
    Builder::new(POSITIONS_MAX, STEPS_MAX, PatternProblem::TooLarge).add(0, expression)
}

/// Makes the positions of expressions.
struct Builder {
    positions: Vec<Position>,
    follow: Vec<Vec<u16>>,
    classes: Vec<ClassUnicode>,
    at_border: Vec<u16>,
    anywhere: Vec<u16>,
    steps: usize,
    positions_max: usize,
    steps_max: usize,
    too_large: PatternProblem,
}

/// A piece of an expression: the positions it may begin and end with.
#[derive(Debug, Clone, Default)]
struct Piece {
    first: Vec<u16>,
    last: Vec<u16>,
    may_be_empty: bool,
}

impl Builder {
    const fn new(positions_max: usize, steps_max: usize, too_large: PatternProblem) -> Self {
        Self {
            positions: Vec::new(),
            follow: Vec::new(),
            classes: Vec::new(),
            at_border: Vec::new(),
            anywhere: Vec::new(),
            steps: 0,
            positions_max,
            steps_max,
            too_large,
        }
    }

    fn add(&mut self, pattern: u16, expression: &Expression) -> Result<(), PatternProblem> {
        for branch in &expression.branches {
            let from = self.positions.len();
            let piece = self.piece(&branch.hir)?;
            let end = if branch.bounded.1 { End::AtBorder } else { End::Yes };
            self.positions.iter_mut().skip(from).for_each(|position| position.pattern = pattern);
            for last in piece.last {
                if let Some(position) = self.positions.get_mut(usize::from(last)) {
                    position.end = end;
                }
            }
            if branch.bounded.0 { &mut self.at_border } else { &mut self.anywhere }.extend(piece.first);
        }
        Ok(())
    }

    fn piece(&mut self, hir: &Hir) -> Result<Piece, PatternProblem> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Ok(Piece { may_be_empty: true, ..Piece::default() }),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0).into_owned();
                let chars = text.chars().map(|c| {
                    let one = regex_syntax::hir::ClassUnicodeRange::new(c, c);
                    self.position(ClassUnicode::new([one]))
                });
                let chars = chars.collect::<Result<Vec<Piece>, _>>()?;
                self.sequence(chars)
            }
            HirKind::Class(Class::Unicode(class)) => self.position(class.clone()),
            HirKind::Class(Class::Bytes(class)) => {
                self.position(class.to_unicode_class().unwrap_or_else(ClassUnicode::empty))
            }
            HirKind::Capture(capture) => self.piece(&capture.sub),
            HirKind::Concat(parts) => {
                let parts = parts.iter().map(|part| self.piece(part)).collect::<Result<Vec<_>, _>>()?;
                self.sequence(parts)
            }
            HirKind::Alternation(parts) => {
                let mut all = Piece::default();
                for part in parts {
                    let piece = self.piece(part)?;
                    all.first.extend(piece.first);
                    all.last.extend(piece.last);
                    all.may_be_empty |= piece.may_be_empty;
                }
                Ok(all)
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.ok_or(PatternProblem::Unbounded)?;
                self.repeated(&repetition.sub, repetition.min, most)
            }
        }
    }

    /// As many copies as there may be, each entered from the one before it alone: to leave one out is to stop earlier.
    fn repeated(&mut self, sub: &Hir, least: u32, most: u32) -> Result<Piece, PatternProblem> {
        let mut all = Piece { may_be_empty: least == 0, ..Piece::default() };
        let mut before: Vec<u16> = Vec::new();
        for copy in 1..=most {
            let piece = self.piece(sub)?;
            all.may_be_empty |= piece.may_be_empty;
            self.connect(&before, &piece.first)?;
            if copy == 1 {
                all.first.clone_from(&piece.first);
            }
            if copy >= least || piece.may_be_empty {
                all.last.extend(&piece.last);
            }
            before = piece.last;
        }
        Ok(all)
    }

    fn sequence(&mut self, parts: Vec<Piece>) -> Result<Piece, PatternProblem> {
        let mut all = Piece { may_be_empty: true, ..Piece::default() };
        for part in parts {
            self.connect(&all.last, &part.first)?;
            if all.may_be_empty {
                all.first.extend(&part.first);
            }
            if part.may_be_empty {
                all.last.extend(part.last);
            } else {
                all.last = part.last;
            }
            all.may_be_empty &= part.may_be_empty;
        }
        Ok(all)
    }

    fn position(&mut self, class: ClassUnicode) -> Result<Piece, PatternProblem> {
        let known = self.classes.iter().position(|known| *known == class);
        let class = known.unwrap_or_else(|| {
            self.classes.push(class);
            self.classes.len().saturating_sub(1)
        });
        let number = self.positions.len();
        let (Ok(number), Ok(class)) = (u16::try_from(number), u16::try_from(class)) else {
            return Err(self.too_large.clone());
        };
        if usize::from(number) >= self.positions_max {
            return Err(self.too_large.clone());
        }
        self.positions.push(Position { class, pattern: 0, follow: (0, 0), end: End::No });
        self.follow.push(Vec::new());
        Ok(Piece { first: vec![number], last: vec![number], may_be_empty: false })
    }

    fn connect(&mut self, from: &[u16], to: &[u16]) -> Result<(), PatternProblem> {
        self.steps = self.steps.saturating_add(from.len().saturating_mul(to.len()));
        if self.steps > self.steps_max {
            return Err(self.too_large.clone());
        }
        for position in from {
            if let Some(follow) = self.follow.get_mut(usize::from(*position)) {
                follow.extend(to);
            }
        }
        Ok(())
    }

    fn finish(mut self, patterns: Vec<Compiled>) -> Result<Patterns, PatternProblem> {
        let mut letters = Letters::build(&self.classes).ok_or(self.too_large)?;
        let mut follow: Vec<u16> = Vec::with_capacity(self.steps);
        for (position, next) in self.positions.iter_mut().zip(&mut self.follow) {
            next.sort_unstable();
            next.dedup();
            let start = u32::try_from(follow.len()).unwrap_or(u32::MAX);
            follow.append(next);
            position.follow = (start, u32::try_from(follow.len()).unwrap_or(u32::MAX));
        }
        let begin: Vec<Beginning> = letters
            .all()
            .map(|letter| {
                let reads = |position: &&u16| {
                    let position = self.positions.get(usize::from(**position));
                    position.is_some_and(|position| letters.is_in(letter, position.class))
                };
                Beginning {
                    at_border: self.at_border.iter().filter(reads).copied().collect(),
                    anywhere: self.anywhere.iter().filter(reads).copied().collect(),
                }
            })
            .collect();
        letters.set_begins(begin.iter().map(|begin| Begins {
            at_border: !begin.at_border.is_empty(),
            anywhere: !begin.anywhere.is_empty(),
        }));
        Ok(Patterns { letters, positions: self.positions, follow, begin, patterns })
    }
}
