//! Slow and obvious second versions of the detectors that are not digits in groups, mail addresses or terms.
//!
//! Each looks at the whole text from every place where it could begin. Words that announce are only those that the texts
//! made here have.

use proptest::prelude::*;
use safety::{Action, Engine, EngineBuilder, PersonalData, PolicyRow};

use crate::reference::{Hit, data_hit, escape, is_word, stream};

/// All hits but those of digits in groups and of mail addresses.
pub(crate) fn hits(chars: &[char]) -> Vec<Hit> {
    let mut hits = numerals(chars);
    hits.extend(codes(chars));
    hits.extend(plates(chars));
    hits.extend(addresses_of_hosts(chars));
    hits.extend(announced(chars));
    hits
}

/// A hit whose first and last letters and digits stay visible; of a secret nothing does.
fn hit(
    rule: &'static str,
    chars: &[char],
    (start, end): (usize, usize),
    decided: usize,
    visible: (usize, usize),
) -> Hit {
    let is_secret = rule.starts_with("secrets");
    let counts = |c: &char| c.is_alphanumeric() || (is_secret && !c.is_whitespace());
    let total = chars[start..end].iter().filter(|c| counts(c)).count();
    let mut number = 0;
    let hidden = chars[start..end]
        .iter()
        .map(|c| {
            number += usize::from(counts(c));
            counts(c) && number > visible.0 && number + visible.1 <= total
        })
        .collect();
    let reported = ["social-credit-code", "organisation-code", "name", "address"];
    let action = if reported.iter().any(|kind| rule.ends_with(kind)) && !rule.ends_with("ip-address") {
        Action::Warn
    } else {
        Action::Mask
    };
    Hit { action, ..data_hit(rule, start, end, decided, hidden) }
}

/// Whether one of `words` ends at most 16 characters before `start`.
pub(crate) fn is_near(chars: &[char], start: usize, words: &[&str]) -> bool {
    (start.saturating_sub(16)..=start).any(|end| words.iter().any(|word| ends(chars, end, word)))
}

fn ends(chars: &[char], end: usize, word: &str) -> bool {
    let word: Vec<char> = word.chars().collect();
    end <= chars.len() && chars[..end].ends_with(&word)
}

/// The groups of a number from `start` to `end`; none where something else lies between them than one separator, or
/// the parenthesis that closes.
pub(crate) fn groups(chars: &[char], start: usize, end: usize) -> Option<Vec<String>> {
    let mut groups = Vec::new();
    let mut at = start;
    loop {
        let length = chars[at..end].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        if length == 0 {
            return None;
        }
        groups.push(chars[at..at + length].iter().collect());
        let is_in_parenthesis = at > 0 && chars[at - 1] == '(';
        at += length;
        match &chars[at..end] {
            [] => return Some(groups),
            [')', ' ', ..] if is_in_parenthesis => at += 2,
            [')', ..] if is_in_parenthesis => at += 1,
            [c, ..] if " -‐–−".contains(*c) => at += 1,
            _ => return None,
        }
    }
}

/// Area code and length of a fixed telephone.
pub(crate) fn landline(groups: &[String], is_near_phone: bool) -> Option<usize> {
    let digits = groups.concat();
    let lengths: Vec<usize> = groups.iter().map(String::len).collect();
    let area = if digits.starts_with("010") || digits.starts_with("02") {
        3
    } else if ["03", "04", "05", "06", "07", "08", "09"].iter().any(|head| digits.starts_with(head)) {
        4
    } else {
        return None;
    };
    let local = digits.get(area..)?;
    let fits = match lengths.as_slice() {
        [10..=12] => is_near_phone,
        [first, 7..=8] | [first, 3..=4, 4] => *first == area,
        _ => false,
    };
    let is_local = local.len() == 8 || (local.len() == 7 && area == 4);
    (fits && is_local && !local.starts_with(['0', '1', '9'])).then_some(area)
}

