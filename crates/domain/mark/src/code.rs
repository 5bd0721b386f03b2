//! The convolutional code: 64 states (K = 7), rate one half, polynomials 133 and 171 (octal), ended by six zeros; and its
//! decoder, which gives the most likely messages of soft values (Viterbi, with a list).

#![expect(clippy::indexing_slicing, reason = "states are below 64, steps below the length of the code")]

use crate::payload::MESSAGE_BITS;

const POLYNOMIALS: [usize; 2] = [0o133, 0o171];
const MEMORY: usize = 6;
const STATES: usize = 1 << MEMORY;
const STEPS: usize = MESSAGE_BITS + MEMORY;

/// Bits after the code.
pub(crate) const CODED_BITS: usize = 2 * STEPS;

/// Messages that the decoder gives, the most likely first. The checksum picks: eight candidates win about a decibel over one
/// and make a false accept of noise eight times as likely, which the header's eight bits outweigh.
pub(crate) const CANDIDATES: usize = 8;

/// What the code says for a step that ends in `register` (the new bit lowest): +1 for a zero, -1 for a one.
fn signs(register: usize) -> [f32; 2] {
    POLYNOMIALS.map(|polynomial| {
        let is_one = (register & polynomial).count_ones() & 1 == 1;
        if is_one { -1.0 } else { 1.0 }
    })
}

/// The coded bits of a message as signs: +1 for a zero, -1 for a one.
pub(crate) fn encode(message: u64) -> [f32; CODED_BITS] {
    let mut coded = [0.0; CODED_BITS];
    let mut register = 0;
    for (step, pair) in coded.chunks_exact_mut(2).enumerate() {
        let bit = if step < MESSAGE_BITS { message >> (MESSAGE_BITS - 1 - step) & 1 } else { 0 };
        register = (register << 1 | usize::from(bit == 1)) & (2 * STATES - 1);
        pair.copy_from_slice(&signs(register));
    }
    coded
}

/// A path into a state: how well it fits, and where it came from.
#[derive(Clone, Copy)]
struct Path {
    fit: f32,
    /// The upper bit of the state before, which the step pushed out.
    pushed: u8,
    /// Which path of that state.
    rank: u8,
}

const NO_PATH: Path = Path { fit: f32::NEG_INFINITY, pushed: 0, rank: 0 };

/// The most likely messages of soft values (positive for a zero), the best first.
pub(crate) fn decode(soft: &[f32; CODED_BITS]) -> Vec<u64> {
    let outputs: Vec<[f32; 2]> = (0..2 * STATES).map(signs).collect();
    let mut history = vec![[[NO_PATH; CANDIDATES]; STATES]; STEPS + 1];
    history[0][0][0].fit = 0.0;
    for step in 0..STEPS {
        let pair = [soft[2 * step], soft[2 * step + 1]];
        // The six bits at the end are zeros.
        let bits = if step < MESSAGE_BITS { 2 } else { 1 };
        let (before, after) = history.split_at_mut(step + 1);
        let (before, after) = (&before[step], &mut after[0]);
        for state in (0..STATES).filter(|state| state & 1 < bits) {
            let origins = [state >> 1, (state >> 1) | (STATES / 2)];
            let gains = [0, 1].map(|pushed| {
                let output = outputs[(pushed * STATES) | state];
                output[0] * pair[0] + output[1] * pair[1]
            });
            // Two lists, each in order, become one.
            let mut next = [0_usize; 2];
            for path in &mut after[state] {
                let fits = [0, 1].map(|pushed| {
                    let list = &before[origins[pushed]];
                    list.get(next[pushed]).map_or(f32::NEG_INFINITY, |path| path.fit + gains[pushed])
                });
                let pushed = usize::from(fits[1] > fits[0]);
                if fits[pushed] == f32::NEG_INFINITY {
                    break;
                }
                #[expect(clippy::cast_possible_truncation, reason = "below 2 and below 8")]
                let made = Path { fit: fits[pushed], pushed: pushed as u8, rank: next[pushed] as u8 };
                *path = made;
                next[pushed] += 1;
            }
        }
    }
    (0..CANDIDATES)
        .filter(|rank| history[STEPS][0][*rank].fit > f32::NEG_INFINITY)
        .map(|rank| trace(&history, rank))
        .collect()
}

/// The message of the path of that rank into the last state.
fn trace(history: &[[[Path; CANDIDATES]; STATES]], rank: usize) -> u64 {
    let (mut state, mut rank, mut message) = (0_usize, rank, 0_u64);
    for step in (1..=STEPS).rev() {
        if step <= MESSAGE_BITS {
            message |= u64::from(state & 1 == 1) << (MESSAGE_BITS - step);
        }
        let path = history[step][state][rank];
        state = (state >> 1) | (usize::from(path.pushed) * (STATES / 2));
        rank = usize::from(path.rank);
    }
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CANDIDATES, decode, encode};

    proptest! {
        #[test]
        fn what_was_encoded_decodes(message: u64) {
            let messages = decode(&encode(message));
            prop_assert_eq!(messages.first(), Some(&message));
        }

        #[test]
        fn three_wrong_bits_and_twenty_lost_ones_are_put_right(message: u64, start in 0_usize..60) {
            let mut soft = encode(message);
            for step in [0, 25, 50] {
                soft[start + step] = -soft[start + step];
            }
            for lost in 0..20 {
                soft[(start + 7 * lost) % 140] *= 0.0;
            }
            let messages = decode(&soft);
            prop_assert_eq!(messages.first(), Some(&message));
        }

        #[test]
        fn candidates_differ_and_fit_less_and_less(soft in proptest::collection::vec(-1.0_f32..1.0, 140)) {
            let soft: [f32; 140] = soft.try_into().unwrap();
            let messages = decode(&soft);
            prop_assert_eq!(messages.len(), CANDIDATES);
            let fits: Vec<f32> = messages
                .iter()
                .map(|message| encode(*message).iter().zip(&soft).map(|(sign, soft)| sign * soft).sum())
                .collect();
            prop_assert!(fits.is_sorted_by(|one, two| *one >= *two - 1e-3));
            let mut unlike = messages.clone();
            unlike.sort_unstable();
            unlike.dedup();
            prop_assert_eq!(unlike.len(), messages.len());
        }
    }
}
