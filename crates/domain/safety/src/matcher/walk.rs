//! Where a reading stands in the automata.

use crate::automaton::{Sides, State};

/// A place in the automaton, and in that of the delta, for one direction and audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Walk {
    pub(super) base: State,
    /// In the automaton of the delta.
    pub(super) extra: State,
    /// Which direction and audience it is for.
    pub(super) side: Sides,
    /// The length of the longest phrase beginning that ends here.
    pub(super) depth: u8,
}

impl Walk {
    /// Before the first character.
    pub(crate) const fn new(side: Sides) -> Self {
        Self { base: State::START, extra: State::START, side, depth: 0 }
    }

    /// The length of the longest phrase beginning that ends here.
    #[inline]
    pub(crate) const fn depth(&self) -> usize {
        self.depth as usize
    }

    /// Where it stands in the automaton of the compiled terms.
    #[inline]
    pub(crate) const fn base(&self) -> State {
        self.base
    }

    /// Whether no new term has begun.
    #[inline]
    pub(crate) fn is_of_compiled(&self) -> bool {
        self.extra == State::START
    }

    /// Which direction and audience it is for.
    #[inline]
    pub(crate) const fn side(&self) -> Sides {
        self.side
    }
}