fn numerals(chars: &[char]) -> Vec<Hit> {
    let value = |c: char| match "〇一二三四五六七八九".chars().position(|one| one == c) {
        Some(digit) => Some(digit),
        None if c == '零' || c == '○' => Some(0),
        None if c == '幺' => Some(1),
        None => "零壹贰叁肆伍陆柒捌玖".chars().position(|one| one == c).or(c
            .is_ascii()
            .then(|| c.to_digit(10))
            .flatten()
            .map(|d| d as usize)),
    };
    let mut hits = Vec::new();
    for start in 0..chars.len() {
        if start > 0 && (is_word(chars[start - 1]) || value(chars[start - 1]).is_some()) {
            continue;
        }
        let (mut digits, mut at) = (Vec::new(), start);
        while digits.len() < 11 && at < chars.len() {
            if let Some(digit) = value(chars[at]) {
                digits.push(digit);
            } else if !(" -‐–−".contains(chars[at])
                && matches!(digits.len(), 3 | 7)
                && value(chars[at - 1]).is_some())
            {
                break;
            }
            at += 1;
        }
        let follows = chars.get(at).is_some_and(|c| is_word(*c) || value(*c).is_some());
        let is_mobile = digits.len() == 11 && digits[0] == 1 && digits[1] >= 3;
        if is_mobile && !follows && chars[start..at].iter().any(|c| !c.is_ascii() && value(*c).is_some()) {
            hits.push(hit("personal-data.mobile-phone", chars, (start, at), at + 1, (3, 4)));
        }
    }
    hits
}

fn codes(chars: &[char]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let is_alnum = |i: usize| chars.get(i).is_some_and(char::is_ascii_alphanumeric);
    for start in 0..chars.len() {
        let before = start.checked_sub(1).map(|i| chars[i]);
        if !is_alnum(start) || before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            continue;
        }
        let is_bounded = !before.is_some_and(is_word);
        let end = (start..).find(|i| !is_alnum(*i)).unwrap();
        if chars.get(end).copied().is_some_and(is_word) {
            continue;
        }
        let word: String = chars[start..end].iter().collect();
        let is_organisation = is_near(chars, start, &["机构代码"]);
        let mut add = |rule, visible| hits.push(hit(rule, chars, (start, end), end + 1, visible));
        if is_bounded && credit_code(&word) {
            add("personal-data.social-credit-code", (2, 4));
        }
        if is_bounded && passport(&word, is_near(chars, start, &["护照"])) {
            add("personal-data.passport", (1, 3));
        }
        if is_bounded && is_near(chars, start, &["通行证"]) && permit(&word) {
            add("personal-data.travel-permit", (1, 3));
        }
        if is_bounded && is_organisation && organisation_code(&word) {
            add("personal-data.organisation-code", (2, 2));
        }
        if is_bounded
            && is_organisation
            && word.len() == 8
            && chars.get(end) == Some(&'-')
            && is_alnum(end + 1)
        {
            let after = end + 2;
            let joined = format!("{word}{}", chars[end + 1]);
            if !chars.get(after).copied().is_some_and(is_word) && organisation_code(&joined) {
                hits.push(hit("personal-data.organisation-code", chars, (start, after), after + 1, (2, 2)));
            }
        }
    }
    hits
}

fn credit_code(word: &str) -> bool {
    let alphabet = "0123456789abcdefghjklmnpqrtuwxy";
    let values: Vec<usize> = word.chars().filter_map(|c| alphabet.find(c)).collect();
    if word.len() != 18 || values.len() != 18 || !word[2..8].bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let province = word[2..4].parse::<u32>().unwrap();
    let provinces = [10..=15, 21..=23, 31..=37, 41..=46, 50..=54, 61..=65, 71..=71, 81..=83, 91..=91];
    let head = "123456789any".contains(&word[..1]) && "123459".contains(&word[1..2]);
    // The weights are powers of 3 modulo 31; with the check character the sum is 0.
    let (mut weight, mut sum) = (1, 0);
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    let is_number = word.bytes().all(|b| b.is_ascii_digit());
    head && provinces.iter().any(|range| range.contains(&province))
        && (sum + values[17]).is_multiple_of(31)
        && (!is_number || organisation_code(&word[8..17]))
}

