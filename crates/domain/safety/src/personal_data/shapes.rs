//! How the numbers look: groups, leading digits, check digits.

use super::PersonalData;

/// The digits of the longest shape.
pub(super) const DIGITS_MAX: usize = 19;
/// The groups of the longest shape.
pub(super) const GROUPS_MAX: usize = 5;

/// The kinds of number that are looked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kinds {
    pub(super) resident_id: bool,
    pub(super) mobile_phone: bool,
    pub(super) bank_card: bool,
    pub(super) landline: bool,
}

impl Kinds {
    pub(super) const fn any(self) -> bool {
        self.resident_id || self.mobile_phone || self.bank_card || self.landline
    }

    const fn has(self, kind: PersonalData) -> bool {
        match kind {
            PersonalData::ResidentId => self.resident_id,
            PersonalData::MobilePhone => self.mobile_phone,
            PersonalData::BankCard => self.bank_card,
            PersonalData::Landline => self.landline,
            _ => false,
        }
    }
}

/// One way to write a number: the least and the greatest length of each group.
struct Shape {
    kind: PersonalData,
    groups: &'static [(u8, u8)],
}

const fn shape(kind: PersonalData, groups: &'static [(u8, u8)]) -> Shape {
    Shape { kind, groups }
}

/// Every shape; where two fit the same digits the first one counts.
const SHAPES: &[Shape] = &[
    shape(PersonalData::ResidentId, &[(18, 18)]),
    shape(PersonalData::ResidentId, &[(6, 6), (8, 8), (4, 4)]),
    shape(PersonalData::MobilePhone, &[(11, 11)]),
    shape(PersonalData::MobilePhone, &[(3, 3), (4, 4), (4, 4)]),
    shape(PersonalData::MobilePhone, &[(13, 13)]),
    shape(PersonalData::MobilePhone, &[(15, 15)]),
    shape(PersonalData::Landline, &[(3, 4), (7, 8)]),
    shape(PersonalData::Landline, &[(3, 4), (3, 4), (4, 4)]),
    shape(PersonalData::Landline, &[(10, 12)]),
    shape(PersonalData::BankCard, &[(12, 19)]),
    shape(PersonalData::BankCard, &[(4, 4), (4, 4), (4, 4), (1, 4)]),
    shape(PersonalData::BankCard, &[(4, 4), (4, 4), (4, 4), (4, 4), (1, 3)]),
    shape(PersonalData::BankCard, &[(4, 4), (6, 6), (4, 5)]),
    shape(PersonalData::BankCard, &[(6, 6), (7, 13)]),
];

/// The digits of some groups, `x` as the last one of a resident id, and the lengths of the groups.
#[derive(Debug, Default)]
pub(super) struct Number {
    digits: [u8; DIGITS_MAX],
    count: usize,
    lengths: [u8; GROUPS_MAX],
    groups: usize,
    near: NearNumber,
}

/// Which words stand near before a number: `电话`, `卡号`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NearNumber {
    pub(super) phone: bool,
    pub(super) card: bool,
}

impl Number {
    pub(super) fn new(near: NearNumber) -> Self {
        Self { near, ..Self::default() }
    }

    /// Adds a group; false where it makes the number longer than any shape.
    pub(super) fn add_group(&mut self, chars: impl Iterator<Item = char>) -> bool {
        let Some(length) = self.lengths.get_mut(self.groups) else { return false };
        self.groups = self.groups.saturating_add(1);
        for c in chars {
            let (Some(slot), Ok(digit)) = (self.digits.get_mut(self.count), u8::try_from(c)) else {
                return false;
            };
            *slot = digit;
            self.count = self.count.saturating_add(1);
            *length = length.saturating_add(1);
        }
        true
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or_default()
    }

    fn lengths(&self) -> &[u8] {
        self.lengths.get(..self.groups).unwrap_or_default()
    }

    /// What the number is, complete as it stands, and how many digits at its start and end stay visible.
    pub(super) fn classify(&self, kinds: Kinds) -> Option<(PersonalData, (usize, usize))> {
        let lengths = self.lengths();
        SHAPES
            .iter()
            .filter(|shape| {
                kinds.has(shape.kind) && shape.groups.len() == lengths.len() && self.allows(shape)
            })
            .filter(|shape| shape.groups.iter().zip(lengths).all(|(g, l)| (g.0..=g.1).contains(l)))
            .find_map(|shape| Some((shape.kind, self.check(shape.kind)?)))
    }

