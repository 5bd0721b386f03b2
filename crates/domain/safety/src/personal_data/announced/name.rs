//! Names of Chinese persons behind a word that announces them.
//!
//! A surname of those that 85 of 100 people have, or one of two characters, and one or two more. Without the word nothing
//! is a name: `高兴` and `黄山` begin with surnames too.

use crate::personal_data::words::Class;
use crate::stream::Cell;

/// The hundred most frequent surnames, after the name report of the Ministry of Public Security for 2020.
pub(super) const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向汤温";
/// Surnames of two characters.
pub(super) const COMPOUND: [&str; 12] =
    ["欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯"];
/// What a third or fourth character is when the name is over before it.
pub(super) const FOLLOWING: &str = "今来在的是电手身性住年岁先女小和与及联地生于同籍";
/// How one is spoken to.
pub(super) const TITLES: [&str; 6] = ["先生", "女士", "小姐", "老师", "医生", "同志"];

/// What stands behind a surname and is no given name.
pub(super) const FIELDS: [&str; 8] = ["性别", "电话", "手机", "身份", "年龄", "地址", "住址", "号码"];

/// What some characters and the next one make of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It can still become one.
    Undecided,
    /// The first so many characters are one.
    Name(usize),
    /// It is none.
    Nothing,
}

/// Reads `cells`, which are undecided, with the character after them.
pub(super) fn read(class: Class, cells: &[Cell], next: Option<char>) -> Found {
    let mut chars = cells.iter().map(|cell| cell.ch);
    let (first, second) = (chars.next(), chars.next());
    let pair = |a: char, b: char| COMPOUND.iter().any(|name| name.chars().eq([a, b]));
    let surname = match (first, second) {
        (Some(a), Some(b)) if pair(a, b) => 2,
        (Some(a), Some(_)) if !SURNAMES.contains(a) => return Found::Nothing,
        _ => 1,
    };
    let length = cells.len();
    let mut behind = cells.iter().map(|cell| cell.ch).chain(next).skip(surname);
    if let (Some(a), Some(b)) = (behind.next(), behind.next())
        && TITLES.iter().chain(&FIELDS).any(|word| word.chars().eq([a, b]))
    {
        return Found::Nothing;
    }
    let given = length.saturating_sub(surname);
    let Some(next) = next.filter(|c| is_han(*c)) else {
        let is_one = class == Class::Name && given > 0 && is_surname(first, surname);
        return if is_one { Found::Name(length) } else { Found::Nothing };
    };
    if class == Class::Titled {
        // The last character before `next` and `next` may be the title.
        let last = cells.last().map(|cell| cell.ch);
        let is_title = last.is_some_and(|last| TITLES.iter().any(|title| title.chars().eq([last, next])));
        if is_title && given >= 2 && is_surname(first, surname) {
            return Found::Name(length.saturating_sub(1));
        }
        return if begins(first, second, next, length) && given < 3 {
            Found::Undecided
        } else {
            Found::Nothing
        };
    }
    if given > 0 && is_surname(first, surname) && FOLLOWING.contains(next) {
        return Found::Name(length);
    }
    if begins(first, second, next, length) && given < 2 { Found::Undecided } else { Found::Nothing }
}

/// Whether a name can begin with the characters before `next` and `next`.
fn begins(first: Option<char>, second: Option<char>, next: char, length: usize) -> bool {
    match (length, first) {
        (0, _) => SURNAMES.contains(next) || COMPOUND.iter().any(|name| name.starts_with(next)),
        (1, Some(first)) => {
            SURNAMES.contains(first) || COMPOUND.iter().any(|name| name.chars().eq([first, next]))
        }
        _ => first.is_some() && second.is_some(),
    }
}

fn is_surname(first: Option<char>, length: usize) -> bool {
    length == 2 || first.is_some_and(|c| SURNAMES.contains(c))
}

pub(super) const fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}')
}
