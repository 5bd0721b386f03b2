//! Reads mail addresses.
//!
//! For each `@`: the run of local characters before it, without leading punctuation, at most 64; and the longest
//! beginning of the run of host characters after it that is a name of two labels or more ending in letters. Together at
//! most 254 characters.

use super::DataHit;
use crate::PersonalData;
use crate::class::{is_domain, is_local, is_local_start};
use crate::stream::{Cell, Cells};

/// RFC 5321 §4.5.3.1.1.
const LOCAL_MAX: usize = 64;
/// RFC 5321 §4.5.3.1.3 allows 254 in all.
const DOMAIN_MAX: usize = 254 - 1 - LOCAL_MAX;

#[derive(Debug, Clone, Default)]
pub(super) struct EmailState {
    /// Where the run of local characters starts that the newest one belongs to.
    run: Option<usize>,
    /// The newest character of the run is a dot, which may not stand before the `@`.
    ends_in_dot: bool,
    /// The address whose host name is being read: its start and its `@`.
    address: Option<(usize, usize)>,
}

impl EmailState {
    #[inline]
    pub(super) const fn is_idle(&self) -> bool {
        self.run.is_none() && self.address.is_none()
    }

    pub(super) fn step(&mut self, next: Option<char>, now: usize, cells: &Cells, hits: &mut Vec<DataHit>) {
        if let Some((start, at)) = self.address {
            let host = at.saturating_add(1);
            if !next.is_some_and(is_domain) {
                self.address = None;
                if let Some(length) = host_length(cells.range(host, now)) {
                    let end = host.saturating_add(length);
                    // All but the first character of the local part is hidden; one alone is hidden too.
                    let visible = (usize::from(at.saturating_sub(start) > 1), end.saturating_sub(at));
                    hits.push(DataHit { kind: PersonalData::Email, start, end, visible });
                }
            } else if now.saturating_sub(at) > DOMAIN_MAX {
                self.address = None;
            }
        }
        match next {
            Some('@') => {
                if let Some(start) = self.run.take()
                    && now.saturating_sub(start) <= LOCAL_MAX
                    && !self.ends_in_dot
                {
                    self.address = Some((start, now));
                }
            }
            Some(c) if is_local(c) => {
                self.ends_in_dot = c == '.';
                if self.run.is_none() && is_local_start(c) {
                    self.run = Some(now);
                }
            }
            _ => self.run = None,
        }
    }

    pub(super) fn pending(&self, count: usize) -> Option<usize> {
        let run = self.run.filter(|start| count.saturating_sub(*start) <= LOCAL_MAX);
        let address = self.address.map(|(start, _)| start);
        run.into_iter().chain(address).min()
    }
}

/// The characters of the longest beginning of `run` that is a host name.
fn host_length(run: &[Cell]) -> Option<usize> {
    let mut best = None;
    let mut start = 0_usize;
    for (number, label) in run.split(|cell| cell.ch == '.').enumerate() {
        let letters = label.iter().take_while(|cell| cell.ch.is_ascii_alphabetic()).count();
        // What follows the letters is the end of the label, or a hyphen: either way a boundary.
        let is_bounded = label.get(letters).is_none_or(|cell| cell.ch == '-');
        if number > 0 && letters >= 2 && is_bounded {
            best = Some(start.saturating_add(letters));
        }
        let (Some(first), Some(last)) = (label.first(), label.last()) else { break };
        if first.ch == '-' || last.ch == '-' {
            break;
        }
        start = start.saturating_add(label.len()).saturating_add(1);
    }
    best
}
