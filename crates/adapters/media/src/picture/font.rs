//! The font of labels: a subset of Noto Sans CJK SC Bold, under the SIL Open Font License (`fonts/README.md`).

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, GlyphId, Outline, Rect};

static BYTES: &[u8] = include_bytes!("../../fonts/NotoSansCJKsc-Bold-subset.otf");

#[expect(
    clippy::expect_used,
    reason = "INVARIANT: the font is part of the program, and a test draws with it"
)]
static FONT: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(BYTES).expect("the font of labels is whole"));

/// A run of characters with the outlines of each, in font units, y upwards.
pub(super) struct Run {
    /// Each outline with where its origin stands.
    pub(super) outlines: Vec<(f32, Outline)>,
    pub(super) advance: f32,
}

/// Whether the font has the character.
pub(crate) fn can_draw(c: char) -> bool {
    FONT.glyph_id(c) != GlyphId(0)
}

/// Font units for one em.
pub(super) fn units_per_em() -> f32 {
    FONT.units_per_em().unwrap_or(1000.0)
}

/// Sets `text` from left to right.
pub(super) fn run(text: &str) -> Run {
    let mut outlines = Vec::new();
    let mut advance = 0.0;
    for c in text.chars() {
        let id = FONT.glyph_id(c);
        if let Some(outline) = FONT.outline(id) {
            outlines.push((advance, outline));
        }
        advance += FONT.h_advance_unscaled(id);
    }
    Run { outlines, advance }
}

/// The height of the lowest of the characters that a reader would measure: ideographs, capitals and digits. Small letters
/// are lower than these by nature, and `一` is a stroke.
pub(super) fn character_units(text: &str) -> f32 {
    let heights = text
        .chars()
        .filter(|&c| (c.is_alphanumeric() && !c.is_lowercase()) && c != '一')
        .filter_map(|c| FONT.outline(FONT.glyph_id(c)))
        .map(|outline| height(&outline.bounds));
    heights.fold(f32::INFINITY, f32::min)
}

impl Run {
    /// The highest and the lowest point of all.
    pub(super) fn vertical(&self) -> (f32, f32) {
        self.outlines.iter().fold((0.0_f32, 0.0_f32), |(top, bottom), (_, outline)| {
            let (first, second) = (outline.bounds.min.y, outline.bounds.max.y);
            (top.max(first.max(second)), bottom.min(first.min(second)))
        })
    }
}

fn height(bounds: &Rect) -> f32 {
    (bounds.max.y - bounds.min.y).abs()
}
