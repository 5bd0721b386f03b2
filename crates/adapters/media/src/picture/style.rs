//! How a visible label looks.

use crate::Wording;

/// A visible label: which words, where, in which shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleStyle {
    /// The words.
    pub wording: Wording,
    /// The edge or corner.
    pub place: Place,
    /// The shape.
    pub shape: Shape,
}

impl Default for VisibleStyle {
    fn default() -> Self {
        Self { wording: Wording::chinese(), place: Place::BottomRight, shape: Shape::Plate }
    }
}

/// Where a label stands in a picture as it is seen: at an edge or in a corner (GB 45438-2025, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// Top left.
    TopLeft,
    /// In the middle of the upper edge.
    Top,
    /// Top right.
    TopRight,
    /// Bottom left.
    BottomLeft,
    /// In the middle of the lower edge.
    Bottom,
    /// Bottom right, where most readers look for it.
    #[default]
    BottomRight,
}

/// The shape of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// The words on a plate.
    #[default]
    Plate,
    /// The same with `AI` as a mark of its own: the letters cut out of a bright tile, and what else the wording says beside it.
    /// The Code of Practice under the EU's AI Act asks for a mark that shows `AI`; this one is ours, no official icon.
    Tile,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::TopLeft, Self::Top, Self::TopRight, Self::BottomLeft, Self::Bottom, Self::BottomRight];

    /// The word for it on the command line and in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TopLeft => "top-left",
            Self::Top => "top",
            Self::TopRight => "top-right",
            Self::BottomLeft => "bottom-left",
            Self::Bottom => "bottom",
            Self::BottomRight => "bottom-right",
        }
    }

    /// The place with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.as_str() == word)
    }

    /// The first column and row of a label of that size in a picture of that size.
    pub(super) const fn corner(
        self,
        (width, height): (u32, u32),
        (label_width, label_height): (u32, u32),
        margin: u32,
    ) -> (u32, u32) {
        let (right, bottom) = (width.saturating_sub(label_width), height.saturating_sub(label_height));
        let x = match self {
            Self::TopLeft | Self::BottomLeft => margin,
            Self::Top | Self::Bottom => right / 2,
            Self::TopRight | Self::BottomRight => right.saturating_sub(margin),
        };
        let y = match self {
            Self::TopLeft | Self::Top | Self::TopRight => margin,
            Self::BottomLeft | Self::Bottom | Self::BottomRight => bottom.saturating_sub(margin),
        };
        (x, y)
    }
}
