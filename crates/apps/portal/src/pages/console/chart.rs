//! A stacked column for each day, drawn on the server. The numbers stand in a table beside it; columns differ by pattern too.

/// The width of the drawing.
const WIDTH: u64 = 720;
/// The height of its plot.
const HEIGHT: u64 = 180;

/// Columns in a plot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chart {
    /// The pieces of all columns.
    pub pieces: Vec<ChartPiece>,
    /// The names below some columns.
    pub labels: Vec<ChartLabel>,
    /// What the top line stands for.
    pub top: u64,
}

/// A piece of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartPiece {
    /// Which series it belongs to.
    pub series: &'static str,
    /// Its left edge.
    pub x: u64,
    /// Its upper edge.
    pub y: u64,
    /// Its width.
    pub width: u64,
    /// Its height.
    pub height: u64,
}

/// A name below the plot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartLabel {
    /// Where it stands.
    pub x: u64,
    /// What it says.
    pub text: String,
}

impl Chart {
    /// Columns of these parts, each a name and the number of each series, from the bottom up.
    #[must_use]
    pub fn stacked<const N: usize>(series: [&'static str; N], columns: &[(String, [u64; N])]) -> Self {
        let sum = |parts: &[u64; N]| parts.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        let top = columns.iter().map(|(_, parts)| sum(parts)).max().unwrap_or_default().max(1);
        let count = u64::try_from(columns.len()).unwrap_or(u64::MAX).max(1);
        let step = WIDTH.checked_div(count).unwrap_or(WIDTH).max(1);
        // A name needs some 60 units.
        let every = 60_u64.div_ceil(step);
        let mut chart = Self { top, ..Self::default() };
        for (number, (name, parts)) in (0_u64..).zip(columns) {
            let x = number.saturating_mul(step);
            if number.checked_rem(every) == Some(0) {
                chart.labels.push(ChartLabel { x, text: name.clone() });
            }
            let mut base = HEIGHT;
            for (series, part) in series.into_iter().zip(parts).filter(|(_, part)| **part > 0) {
                // What is there is seen, however small beside the largest.
                let height = part.saturating_mul(HEIGHT).checked_div(top).unwrap_or_default().max(2);
                base = base.saturating_sub(height);
                let width = step.saturating_sub(step.div_ceil(5)).max(1);
                chart.pieces.push(ChartPiece { series, x, y: base, width, height });
            }
        }
        chart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_reach_as_high_as_their_numbers() {
        let days = [("1".to_owned(), [10, 0]), ("2".to_owned(), [5, 15]), ("3".to_owned(), [0, 0])];
        let chart = Chart::stacked(["a", "b"], &days);
        assert_eq!(chart.top, 20);
        let drawn: Vec<_> = chart.pieces.iter().map(|p| (p.series, p.x, p.y, p.height)).collect();
        assert_eq!(drawn, [("a", 0, 90, 90), ("a", 240, 135, 45), ("b", 240, 0, 135)]);
    }

    #[test]
    fn names_do_not_overlap_and_small_numbers_are_seen() {
        let days: Vec<_> = (0..90).map(|n| (n.to_string(), [if n == 0 { 1_000_000 } else { 1 }])).collect();
        let chart = Chart::stacked(["a"], &days);
        assert!(chart.labels.windows(2).all(|pair| pair[1].x - pair[0].x >= 60));
        assert!(chart.pieces.iter().all(|piece| piece.height >= 2));
        assert!(chart.pieces.iter().all(|piece| piece.x + piece.width <= WIDTH));
    }
}
