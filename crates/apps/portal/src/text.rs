//! Text for people: keys in, sentences out. The sentences lie in `locales/<language>/*.ftl`.

use std::{borrow::Cow, collections::HashMap, fmt::Display};

use fluent_templates::{fluent_bundle::FluentValue, static_loader};
use terms::Locale;
use unic_langid::{LanguageIdentifier, langid};

static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
        // The marks that isolate left-to-right from right-to-left text would end up in copied ids; both languages run left to right.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// The name of one text: `page-element`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub &'static str);

/// A [`Key`] written in the source, where the locale test finds it.
macro_rules! key {
    ($name:literal) => {
        $crate::Key($name)
    };
}
pub(crate) use key;

/// What a template may hand over as the name of a text.
pub trait AsKey {
    /// The name.
    fn name(&self) -> &str;
}

impl AsKey for str {
    fn name(&self) -> &str {
        self
    }
}

impl AsKey for Key {
    fn name(&self) -> &str {
        self.0
    }
}

impl<T: AsKey + ?Sized> AsKey for &T {
    fn name(&self) -> &str {
        (**self).name()
    }
}

/// The text of that name in that language, with its arguments put in.
///
/// A missing text comes out as `⟦name⟧`: visible, and found by the render test.
#[must_use]
pub fn lookup(locale: Locale, name: &str, arguments: &[(&'static str, &dyn Display)]) -> String {
    const CHINESE: LanguageIdentifier = langid!("zh-CN");
    const ENGLISH: LanguageIdentifier = langid!("en");
    let language = match locale {
        Locale::ZhCn => &CHINESE,
        Locale::En => &ENGLISH,
    };
    let values: HashMap<Cow<'static, str>, FluentValue<'_>> = arguments
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.to_string())))
        .collect();
    TEXTS.lookup_single_language(language, name, Some(&values)).unwrap_or_else(|_| format!("⟦{name}⟧"))
}
