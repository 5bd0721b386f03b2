//! Training: logistic regression for all heads at once, by AdaGrad over hashed features.
//!
//! Deterministic: the same examples in the same order with the same settings give the same bytes. Sums are made in one
//! order, and nothing but `+ - * / sqrt` is done to numbers (the exponential is our own), so that no library's rounding
//! decides.

use std::collections::HashMap;

use super::{
    Head, HeadSettings, Model,
    features::Window,
    head::HEADS,
    model::{Row, Source, bucket},
    passages::Passages,
    seen::Seen,
};
use crate::normalise;

/// One text with what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The text as it was found.
    pub text: String,
    /// For each head, by its place: whether the text is what the head looks for, where that is known.
    pub labels: [Option<bool>; HEADS],
    /// How much it counts: 1 for a label given by a person to this very text.
    pub weight: f32,
}

impl Example {
    /// What is known about it for a head.
    #[must_use]
    pub fn label(&self, head: Head) -> Option<bool> {
        self.labels.get(head.place()).copied().flatten()
    }
}

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainSettings {
    /// Buckets for features; the model has 8 bytes for each.
    pub buckets: usize,
    /// How often each example is seen.
    pub epochs: u16,
    /// The weights of this many last epochs are averaged.
    pub averaged_epochs: u16,
    /// AdaGrad's step.
    pub rate: f32,
    /// What AdaGrad's sums of squares begin with. Where it is small, the first example of a rare head moves every weight
    /// that it touches by a whole step, and everyday words come to speak against the head by their number alone.
    pub squares: f32,
    /// Features of fewer examples than this have no weight.
    pub examples_least: u32,
    /// Fixes the order of the examples.
    pub seed: u64,
}

impl Default for TrainSettings {
    fn default() -> Self {
        // The model is to stay below 2 MiB. The rest was chosen on the development part of COLD and on sources held out.
        Self {
            buckets: 256_000,
            epochs: 16,
            averaged_epochs: 10,
            rate: 1.0,
            squares: 4.0,
            examples_least: 2,
            seed: 20_261_125,
        }
    }
}

/// A model before its weights are rounded to a byte.
#[derive(Debug, Clone)]
pub struct Trained {
    weights: Vec<[f32; HEADS]>,
    biases: [f32; HEADS],
    seed: u64,
}

/// A window of an example as its buckets.
struct Prepared {
    buckets: std::ops::Range<usize>,
    /// One over the root of the number of its features, those without a weight too.
    scale: f32,
    /// For each head what the example should score, and how much that counts; 0 where nothing is known.
    targets: [(f32, f32); HEADS],
}

/// A sequence of numbers that looks random (SplitMix64).
pub(super) struct Shuffle(pub(super) u64);

impl Shuffle {
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the upper half of a product with `limit` is below `limit`"
    )]
    pub(super) const fn below(&mut self, limit: usize) -> usize {
        ((self.next() as u128 * limit as u128) >> 64) as usize
    }
}

/// `1 / (1 + e^-x)`, the same on every machine.
#[expect(clippy::cast_possible_truncation, reason = "a number between 0 and 1 loses digits alone")]
fn logistic(x: f32) -> f32 {
    /// `e^-x` is the 1024th power of `e^(-x/1024)`, for which four terms are enough.
    const HALVINGS: u32 = 10;
    let small = -f64::from(x.clamp(-30.0, 30.0)) / 1024.0;
    let mut power = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0 * (1.0 + small / 4.0)));
    for _ in 0..HALVINGS {
        power *= power;
    }
    (1.0 / (1.0 + power)) as f32
}

/// Trains all heads.
#[must_use]
pub fn train(examples: &[Example], settings: &TrainSettings) -> Trained {
    let (pool, prepared) = prepare(examples, settings);
    let mut learner = Learner::new(settings);
    let mut average =
        Trained { weights: vec![[0.0; HEADS]; settings.buckets], biases: [0.0; HEADS], seed: settings.seed };
    let share = 1.0 / f32::from(settings.averaged_epochs.clamp(1, settings.epochs.max(1)));
    let mut shuffle = Shuffle(settings.seed);
    let mut order: Vec<usize> = (0..prepared.len()).collect();
    for epoch in 1..=settings.epochs {
        for last in (1..order.len()).rev() {
            order.swap(last, shuffle.below(last.saturating_add(1)));
        }
        for window in order.iter().filter_map(|place| prepared.get(*place)) {
            learner.learn(pool.get(window.buckets.clone()).unwrap_or_default(), window);
        }
        if epoch.saturating_add(settings.averaged_epochs) > settings.epochs {
            for (sum, row) in average.weights.iter_mut().zip(&learner.weights) {
                add_scaled(sum, row, share);
            }
            add_scaled(&mut average.biases, &learner.biases, share);
        }
    }
    average
}