    /// A fixed telephone without a gap behind its area code needs a word that says so.
    const fn allows(&self, shape: &Shape) -> bool {
        self.near.phone || shape.groups.len() > 1 || !matches!(shape.kind, PersonalData::Landline)
    }

    /// Whether the complete digits are valid, and how many at the start and the end stay visible.
    fn check(&self, kind: PersonalData) -> Option<(usize, usize)> {
        let digits = self.digits();
        match kind {
            PersonalData::ResidentId => is_resident_id(digits).then_some((3, 4)),
            PersonalData::MobilePhone => {
                let code = digits.len().checked_sub(11)?;
                let (prefix, rest) = digits.split_at_checked(code)?;
                let is_code = matches!(prefix, b"" | b"86" | b"0086");
                let [b'1', b'3'..=b'9', ..] = rest else { return None };
                (is_code && rest.iter().all(u8::is_ascii_digit)).then_some((code.saturating_add(3), 4))
            }
            PersonalData::Landline => {
                let area = area_length(digits);
                let first = self.lengths().first().map_or(0, |length| usize::from(*length));
                let local = digits.get(area..).unwrap_or_default();
                let fits_gap = self.groups == 1 || first == area;
                let fits_length = local.len() == 8 || (local.len() == 7 && area == 4);
                let is_local = matches!(local, [b'2'..=b'8', ..]) && local.iter().all(u8::is_ascii_digit);
                (can_start(kind, digits) && fits_gap && fits_length && is_local).then_some((area, 2))
            }
            PersonalData::BankCard => is_bank_card(digits, self.near.card).then_some((4, 4)),
            _ => None,
        }
    }

    /// Whether more digits could make it something. The last group is still open unless `is_closed`.
    pub(super) fn can_grow(&self, kinds: Kinds, is_closed: bool) -> bool {
        let lengths = self.lengths();
        SHAPES.iter().filter(|shape| kinds.has(shape.kind) && self.allows(shape)).any(|shape| {
            let needed = lengths.len().saturating_add(usize::from(is_closed));
            let last = lengths.len().saturating_sub(1);
            shape.groups.len() >= needed
                && shape.groups.iter().zip(lengths).enumerate().all(|(i, (group, length))| {
                    *length <= group.1 && (*length >= group.0 || (i == last && !is_closed))
                })
                && (can_start(shape.kind, self.digits())
                    || (self.near.card && matches!(shape.kind, PersonalData::BankCard)))
        })
    }
}

/// Whether a number of that kind can begin with these digits.
fn can_start(kind: PersonalData, digits: &[u8]) -> bool {
    let agrees = |prefix: &[u8]| digits.iter().zip(prefix).all(|(a, b)| a == b);
    match kind {
        PersonalData::ResidentId => {
            let century = digits.get(6..).unwrap_or_default();
            let century_fits = [b"19", b"20"].iter().any(|c| century.iter().zip(*c).all(|(a, b)| a == b));
            century_fits
                && match digits {
                    [] => true,
                    [first] => (b'1'..=b'9').contains(first),
                    [first, second, ..] => is_province(*first, *second),
                }
        }
        PersonalData::MobilePhone => [&b""[..], b"86", b"0086"].iter().any(|code| {
            let rest = digits.get(code.len()..).unwrap_or_default();
            let begins = match rest {
                [] => true,
                [first] => *first == b'1',
                [first, second, ..] => *first == b'1' && (b'3'..=b'9').contains(second),
            };
            agrees(code) && begins
        }),
        PersonalData::BankCard => ISSUERS.iter().any(|issuer| issuer.can_start(digits)),
        PersonalData::Landline => match digits {
            [] => true,
            [first] => *first == b'0',
            [first, second] => *first == b'0' && (b'1'..=b'9').contains(second),
            // Of the codes that begin with 01 there is 010 alone.
            [first, second, third, ..] => {
                *first == b'0' && (*second > b'1' || *third == b'0') && (b'1'..=b'9').contains(second)
            }
        },
        _ => false,
    }
}

