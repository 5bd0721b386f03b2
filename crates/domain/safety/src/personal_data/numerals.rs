//! Reads mobile numbers in Chinese numerals, alone or among digits: `一三八零零一三八零零零`, `幺三8 0013 八零00`.

use super::hearing::Hearing;
use super::{DataHit, PersonalData};
use crate::class::{is_group_separator, is_word};

/// The digits of a mobile number.
const DIGITS: u8 = 11;

/// The run of numerals that is being read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NumeralsState {
    run: Option<Run>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    count: u8,
    has_chinese: bool,
    /// The last character is a separator.
    is_open: bool,
}

/// The digit that a Chinese numeral stands for.
const fn chinese(c: char) -> Option<u8> {
    Some(match c {
        '〇' | '零' | '○' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

/// What a number in Chinese numerals may begin with, before a digit in either script.
pub(super) fn pairs() -> impl Iterator<Item = (char, char)> {
    const NUMERALS: &str = "〇零○一壹幺二贰三叁四肆五伍六陆七柒八捌九玖";
    NUMERALS
        .chars()
        .filter(|c| begins(*c))
        .flat_map(|first| NUMERALS.chars().map(move |second| (first, second)))
}

/// Whether a character is a digit in Chinese.
pub(super) const fn is_numeral(c: char) -> bool {
    chinese(c).is_some()
}

fn digit(c: char) -> Option<u8> {
    let ascii = c.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
    ascii.filter(|_| c.is_ascii()).or_else(|| chinese(c))
}

/// Whether a mobile number can begin with `c`.
#[inline]
pub(super) const fn begins(c: char) -> bool {
    matches!(c, '1' | '一' | '壹' | '幺')
}

impl NumeralsState {
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
        hits: &mut Vec<DataHit>,
    ) {
        let value = next.and_then(digit);
        let Some(mut run) = self.run.take() else {
            let begins = value == Some(1) && digit(hearing.last).is_none() && !is_word(hearing.last);
            if begins {
                let has_chinese = next.is_some_and(|c| !c.is_ascii());
                self.run = Some(Run { start: now, count: 1, has_chinese, is_open: false });
            }
            return;
        };
        match (value, next) {
            (Some(value), Some(c)) => {
                run.has_chinese |= !c.is_ascii();
                run.count = run.count.saturating_add(1);
                run.is_open = false;
                if run.count <= DIGITS && !(run.count == 2 && value < 3) {
                    self.run = Some(run);
                }
            }
            (None, Some(c)) if is_group_separator(c) && matches!(run.count, 3 | 7) && !run.is_open => {
                run.is_open = true;
                self.run = Some(run);
            }
            _ if run.count == DIGITS && run.has_chinese && !next.is_some_and(is_word) => {
                hits.push(DataHit {
                    kind: PersonalData::MobilePhone,
                    start: run.start,
                    end: now,
                    visible: (3, 4),
                });
            }
            _ => {}
        }
    }

    /// Where the run starts. One of digits alone is held by the other reader of digits where it can become a number.
    pub(super) fn pending(&self) -> Option<usize> {
        self.run.map(|run| run.start)
    }
}