fn add_scaled(sum: &mut [f32; HEADS], row: &[f32; HEADS], scale: f32) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += value * scale;
    }
}

/// The weights while they are learnt.
struct Learner {
    weights: Vec<[f32; HEADS]>,
    squares: Vec<[f32; HEADS]>,
    biases: [f32; HEADS],
    bias_squares: [f32; HEADS],
    rate: f32,
}

impl Learner {
    fn new(settings: &TrainSettings) -> Self {
        Self {
            weights: vec![[0.0; HEADS]; settings.buckets],
            squares: vec![[settings.squares; HEADS]; settings.buckets],
            biases: [0.0; HEADS],
            bias_squares: [settings.squares; HEADS],
            rate: settings.rate,
        }
    }

    fn learn(&mut self, buckets: &[u32], window: &Prepared) {
        let mut sums = [0.0_f32; HEADS];
        for row in buckets.iter().filter_map(|bucket| self.weights.get(*bucket as usize)) {
            add_scaled(&mut sums, row, 1.0);
        }
        let mut slopes = [0.0_f32; HEADS];
        for ((slope, sum), ((target, weight), bias)) in
            slopes.iter_mut().zip(sums).zip(window.targets.iter().zip(self.biases))
        {
            if *weight > 0.0 {
                *slope = (logistic(bias + sum * window.scale) - target) * weight;
            }
        }
        step(&mut self.biases, &mut self.bias_squares, &slopes, self.rate);
        for slope in &mut slopes {
            *slope *= window.scale;
        }
        for bucket in buckets {
            let bucket = *bucket as usize;
            if let (Some(row), Some(squares)) = (self.weights.get_mut(bucket), self.squares.get_mut(bucket)) {
                step(row, squares, &slopes, self.rate);
            }
        }
    }
}

/// One step of AdaGrad.
fn step(row: &mut [f32; HEADS], squares: &mut [f32; HEADS], slopes: &[f32; HEADS], rate: f32) {
    for ((weight, square), slope) in row.iter_mut().zip(squares).zip(slopes) {
        *square += slope * slope;
        *weight -= rate * slope / square.sqrt();
    }
}

/// The windows of all examples. Each of a long text's windows counts less, so that it counts as the root of their number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a bucket is below 2^32, and a window has less than 2^24 features"
)]
fn prepare(examples: &[Example], settings: &TrainSettings) -> (Vec<u32>, Vec<Prepared>) {
    let known = known_features(examples, settings.examples_least);
    let balance = balance(examples);
    let mut pool: Vec<u32> = Vec::new();
    let mut prepared = Vec::new();
    for example in examples {
        let windows = windows(&example.text);
        let weight = example.weight / (windows.len().max(1) as f32).sqrt();
        let mut targets = [(0.0, 0.0); HEADS];
        for ((target, label), [no, yes]) in targets.iter_mut().zip(example.labels).zip(balance) {
            *target = match label {
                None => (0.0, 0.0),
                Some(false) => (0.0, weight * no),
                Some(true) => (1.0, weight * yes),
            };
        }
        for features in windows {
            let start = pool.len();
            let with_weight = features.iter().filter(|feature| known.contains_key(feature));
            pool.extend(with_weight.map(|feature| bucket(*feature, settings.buckets) as u32));
            let scale = 1.0 / (features.len().max(1) as f32).sqrt();
            prepared.push(Prepared { buckets: start..pool.len(), scale, targets });
        }
    }
    (pool, prepared)
}

