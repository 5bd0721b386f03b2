//! Texts for people that belong to the law and not to a page: labels, reasons, notices, the agreement.

use serde::Deserialize;
use serde_saphyr::Spanned;
use terms::Locale;

use crate::{
    error::{PackError, Place, Problem},
    yaml,
};

/// The same text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
    /// English.
    pub en: String,
}

/// One text with the duties it relies on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Its name: `statement.fraud`.
    pub id: String,
    /// What is filled in when it is shown. Every one stands in both languages.
    #[serde(default)]
    pub placeholders: Vec<String>,
    /// The obligations that the text relies on.
    #[serde(default)]
    pub relies_on: Vec<String>,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    /// English.
    en: String,
}

/// A provision that a statement of reasons names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawReference {
    /// The obligation's id.
    pub id: String,
    /// The instrument's title in the language asked for.
    pub title: String,
    /// The article.
    pub article: String,
}

/// A text that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The pack has no such text.
    #[error("the pack has no text `{0}`")]
    Unknown(String),
    /// A placeholder was given no value.
    #[error("text `{id}` needs a value for `{name}`")]
    NoValue {
        /// The text.
        id: String,
        /// The placeholder.
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    texts: Vec<Spanned<Text>>,
}

impl Bilingual {
    /// The text in `locale`.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh_cn,
            Locale::En => &self.en,
        }
    }

    pub(crate) fn check(&self, file: &str, id: &str) -> Result<(), PackError> {
        for (field, text) in [("zh-CN", &self.zh_cn), ("en", &self.en)] {
            if text.trim().is_empty() {
                return Err(Place::file(file).invalid(Problem::Empty { id: id.to_owned(), field }));
            }
        }
        Ok(())
    }
}

impl Text {
    /// The text in `locale`, placeholders unfilled.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh_cn,
            Locale::En => &self.en,
        }
    }

    /// The text in `locale` with each `{name}` replaced by its value. Values are not read for placeholders themselves.
    ///
    /// # Errors
    /// [`TextError::NoValue`] where a placeholder is given none.
    pub fn fill(&self, locale: Locale, values: &[(&str, &str)]) -> Result<String, TextError> {
        let mut filled = String::new();
        for piece in Pieces(self.get(locale)) {
            match piece {
                Piece::Words(words) => filled.push_str(words),
                Piece::Placeholder(name) => match values.iter().find(|(known, _)| *known == name) {
                    Some((_, value)) => filled.push_str(value),
                    None => return Err(TextError::NoValue { id: self.id.clone(), name: name.to_owned() }),
                },
                // INVARIANT: `check` refuses a stray brace at load.
                Piece::Stray => {}
            }
        }
        Ok(filled)
    }

    fn check(&self) -> Result<(), Problem> {
        let id = || self.id.clone();
        if !yaml::is_id(&self.id) {
            return Err(Problem::BadId(id()));
        }
        for locale in Locale::ALL {
            if self.get(locale).trim().is_empty() {
                return Err(Problem::Empty { id: id(), field: locale.tag() });
            }
            let mut used = Vec::new();
            for piece in Pieces(self.get(locale)) {
                match piece {
                    Piece::Words(_) => {}
                    Piece::Placeholder(name) => used.push(name),
                    Piece::Stray => return Err(Problem::StrayBrace { id: id(), locale }),
                }
            }
            if let Some(name) = used.iter().find(|name| !self.placeholders.iter().any(|known| known == *name))
            {
                return Err(Problem::UndeclaredPlaceholder { id: id(), locale, name: (*name).to_owned() });
            }
            if let Some(name) = self.placeholders.iter().find(|name| !used.contains(&name.as_str())) {
                return Err(Problem::UnusedPlaceholder { id: id(), locale, name: name.clone() });
            }
        }
        Ok(())
    }
}

/// Every text of a file, with its place.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Vec<(Place, Text)>, PackError> {
    let parsed: File = yaml::read(file, bytes)?;
    let mut texts = Vec::with_capacity(parsed.texts.len());
    for row in parsed.texts {
        let place = Place::located(file, row.referenced);
        let mut text = row.value;
        // A block scalar ends with a line break that no page wants.
        for words in [&mut text.zh_cn, &mut text.en] {
            words.truncate(words.trim_end().len());
        }
        text.check().map_err(|problem| place.clone().invalid(problem))?;
        texts.push((place, text));
    }
    Ok(texts)
}

enum Piece<'t> {
    Words(&'t str),
    Placeholder(&'t str),
    Stray,
}

/// Splits a text at its placeholders.
struct Pieces<'t>(&'t str);

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let text = self.0;
        if text.is_empty() {
            return None;
        }
        let Some(at) = text.find(['{', '}']) else {
            self.0 = "";
            return Some(Piece::Words(text));
        };
        if at > 0 {
            let (words, rest) = text.split_at(at);
            self.0 = rest;
            return Some(Piece::Words(words));
        }
        let named = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        match named {
            Some((name, rest)) if is_name(name) => {
                self.0 = rest;
                Some(Piece::Placeholder(name))
            }
            _ => {
                self.0 = text.get(1..).unwrap_or("");
                Some(Piece::Stray)
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