fn organisation_code(word: &str) -> bool {
    if word.len() != 9 {
        return false;
    }
    let weighted = word.chars().zip([3, 7, 9, 10, 5, 8, 4, 2]);
    let sum: u32 = weighted.map(|(c, weight)| c.to_digit(36).unwrap() * weight).sum();
    let check = ["0", "x", "9", "8", "7", "6", "5", "4", "3", "2", "1"][(sum % 11) as usize];
    word.ends_with(check)
}

fn digits_behind(word: &str) -> Option<(&str, usize)> {
    let (head, digits) = word.split_at(word.find(|c: char| c.is_ascii_digit())?);
    digits.bytes().all(|b| b.is_ascii_digit()).then_some((head, digits.len()))
}

fn passport(word: &str, is_near: bool) -> bool {
    match digits_behind(word) {
        Some(("e", 8)) => true,
        Some((head, 7)) if head.len() == 2 && head.starts_with('e') => !["ei", "eo"].contains(&head),
        Some(("g" | "d" | "s" | "p" | "h" | "k" | "m", 8)) => is_near,
        Some((head, 7)) if head.len() == 2 => is_near && head.starts_with(['d', 's', 'p', 'h', 'k', 'm']),
        _ => false,
    }
}

fn permit(word: &str) -> bool {
    match digits_behind(word) {
        Some(("" | "h" | "m" | "c" | "w" | "t" | "l", 8)) | Some(("h" | "m", 10)) => true,
        Some((head, 7)) => head.len() == 2 && head.starts_with(['c', 'w']),
        _ => false,
    }
}

fn plates(chars: &[char]) -> Vec<Hit> {
    let provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    let mut hits = Vec::new();
    for start in (0..chars.len()).filter(|i| provinces.contains(chars[*i])) {
        if !chars.get(start + 1).is_some_and(char::is_ascii_alphabetic) {
            continue;
        }
        let gap = usize::from(chars.get(start + 2).is_some_and(|c| "· -•・.".contains(*c)));
        let from = start + 2 + gap;
        let number: String = chars.iter().skip(from).take_while(|c| c.is_ascii_alphanumeric()).collect();
        let end = from + number.len();
        let next = chars.get(end).copied();
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let is_energy = |c: char| ('a'..='k').contains(&c);
        let is_new = number.len() == 6
            && ((is_energy(number.chars().next().unwrap()) && is_digits(&number[2..]))
                || (is_energy(number.chars().last().unwrap()) && is_digits(&number[..5])));
        if next.is_some_and(is_word) {
            continue;
        }
        if number.len() == 4 && digits >= 3 && next.is_some_and(|c| "学警挂港澳领使".contains(c)) {
            hits.push(hit("personal-data.number-plate", chars, (start, end + 1), end + 1, (2, 2)));
        } else if !number.contains(['i', 'o']) && ((number.len() == 5 && digits >= 3) || is_new) {
            hits.push(hit("personal-data.number-plate", chars, (start, end), end + 1, (2, 2)));
        }
    }
    hits
}

