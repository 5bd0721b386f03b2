//! The little YAML that the `AIGC:` mapping is written in (YAML 1.2.2): block mappings of scalars, and JSON in their place.

use std::fmt::Write as _;

use super::front_matter::split_key;
use crate::{AigcLabel, Field, Reason};

/// The label in the lines of one mapping, the first of them with our key; or what cannot be read.
pub(super) fn read_mapping(block: &str) -> Result<AigcLabel, String> {
    let mut lines = block.lines();
    let inline = lines.next().and_then(split_key).map_or("", |(_, value)| value);
    let children: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
    if inline.is_empty() || inline.starts_with('#') {
        return read_children(&children);
    }
    let text = if inline.starts_with('{') {
        std::iter::once(inline).chain(children.iter().map(|line| line.trim())).collect::<Vec<_>>().join(" ")
    } else {
        match scalar(inline, &children) {
            Scalar::Text(text) => text,
            Scalar::Other(_) | Scalar::Broken => {
                return Err("the value under `AIGC` is no mapping".to_owned());
            }
        }
    };
    AigcLabel::parse(&text).map_err(|error| error.to_string())
}

/// `text` as a double-quoted scalar in ASCII, which YAML and JSON readers take alike.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            ' '..='~' => quoted.push(c),
            c => {
                // Writing to a string cannot fail.
                let _ = match u32::from(c) {
                    code @ 0..=0xffff => write!(quoted, "\\u{code:04x}"),
                    code => write!(quoted, "\\U{code:08x}"),
                };
            }
        }
    }
    quoted.push('"');
    quoted
}

fn read_children(lines: &[&str]) -> Result<AigcLabel, String> {
    let is_comment = |line: &&&str| line.trim_start().starts_with('#');
    let Some(first) = lines.iter().find(|line| !is_comment(line)) else {
        return Err("nothing stands under `AIGC`".to_owned());
    };
    let depth = indent(first);
    let mut parts = Vec::new();
    let mut reading = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        if is_comment(&line) {
            continue;
        }
        let shown = || line.trim().chars().take(64).collect::<String>();
        if indent(line) != depth {
            return Err(format!("the line `{}` is indented otherwise than the first", shown()));
        }
        let Some((key, value)) = split_key(line.trim_start()) else {
            return Err(format!("the line `{}` has no key", shown()));
        };
        let deeper = rest.iter().take_while(|line| indent(line) > depth).count();
        let (more, after) = rest.split_at(deeper);
        rest = after;
        let Some(field) = Field::from_key(key) else { continue };
        match scalar(value, more) {
            Scalar::Text(text) => parts.push((field, text)),
            Scalar::Other(text) => {
                reading.push(Reason::NotAString(field));
                parts.push((field, text));
            }
            Scalar::Broken => return Err(format!("the value of `{key}` has no end")),
        }
    }
    if parts.is_empty() {
        return Err("no key of the label is there".to_owned());
    }
    Ok(AigcLabel::from_parts(parts, reading))
}

/// What a value is.
enum Scalar {
    /// A string.
    Text(String),
    /// A number, a truth value, a collection: its text.
    Other(String),
    /// A quote that does not end.
    Broken,
}

/// The value that begins with `first` and goes on in the deeper lines `more`.
fn scalar(first: &str, more: &[&str]) -> Scalar {
    let folded =
        || std::iter::once(first).chain(more.iter().map(|line| line.trim())).collect::<Vec<_>>().join(" ");
    match first.chars().next() {
        Some('"') => double_quoted(&folded()).map_or(Scalar::Broken, Scalar::Text),
        Some('\'') => single_quoted(&folded()).map_or(Scalar::Broken, Scalar::Text),
        Some(style @ ('|' | '>')) => {
            let separator = if style == '|' { "\n" } else { " " };
            Scalar::Text(more.iter().map(|line| line.trim()).collect::<Vec<_>>().join(separator))
        }
        Some('{' | '[' | '&' | '*' | '!') => Scalar::Other(folded()),
        None | Some('#') if more.is_empty() => Scalar::Text(String::new()),
        None | Some('#') => Scalar::Other(folded()),
        Some(_) => plain(&folded()),
    }
}

fn plain(text: &str) -> Scalar {
    let text = text.find(" #").and_then(|at| text.get(..at)).unwrap_or(text).trim_end();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match text {
        "~" | "null" | "Null" | "NULL" => Scalar::Text(String::new()),
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Scalar::Other(text.to_owned()),
        _ if is_number => Scalar::Other(text.to_owned()),
        _ => Scalar::Text(text.to_owned()),
    }
}

fn single_quoted(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars().skip(1).peekable();
    loop {
        match characters.next()? {
            '\'' if characters.peek() == Some(&'\'') => {
                characters.next();
                value.push('\'');
            }
            '\'' => return Some(value),
            c => value.push(c),
        }
    }
}

fn double_quoted(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars().skip(1);
    loop {
        match characters.next()? {
            '"' => return Some(value),
            '\\' => {
                let code = match characters.next()? {
                    'n' => 0x0a,
                    't' => 0x09,
                    'r' => 0x0d,
                    '0' => 0,
                    'x' => hexadecimal(&mut characters, 2)?,
                    'u' => match hexadecimal(&mut characters, 4)? {
                        // JSON writers make two of these of one character.
                        high @ 0xd800..=0xdbff => low_surrogate(&mut characters, high)?,
                        code => code,
                    },
                    'U' => hexadecimal(&mut characters, 8)?,
                    // A folded line break that was escaped.
                    ' ' => continue,
                    other => u32::from(other),
                };
                value.push(char::from_u32(code)?);
            }
            c => value.push(c),
        }
    }
}

fn low_surrogate(characters: &mut impl Iterator<Item = char>, high: u32) -> Option<u32> {
    if (characters.next()?, characters.next()?) != ('\\', 'u') {
        return None;
    }
    let low = hexadecimal(characters, 4)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some(0x1_0000 + ((high - 0xd800) << 10) + low)
}

fn hexadecimal(characters: &mut impl Iterator<Item = char>, digits: u32) -> Option<u32> {
    (0..digits).try_fold(0_u32, |code, _| Some((code << 4) | characters.next()?.to_digit(16)?))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
