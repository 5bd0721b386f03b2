//! What may have been done to a picture since it was marked, as far as the reader undoes it.

/// A mirroring or quarter turns: the eight ways to lay a rectangle onto its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    /// Mirrored left to right, before anything else.
    pub is_mirrored: bool,
    /// Quarter turns clockwise, 0 to 3, after the mirroring.
    pub quarters: u8,
}

impl Turn {
    /// All eight, the likelier first.
    pub(crate) const ALL: [Self; 8] = [
        Self::new(false, 0),
        Self::new(true, 0),
        Self::new(false, 1),
        Self::new(false, 3),
        Self::new(false, 2),
        Self::new(true, 2),
        Self::new(true, 1),
        Self::new(true, 3),
    ];

    const fn new(is_mirrored: bool, quarters: u8) -> Self {
        Self { is_mirrored, quarters }
    }
}