fn addresses_of_hosts(chars: &[char]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for start in (0..chars.len()).filter(|i| chars[*i].is_ascii_digit()) {
        let before = start.checked_sub(1).map(|i| chars[i]);
        let second = start.checked_sub(2).map(|i| chars[i]);
        let is_decimal = before == Some('.') && second.is_some_and(|c| c.is_ascii_digit());
        let is_continued = before == Some(':') && second.is_some_and(|c| c.is_ascii_hexdigit() || c == ':');
        let is_version = (start.saturating_sub(6)..=start).any(|end| ends(chars, end, "版本"));
        // Inside another run: what stands before it begins with a digit.
        let inside = (0..start).any(|i| {
            chars[i].is_ascii_digit()
                && !(i > 0 && is_word(chars[i - 1]))
                && chars[i..start].iter().all(|c| c.is_ascii_hexdigit() || ".:".contains(*c))
                && start - i < 39
                && addresses_begin(chars, i)
        });
        if before.is_some_and(is_word) || is_decimal || is_version || inside {
            continue;
        }
        let is_part = |c: &&char| c.is_ascii_hexdigit() || ".:".contains(**c);
        let run: String = chars[start..].iter().take_while(is_part).take(39).collect();
        let after = start + run.len();
        if chars.get(after).copied().is_some_and(is_word) {
            continue;
        }
        let run = run.trim_end_matches(['.', ':']);
        let (length, visible) = if run.contains('.') {
            let host = run.split(':').next().unwrap();
            let numbers: Vec<&str> = host.split('.').collect();
            let is_octet = |n: &&str| {
                n.bytes().all(|b| b.is_ascii_digit())
                    && n.parse::<u8>().is_ok_and(|value| value.to_string() == **n)
            };
            if numbers.len() != 4 || !numbers.iter().all(is_octet) {
                continue;
            }
            let n: Vec<u32> = numbers.iter().map(|n| n.parse().unwrap()).collect();
            let closed = [
                n[0] == 0 || n[0] == 10 || n[0] == 127 || n[0] >= 224,
                n[0] == 172 && n[1] / 16 == 1,
                n[0] == 192 && n[1] == 168,
                n[0] == 169 && n[1] == 254,
                n[0] == 100 && n[1] / 64 == 1,
                n[0] == 198 && n[1] / 2 == 9,
                n.starts_with(&[192, 0, 2])
                    || n.starts_with(&[198, 51, 100])
                    || n.starts_with(&[203, 0, 113]),
                n.iter().all(|octet| *octet < 16),
                ["8.8.8.8", "8.8.4.4", "223.5.5.5", "223.6.6.6", "180.76.76.76", "119.29.29.29"]
                    .contains(&host),
                host == "114.114.114.114" || host == "114.114.115.115",
            ];
            if closed.contains(&true) {
                continue;
            }
            (host.len(), numbers[0].len() + numbers[1].len())
        } else {
            let parts: Vec<&str> = run.split(':').collect();
            let is_global = parts[0].len() == 4 && parts[0].starts_with(['2', '3']);
            let is_documentation = parts[0] == "2001" && (parts[1] == "db8" || parts[1] == "0db8");
            if is_continued
                || parts.len() < 4
                || !is_global
                || is_documentation
                || run.parse::<std::net::Ipv6Addr>().is_err()
            {
                continue;
            }
            (run.len(), parts[0].len() + parts[1].len())
        };
        hits.push(hit("personal-data.ip-address", chars, (start, start + length), after + 1, (visible, 0)));
    }
    hits
}

/// Whether a run of digits, dots and colons is looked at from `start` on.
fn addresses_begin(chars: &[char], start: usize) -> bool {
    let is_decimal = start > 1 && chars[start - 1] == '.' && chars[start - 2].is_ascii_digit();
    !is_decimal && !(start.saturating_sub(6)..=start).any(|end| ends(chars, end, "版本"))
}

/// A word that announces: its text, whether it must stand alone, what it announces.
type Word = (&'static str, bool, &'static str);

const WORDS: &[Word] = &[
    ("密码", false, "password"),
    ("口令", false, "password"),
    ("password", false, "password"),
    ("pwd", false, "password"),
    ("sk-", true, "sk"),
    ("akia", true, "akia"),
    ("eyj", true, "jwt"),
    ("bearer", true, "bearer"),
    ("private key-----", false, "pem"),
    ("://", false, "authority"),
    ("姓名", false, "name"),
    ("我叫", false, "name"),
    ("联系", false, "titled"),
    ("尊敬的", false, "titled"),
    ("地址", false, "address"),
    ("住在", false, "address"),
    ("北京", false, "place"),
    ("广东", false, "place"),
];

/// What became of an announcement.
struct Value {
    class: &'static str,
    /// Where the value starts; the end of the text where none does.
    from: usize,
    /// With which character it is over.
    over: usize,
    hits: Vec<Hit>,
}