/// The features that stand in at least so many examples.
fn known_features(examples: &[Example], least: u32) -> HashMap<u64, u32> {
    let mut counts: HashMap<u64, (u32, usize)> = HashMap::new();
    for (number, example) in examples.iter().enumerate() {
        for feature in windows(&example.text).into_iter().flatten() {
            let (count, last) = counts.entry(feature).or_insert((0, usize::MAX));
            if *last != number {
                *count = count.saturating_add(1);
                *last = number;
            }
        }
    }
    counts
        .into_iter()
        .map(|(feature, (count, _))| (feature, count))
        .filter(|(_, count)| *count >= least)
        .collect()
}

/// The features of each window of a text, as [`super::scorer::Scorer`] sees them.
fn windows(text: &str) -> Vec<Vec<u64>> {
    let mut found = Vec::new();
    let mut window = Window::new();
    let mut passages = Passages::default();
    let (mut before, mut present): (Vec<u64>, Vec<u64>) = Default::default();
    let mut seen = Seen::new();
    let mut end = |window: &Window, present: &mut Vec<u64>, seen: &mut Seen| {
        let mut all = std::mem::take(&mut before);
        all.extend_from_slice(present);
        window.finish(&mut |feature| all.extend(seen.lacks(feature).then_some(feature)));
        found.push(all);
        before = std::mem::take(present);
        *seen = Seen::new();
    };
    for c in normalise(text).text.chars() {
        window.push(c, &mut |feature| present.extend(seen.is_new(feature).then_some(feature)));
        if passages.push(c) {
            end(&window, &mut present, &mut seen);
        }
    }
    if !passages.is_empty() {
        end(&window, &mut present, &mut seen);
    }
    found
}

/// For each head what a "no" and a "yes" count, so that the rarer of them is not drowned: the root of what would make
/// both count the same.
fn balance(examples: &[Example]) -> [[f32; 2]; HEADS] {
    Head::ALL.map(|head| {
        let sum =
            |label| examples.iter().filter(|e| e.label(head) == Some(label)).map(|e| e.weight).sum::<f32>();
        let (no, yes) = (sum(false), sum(true));
        if no == 0.0 || yes == 0.0 {
            return [1.0; 2];
        }
        [no, yes].map(|part| (0.5 * (no + yes) / part).sqrt())
    })
}

impl Trained {
    /// The highest score of a head in any window before rounding, for measuring what rounding costs.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a window has less than 2^24 features")]
    pub fn score(&self, text: &str, head: Head) -> f32 {
        let place = head.place();
        let weight = |feature: &u64| {
            let row = self.weights.get(bucket(*feature, self.weights.len()));
            row.and_then(|row| row.get(place)).copied().unwrap_or_default()
        };
        let bias = self.biases.get(place).copied().unwrap_or_default();
        windows(text).iter().fold(f32::NEG_INFINITY, |highest, features| {
            let sum: f32 = features.iter().map(weight).sum();
            highest.max(bias + sum / (features.len().max(1) as f32).sqrt())
        })
    }

    /// The model with weights of one byte. No text is asked about or blocked until its zones are set.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the rounded quotient is between -127 and 127")]
    pub fn quantise(&self, sources: Vec<Source>) -> Model {
        let mut most = [0.0_f32; HEADS];
        for row in &self.weights {
            for (most, weight) in most.iter_mut().zip(row) {
                *most = most.max(weight.abs());
            }
        }
        let scales = most.map(|most| if most > 0.0 { most / 127.0 } else { 1.0 });
        let round = |row: &[f32; HEADS]| {
            let mut rounded: Row = [0; HEADS];
            for ((byte, weight), scale) in rounded.iter_mut().zip(row).zip(scales) {
                *byte = (weight / scale).round().clamp(-127.0, 127.0) as i8;
            }
            rounded
        };
        let (features_version, normaliser_version) = Model::VERSIONS;
        let mut heads = [HeadSettings::default(); HEADS];
        for ((head, scale), bias) in heads.iter_mut().zip(scales).zip(self.biases) {
            *head = HeadSettings { scale, bias, ..HeadSettings::default() };
        }
        Model {
            seed: self.seed,
            features_version,
            normaliser_version,
            heads,
            sources,
            rows: self.weights.iter().map(round).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logistic_function_is_right_to_six_digits() {
        for x in (-300..=300).map(|x| x as f32 / 10.0) {
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            assert!((f64::from(logistic(x)) - exact).abs() < 1e-6, "{x}");
        }
    }
}