/// How many digits an area code has: three where it begins with 010 or 02.
const fn area_length(digits: &[u8]) -> usize {
    if matches!(digits, [b'0', b'1' | b'2', ..]) { 3 } else { 4 }
}

/// The provinces of GB/T 2260, Hong Kong, Macao, Taiwan, and 91 for foreign permanent residents.
pub(super) const fn is_province(first: u8, second: u8) -> bool {
    matches!(
        (first, second),
        (b'1', b'1'..=b'5')
            | (b'2', b'1'..=b'3')
            | (b'3', b'1'..=b'7')
            | (b'4', b'1'..=b'6')
            | (b'5', b'0'..=b'4')
            | (b'6', b'1'..=b'5')
            | (b'7', b'1')
            | (b'8', b'1'..=b'3')
            | (b'9', b'1')
    )
}

/// GB 11643-1999: province, a date that exists between 1900 and 2099, check character by ISO 7064 MOD 11-2.
fn is_resident_id(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let ([first, second, ..], Some((body, [check]))) = (digits, digits.split_at_checked(17)) else {
        return false;
    };
    if !body.iter().all(u8::is_ascii_digit) || !is_province(*first, *second) {
        return false;
    }
    let number = |from: usize, to: usize| {
        let digits = body.get(from..to).unwrap_or_default();
        digits.iter().fold(0_u32, |sum, d| sum.wrapping_mul(10).wrapping_add(u32::from(d & 0x0F)))
    };
    if !is_date(number(6, 10), number(10, 12), number(12, 14)) {
        return false;
    }
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(d, weight)| u32::from(d & 0x0F).wrapping_mul(weight)).sum();
    b"10x98765432".get((sum % 11) as usize) == Some(check)
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return false,
    };
    (1900..=2099).contains(&year) && (1..=days).contains(&day)
}

/// Leading digits of cards, from `first` to `last`, and how many digits the whole has.
struct Issuer {
    first: &'static [u8],
    last: &'static [u8],
    lengths: (usize, usize),
}

const fn issuer(first: &'static [u8], last: &'static [u8], least: usize, most: usize) -> Issuer {
    Issuer { first, last, lengths: (least, most) }
}

/// The ranges of ISO/IEC 7812 that are in use in China. Without them one random number in ten would be a card.
const ISSUERS: &[Issuer] = &[
    issuer(b"62", b"62", 16, 19),     // UnionPay
    issuer(b"60", b"60", 16, 19),     // UnionPay, Discover
    issuer(b"64", b"65", 16, 19),     // Discover
    issuer(b"955", b"955", 16, 19),   // old debit cards of ICBC and ABC
    issuer(b"4", b"4", 13, 13),       // Visa, old
    issuer(b"4", b"4", 16, 16),       // Visa
    issuer(b"4", b"4", 19, 19),       // Visa
    issuer(b"51", b"55", 16, 16),     // Mastercard
    issuer(b"2221", b"2720", 16, 16), // Mastercard since 2017
    issuer(b"3528", b"3589", 16, 19), // JCB
    issuer(b"34", b"34", 15, 15),     // American Express
    issuer(b"37", b"37", 15, 15),     // American Express
    issuer(b"36", b"36", 14, 14),     // Diners Club
    issuer(b"300", b"305", 14, 14),   // Diners Club
    issuer(b"38", b"39", 14, 14),     // Diners Club
];

impl Issuer {
    fn can_start(&self, digits: &[u8]) -> bool {
        let known = digits.len().min(self.first.len());
        let cut = |range: &'static [u8]| range.get(..known).unwrap_or_default();
        let head = digits.get(..known).unwrap_or_default();
        digits.len() <= self.lengths.1 && cut(self.first) <= head && head <= cut(self.last)
    }
}

/// Known leading digits with their length, or a word that says so; and the Luhn check digit (ISO/IEC 7812-1, Annex B).
fn is_bank_card(digits: &[u8], is_near_word: bool) -> bool {
    let has_issuer = is_near_word
        || ISSUERS.iter().any(|issuer| issuer.can_start(digits) && digits.len() >= issuer.lengths.0);
    if !has_issuer || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit & 0x0F);
            match place % 2 {
                0 => value,
                _ if value > 4 => value.wrapping_mul(2).wrapping_sub(9),
                _ => value.wrapping_mul(2),
            }
        })
        .sum();
    sum.is_multiple_of(10)
}