fn announced(chars: &[char]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut present: Option<Value> = None;
    for end in 1..=chars.len() {
        let run = chars[..end].iter().rev().take_while(|c| is_word(**c) || "_-".contains(**c)).count();
        let word = WORDS.iter().find(|(word, is_bounded, _)| {
            ends(chars, end, word) && (!is_bounded || run == word.chars().count())
        });
        let Some((_, _, class)) = word else { continue };
        let last = end - 1;
        if let Some(value) = present.take_if(|value| value.over > last) {
            let is_name = ["name", "titled"].contains(&value.class);
            let is_address = ["address", "place"].contains(&value.class);
            let gives_way = value.from > last || is_name || (is_address && *class != "place");
            if !gives_way {
                present = Some(value);
                continue;
            }
            if is_address && value.from <= last {
                // What is complete is found, by the character that ended the word.
                hits.extend(postal(chars, value.from, end).1.map(|hit| Hit { decided: end, ..hit }));
            }
        }
        hits.extend(present.take().map(|value| value.hits).unwrap_or_default());
        present = Some(value(chars, end, class));
    }
    hits.extend(present.map(|value| value.hits).unwrap_or_default());
    hits
}

/// What `class`, announced right before `at`, announces.
fn value(chars: &[char], at: usize, class: &'static str) -> Value {
    let (separators, least, most) = match class {
        "bearer" => (" ", 1, 2),
        "password" => (":= 是为\"'`“「>", 1, 5),
        "name" => (": 是为\"“「", 0, 3),
        "address" => (": 是为在\"“「了", 0, 3),
        "titled" => (" :", 0, 3),
        "place" => (" ", 0, 1),
        _ => ("", 0, 0),
    };
    let count = chars[at..].iter().take_while(|c| separators.contains(**c)).count().min(most);
    let from = at + count;
    let nothing = |over| Value { class, from: over, over, hits: Vec::new() };
    if from == chars.len() || count < least {
        return nothing(from);
    }
    let (over, hits) = match class {
        "name" | "titled" => name(chars, from, class),
        "address" | "place" => {
            let (over, hit) = postal(chars, from, chars.len());
            (over, hit.into_iter().collect())
        }
        _ => secret(chars, from, class),
    };
    Value { class, from, over, hits }
}

