//! Reads IP addresses that lead to somebody.
//!
//! What leads to nobody is none: private, local, reserved and documentation ranges, the resolvers that everyone uses, and
//! four numbers below 16, which are the number of a section or a version.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::hearing::Hearing;
use super::words::Near;
use super::{DataHit, PersonalData};
use crate::class::is_word;
use crate::stream::{Cell, Cells};

/// The longest address of version 6; of version 4 with a port it is 21.
const CHARS_MAX: usize = 39;
/// How many characters a word such as `版本` may stand before a version number.
const VERSION_CHARS_MAX: u32 = 6;
/// Resolvers that are named in every manual.
const RESOLVERS: [[u8; 4]; 8] = [
    [8, 8, 8, 8],
    [8, 8, 4, 4],
    [114, 114, 114, 114],
    [114, 114, 115, 115],
    [223, 5, 5, 5],
    [223, 6, 6, 6],
    [180, 76, 76, 76],
    [119, 29, 29, 29],
];

/// The run of digits, dots, colons and hexadecimal letters that is being read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct InternetState {
    run: Option<Run>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    /// What stands before it may be an earlier group of an address of version 6.
    is_continued: bool,
}

impl InternetState {
    #[inline]
    pub(super) const fn is_idle(&self) -> bool {
        self.run.is_none()
    }

    #[inline]
    pub(super) fn step(
        &mut self,
        hearing: &Hearing,
        next: Option<char>,
        now: usize,
        cells: &Cells,
        hits: &mut Vec<DataHit>,
    ) {
        let Some(run) = self.run else {
            // An ellipsis is read as dots too.
            let is_decimal = hearing.last == '.' && hearing.second_last.is_ascii_digit();
            if next.is_some_and(|c| c.is_ascii_digit())
                && !is_word(hearing.last)
                && !is_decimal
                && !hearing.is_near(Near::Version, VERSION_CHARS_MAX)
            {
                let is_group = hearing.second_last.is_ascii_hexdigit() || hearing.second_last == ':';
                self.run = Some(Run { start: now, is_continued: hearing.last == ':' && is_group });
            }
            return;
        };
        if next.is_some_and(|c| c.is_ascii_hexdigit() || matches!(c, '.' | ':'))
            && now.saturating_sub(run.start) < CHARS_MAX
        {
            return;
        }
        self.run = None;
        if !next.is_some_and(is_word)
            && let Some((length, visible)) = read(cells.range(run.start, now), run.is_continued)
        {
            let (start, end) = (run.start, run.start.saturating_add(length));
            hits.push(DataHit { kind: PersonalData::IpAddress, start, end, visible: (visible, 0) });
        }
    }

    /// Where the run starts, where an address can still come of it.
    pub(super) fn pending(&self, cells: &Cells) -> Option<usize> {
        self.run.map(|run| run.start).filter(|start| can_grow(cells.range(*start, cells.count())))
    }
}

fn text(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.ch).collect()
}

/// The length of the address that the run is, and how many of its digits stay visible.
fn read(run: &[Cell], is_continued: bool) -> Option<(usize, usize)> {
    // Few runs have what an address needs; the others cost no memory.
    let count = |c: char| run.iter().filter(|cell| cell.ch == c).count();
    if count('.') < 3 && count(':') < 3 {
        return None;
    }
    let run = text(run);
    let run = run.trim_end_matches(['.', ':']);
    if run.matches('.').count() < 3 && run.matches(':').count() < 3 {
        return None;
    }
    if run.contains('.') {
        // What follows a colon is a port.
        let address = run.split(':').next()?;
        let octets = address.parse::<Ipv4Addr>().ok().filter(|one| leads_to_somebody(*one))?.octets();
        let visible = octets.iter().take(2).map(|octet| octet.to_string().len()).sum();
        return Some((address.len(), visible));
    }
    let is_documentation = run.starts_with("2001:db8:") || run.starts_with("2001:0db8:");
    if is_continued || !is_global(run) || is_documentation || run.parse::<Ipv6Addr>().is_err() {
        return None;
    }
    Some((run.len(), run.split(':').take(2).map(str::len).sum()))
}

fn leads_to_somebody(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_test = first == 198 && (18..20).contains(&second);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || first == 0
        || first >= 224
        || is_shared
        || is_test
        || RESOLVERS.contains(&address.octets())
        || address.octets().iter().all(|octet| *octet < 16))
}

/// 2000::/3 is all that has been given out.
fn is_global(run: &str) -> bool {
    let head = run.split(':').next().unwrap_or_default();
    head.len() == 4 && head.starts_with(['2', '3'])
}

/// Whether it may be an address, with more characters or as it is. What cannot be one never can again.
fn can_grow(run: &[Cell]) -> bool {
    let run = text(run);
    let sign = run.find(['.', ':']).and_then(|at| run.get(at..)).and_then(|rest| rest.chars().next());
    match sign {
        Some('.') => {
            let (address, port) = run.split_once(':').map_or((&*run, None), |(a, b)| (a, Some(b)));
            let octets: Vec<&str> = address.split('.').collect();
            let fits = |octet: &&str| octet.is_empty() || octet.parse::<u8>().is_ok();
            let (last, before) = octets.split_last().unwrap_or((&"", &[]));
            // Behind four parts there may only be the full stops of the sentence.
            let is_ended = octets.iter().skip(4).all(|octet| octet.is_empty());
            let is_whole = before.iter().take(4).all(|octet| octet.parse::<u8>().is_ok());
            is_whole && fits(last) && is_ended && (port.is_none() || octets.len() >= 4)
        }
        Some(_) => {
            // Behind an address of version 6 as well.
            let address = run.trim_end_matches(['.', ':']);
            is_global(address) && address.split(':').all(|group| group.len() <= 4 && !group.contains('.'))
        }
        None => run.parse::<u8>().is_ok() || (run.len() <= 4 && run.starts_with(['2', '3'])),
    }
}
