//! What scores are worth, measured.

/// A score and whether the text is what was looked for.
pub type Scored = (f32, bool);

/// A share of a sample with its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How many.
    pub part: usize,
    /// Of how many.
    pub whole: usize,
}

impl Share {
    /// How many of `items` fulfil `is`.
    pub fn of<T>(items: impl IntoIterator<Item = T>, is: impl Fn(T) -> bool) -> Self {
        items.into_iter().fold(Self { part: 0, whole: 0 }, |share, item| Self {
            part: share.part.saturating_add(usize::from(is(item))),
            whole: share.whole.saturating_add(1),
        })
    }

    /// The share; `None` of nothing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a sample has less than 2^52 members")]
    pub fn value(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }

    /// Wilson's bounds of the share, at 95 %.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a sample has less than 2^52 members")]
    pub fn bounds(self) -> Option<(f64, f64)> {
        const Z: f64 = 1.959_964;
        let share = self.value()?;
        let n = self.whole as f64;
        let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        Some(((centre - half).max(0.0), (centre + half).min(1.0)))
    }
}

/// The area under the curve of recall over false positives: how often a text that was looked for scores higher than one
/// that was not. With its bounds at 95 % by Hanley and McNeil (1982). `None` where one of the kinds is missing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a sample has less than 2^52 members")]
pub fn auc(scored: &[Scored]) -> Option<(f64, (f64, f64))> {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut yes_below, mut no_below, mut pairs) = (0.0, 0.0, 0.0);
    for equal in sorted.chunk_by(|one, other| one.0 == other.0) {
        let yes = equal.iter().filter(|scored| scored.1).count() as f64;
        let no = equal.len() as f64 - yes;
        pairs += yes * (no_below + no / 2.0);
        yes_below += yes;
        no_below += no;
    }
    if yes_below == 0.0 || no_below == 0.0 {
        return None;
    }
    let area = pairs / (yes_below * no_below);
    let (q1, q2) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
    let variance = (area * (1.0 - area)
        + (yes_below - 1.0) * (q1 - area * area)
        + (no_below - 1.0) * (q2 - area * area))
        / (yes_below * no_below);
    let half = 1.959_964 * variance.max(0.0).sqrt();
    Some((area, ((area - half).max(0.0), (area + half).min(1.0))))
}

/// The score that at most a share of `scores` lies above; the lowest there is for none.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a length is a place in it"
)]
pub fn upper_quantile(scores: impl IntoIterator<Item = f32>, share: f64) -> f32 {
    let mut sorted: Vec<f32> = scores.into_iter().collect();
    sorted.sort_by(|one, other| other.total_cmp(one));
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place).copied().unwrap_or(f32::NEG_INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_pairs_in_order() {
        let scored = [(0.1, false), (0.2, true), (0.3, false), (0.4, true), (0.4, false)];
        let slow: f64 = scored
            .iter()
            .filter(|one| one.1)
            .flat_map(|yes| scored.iter().filter(|one| !one.1).map(move |no| (yes.0, no.0)))
            .map(|(yes, no)| {
                if yes > no {
                    1.0
                } else if yes == no {
                    0.5
                } else {
                    0.0
                }
            })
            .sum();
        assert!((auc(&scored).unwrap().0 - slow / 6.0).abs() < 1e-12);
        assert_eq!(auc(&scored[..1]), None);
    }

    #[test]
    fn bounds_hold_the_share_and_narrow_with_the_sample() {
        let (low, high) = Share { part: 8, whole: 10 }.bounds().unwrap();
        // Wilson's interval of 8 in 10, as tables have it.
        assert!((low - 0.490).abs() < 1e-3 && (high - 0.943).abs() < 1e-3, "{low} {high}");
        assert_eq!(Share { part: 0, whole: 0 }.bounds(), None);
    }

    #[test]
    fn at_most_the_share_lies_above_the_quantile() {
        let scores = || (0..1000).map(|n| n as f32);
        for share in [0.0, 0.001, 0.01, 0.5] {
            let limit = upper_quantile(scores(), share);
            assert!(scores().filter(|score| *score > limit).count() as f64 <= share * 1000.0);
        }
    }
}