fn secret(chars: &[char], from: usize, class: &str) -> (usize, Vec<Hit>) {
    let accepts = |i: usize| {
        let c = chars[i];
        let among = |more: &str| c.is_ascii_alphanumeric() || more.contains(c);
        match class {
            "sk" => among("_-"),
            "akia" => among(""),
            "jwt" => among("_-."),
            "bearer" => among("._~+/=-"),
            "pem" => among("+/=: \n\r\t\\,-") && !(c == '-' && chars[i - 1] == '-'),
            "authority" => c.is_ascii_graphic() && !"/\"'`<>\\?#".contains(c),
            _ => c.is_ascii_graphic() && !"\"'`,;()<>[]{}\\".contains(c),
        }
    };
    let over = (from..chars.len()).find(|i| !accepts(*i)).unwrap_or(chars.len());
    if class == "authority" {
        if over - from >= 160 {
            return (from + 159, Vec::new());
        }
        let colon = (from..over).find(|i| chars[*i] == ':');
        let at = (from..over).rev().find(|i| chars[*i] == '@');
        let found = match (colon, at) {
            (Some(colon), Some(at)) if at > colon + 1 => {
                vec![hit("secrets.connection-string", chars, (colon + 1, at), over + 1, (0, 0))]
            }
            _ => Vec::new(),
        };
        return (over, found);
    }
    let rule = match class {
        "sk" | "akia" => "secrets.api-key",
        "jwt" | "bearer" => "secrets.token",
        "pem" => "secrets.private-key",
        _ => "secrets.password",
    };
    let is_secret = |start: usize, end: usize, next: Option<char>| {
        let run = &chars[start..end];
        let digits = run.iter().filter(|c| c.is_ascii_digit()).count();
        let letters = run.iter().filter(|c| c.is_ascii_alphabetic()).count();
        let dots = run.iter().filter(|c| **c == '.').count();
        match class {
            "sk" => (20..=256).contains(&run.len()) && digits >= 2,
            "akia" => run.len() == 16 && digits >= 1,
            "jwt" => run.len() >= 20 && (dots >= 2 || (dots == 1 && run.len() >= 256)),
            "bearer" => run.len() >= 20 && digits >= 1,
            "pem" => digits + letters >= 16,
            _ => {
                let is_number = digits == run.len() && run.len() <= 12;
                (6..=64).contains(&run.len())
                    && !next.is_some_and(|c| "([{<".contains(c))
                    && (is_number || (digits > 0 && letters > 0))
            }
        }
    };
    let mut found = Vec::new();
    let mut start = from;
    while over - start >= 256 {
        if start == from && !is_secret(start, start + 256, None) {
            return (start + 255, found);
        }
        start += 256;
        found.push(hit(rule, chars, (start - 256, start), start, (0, 0)));
    }
    let end = if class == "pem" && over > 0 && chars[over - 1] == '-' { over - 1 } else { over };
    if start < end && (start > from || is_secret(start, end, chars.get(over).copied())) {
        found.push(hit(rule, chars, (start, end), over + 1, (0, 0)));
    }
    (over, found)
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The surnames are those of the texts made here, and what random characters may bring.
fn name(chars: &[char], from: usize, class: &str) -> (usize, Vec<Hit>) {
    let text: String = chars[from..].iter().take_while(|c| is_han(**c)).collect();
    let han: Vec<char> = text.chars().collect();
    let surname = if text.starts_with("欧阳") { 2 } else { 1 };
    let is_surname = surname == 2 || han.first().is_some_and(|c| "张欧".contains(*c));
    for given in 1..=2 {
        let length = surname + given;
        let behind: String = han.iter().skip(surname).take(2).collect();
        let is_field = "先生 女士 小姐 老师 医生 同志 性别 电话 手机 身份 年龄 地址 住址 号码"
            .split(' ')
            .any(|word| word == behind);
        if !is_surname || han.len() < length || is_field {
            break;
        }
        let next = han.get(length).copied();
        if class == "name"
            && next.is_none_or(|c| "今来在的是电手身性住年岁先女小和与及联地生于同籍".contains(c))
        {
            let found = hit("personal-data.name", chars, (from, from + length), from + length + 1, (1, 0));
            return (from + length, vec![found]);
        }
        let title: String = han.iter().skip(length).take(2).collect();
        if class == "titled" && ["先生", "女士", "小姐", "老师", "医生", "同志"].contains(&title.as_str())
        {
            let found = hit("personal-data.name", chars, (from, from + length), from + length + 2, (1, 0));
            return (from + length + 1, vec![found]);
        }
    }
    // It gives way to everything, so that it does not count when it was over.
    (chars.len(), Vec::new())
}

/// With which character an address is over, and what is complete of it; nothing from `limit` on is read.
fn postal(chars: &[char], from: usize, limit: usize) -> (usize, Option<Hit>) {
    let (mut over, mut complete, mut area, mut road) = (limit, from, from, None);
    // Where the name and the number start that are being read.
    let (mut name, mut number) = (0, 0);
    for (at, c) in chars.iter().copied().enumerate().take(limit).skip(from) {
        let goes_on = if at - from >= 60 {
            false
        } else if c.is_ascii_alphanumeric() || (c == '-' && number > 0) {
            number += 1;
            road.is_some() && number <= 6
        } else if !is_han(c) || "的了是我你他她它们吗呢啊呀这哪么怎把被说没很也就但因而".contains(c)
        {
            false
        } else if c == '线' && (complete == at || complete == from) {
            complete = from;
            false
        } else if road.is_some()
            && ((complete == at && complete > from && "号弄栋幢楼室院座层单户组队元".contains(c))
                || (number > 0 && "号弄栋幢楼室院座层单户组队".contains(c)))
        {
            complete = at + 1;
            (name, number) = (0, 0);
            true
        } else {
            if number > 0 && complete > from && complete + number == at {
                complete = at;
            }
            let is_numeral = "〇零一二三四五六七八九十百".contains(c);
            number = if road.is_some() && is_numeral { number + 1 } else { 0 };
            if "省市区县州盟旗".contains(c) {
                name = 0;
                area = if road.is_none() { at + 1 } else { area };
            } else if "路街道巷弄里村镇乡庄园苑城坊湾".contains(c) {
                (name, road) = (0, Some(at));
            } else {
                name += 1;
            }
            name <= 8
        };
        if !goes_on {
            over = at;
            break;
        }
    }
    if complete == from {
        return (over, None);
    }
    // A flat without a unit, where the address came to its own end.
    let is_flat = |i: usize| number > 0 && over - number == i;
    let end = if limit == chars.len() && is_flat(complete) { over } else { complete };
    let visible = chars[from..area].iter().filter(|c| c.is_alphanumeric()).count();
    (over, Some(hit("personal-data.address", chars, (from, end), over + 1, (visible, 0))))
}

/// What does the same about every kind: where it masks, the text tells all that was found.
pub(crate) fn doing(action: Action) -> EngineBuilder {
    let row = |kind: PersonalData| PolicyRow {
        rule: Some(kind.rule().into()),
        measure: action.into(),
        ..PolicyRow::default()
    };
    PersonalData::ALL.into_iter().fold(Engine::builder(), |builder, kind| builder.policy(row(kind)))
}

/// A word some characters before a weak shape.
fn near() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec!["护照", "通行证", "机构代码", "电话", "卡号", "card", "版本"]);
    let shapes = prop::sample::select(vec![
        "G12345678",
        "H1234567890",
        "60003734-1",
        "600037341",
        "01062345678",
        "501864667909",
        "36.106.174.11",
    ]);
    (words, 0..19_usize, shapes)
        .prop_map(|(word, count, shape)| format!("{word}{}{shape}", "，".repeat(count)))
}

/// Texts of words that announce, beginnings and ends of values, and what lies between.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        20 => prop::sample::select(vec![
            "密码", "口令", "password", "pwd", "：", ":", "=", " ", "\"", "是", "为", "abc12345", "s3cret", "123456", "(", ",", "。",
            "sk-", "akia", "a1B2c3D4e5F6g7H8i9J0", "IOSFODNN7EXAMPLE", "eyJ", "hbGciOiJIUzI1NiJ9", ".", "Bearer", "-", "_",
            "://", "postgres", "app", "@", "host", "/", "-----", "BEGIN PRIVATE KEY-----", "private key-----", "MIIEvQIBADANBgkq", "\n", "END",
            "姓名", "我叫", "联系", "尊敬的", "张", "三", "伟", "欧", "阳", "先生", "女士", "今", "小明",
            "地址", "住在", "北京", "广东", "市", "区", "朝阳", "建国", "路", "88", "单元", "元", "号", "院", "楼", "1201", "室", "线", "一百", "的",
            "卡号", "card", "180000826105910", "501864667909", "护照", "E", "12345678", "1234567", "G", "A", "通行证", "H", "组织机构代码", "60003734", "1", "600037341", "91110000",
            "600037341L", "京", "粤", "B", "·", "D12345", "12345", "学", "警",
            "36", "106", "174", "11", "8080", "2409", "8a00", "::", "版本", "电话", "010", "62345678", "(010)", ")", "0755",
            "一", "幺", "八", "零零", "138", "0013", "8000", "一三八零零一三八零零零", "é", "\u{200B}", "１", "Ａ",
        ]).prop_map(str::to_owned),
        3 => near(),
        1 => prop::sample::select(vec!["a1b2".repeat(70), "甲".repeat(12), "x".repeat(70)]),
        2 => prop::sample::select(vec!["\\", "\\\\", "\\n", "\\\"", "\\u"]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let escaped = prop::collection::vec(0..8_usize, 1..7);
    (prop::collection::vec(pieces, 0..24), prop_oneof![3 => Just(vec![5]), 1 => escaped]).prop_map(
        |(pieces, levels)| {
            let chars = pieces.concat();
            chars.chars().zip(levels.iter().cycle()).map(|(c, level)| escape(c, *level)).collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_detectors_say_the_same_for_every_chunking(
        text in texts(),
        cuts in prop::collection::vec(any::<bool>(), 0..12),
    ) {
        for action in [Action::Mask, Action::Block] {
            let engine = doing(action).build().unwrap();
            let whole = stream(&engine, &text, &[false]);
            prop_assert_eq!(&stream(&engine, &text, &cuts), &whole);
            prop_assert_eq!(&stream(&engine, &text, &[]), &whole);
        }
    }
}
