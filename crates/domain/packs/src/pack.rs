//! A pack: everything of its files, checked as a whole.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use terms::Locale;

use crate::{
    calendar::CalendarYear,
    error::{PackError, Place, Problem},
    loading::Loading,
    manifest::Manifest,
    obligation::{Obligation, Verification},
    parameter::{FromParameter, Limit, Parameter, ParameterError, SetBy},
    policy::{ATTACHED_PLACEHOLDERS, PolicyLine},
    text::{LawReference, Text, TextError},
};

/// The largest pack that is read, lexicons included.
pub const PACK_BYTES_MAX: usize = 64 << 20;

/// The checked data of one jurisdiction. Immutable; share it behind an `Arc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    pub(crate) manifest: Manifest,
    pub(crate) hash: [u8; 32],
    pub(crate) obligations: BTreeMap<String, Obligation>,
    /// Ids of the obligations, in the order of the files of the manifest and of their rows.
    pub(crate) order: Vec<String>,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) texts: BTreeMap<String, Text>,
    pub(crate) calendars: Vec<CalendarYear>,
    pub(crate) lexicons: Vec<(String, Vec<u8>)>,
    pub(crate) policy: Vec<(Place, PolicyLine)>,
    pub(crate) patterns: Vec<(String, Vec<u8>)>,
    pub(crate) model: Option<(String, Vec<u8>)>,
}

impl Pack {
    /// The pack that `files` (path inside the pack, content) make. Files below `spec/`
    /// and those named `*.md` are for readers and are passed over.
    ///
    /// # Errors
    /// [`PackError`] at the first thing that is wrong: which file and line, and what to do.
    pub fn load(files: &[(&str, &[u8])]) -> Result<Self, PackError> {
        let files = by_path(files)?;
        let Some(manifest) = files.get(Manifest::PATH) else {
            return Err(PackError::NoManifest { count: files.len() });
        };
        let mut loading = Loading::new(Manifest::read(manifest)?, hash(&files));
        for path in files.keys().filter(|path| **path != Manifest::PATH) {
            if !loading.pack.manifest.files.iter().any(|listed| listed == path) {
                return Err(Place::file(path).invalid(Problem::Unlisted));
            }
        }
        for path in loading.pack.manifest.files.clone() {
            let bytes =
                files.get(path.as_str()).ok_or_else(|| Place::file(&path).invalid(Problem::Missing))?;
            loading.add(&path, bytes)?;
        }
        loading.finish()
    }

    /// The pack's name: `cn`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The version of its data.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.manifest.version
    }

    /// What the pack says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// SHA-256 over path, length and content of every file, in the order of paths. Ledger entries carry it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The duty with that id.
    #[must_use]
    pub fn obligation(&self, id: &str) -> Option<&Obligation> {
        self.obligations.get(id)
    }

    /// Every duty, in the order of the files of the manifest and of their rows: that of the law.
    pub fn obligations(&self) -> impl Iterator<Item = &Obligation> {
        self.order.iter().filter_map(|id| self.obligations.get(id))
    }

    /// How many duties there are.
    #[must_use]
    pub fn obligation_count(&self) -> usize {
        self.obligations.len()
    }

    /// The value of a parameter, as a number, a switch, words, a [`Limit`] or a `Duration`.
    ///
    /// # Errors
    /// [`ParameterError`] where there is none, or it is of another type.
    pub fn parameter<T: FromParameter>(&self, id: &str) -> Result<T, ParameterError> {
        let row = self.parameter_row(id).ok_or_else(|| ParameterError::Unknown(id.to_owned()))?;
        T::from_parameter(row).ok_or_else(|| ParameterError::Type { id: id.to_owned(), wanted: T::WANTED })
    }

    /// A span of time that is published: the clock of a case and the text of `/rules` both come from here.
    ///
    /// # Errors
    /// [`ParameterError`] where there is none, or it is no span of time.
    pub fn limit(&self, id: &str) -> Result<Limit, ParameterError> {
        self.parameter(id)
    }

    /// A parameter with all that is said about it.
    #[must_use]
    pub fn parameter_row(&self, id: &str) -> Option<&Parameter> {
        self.parameters.get(id)
    }

    /// Whether a parameter's value is said to be the law's, by a row that was not checked against the law. Show it so.
    #[must_use]
    pub fn parameter_is_unchecked(&self, id: &str) -> bool {
        self.parameter_row(id).is_some_and(|row| {
            let source = self.obligation(&row.source);
            row.set_by == SetBy::Law
                && source.is_none_or(|obligation| obligation.verification == Verification::Memory)
        })
    }

    /// Every parameter, by id.
    pub fn parameters(&self) -> impl ExactSizeIterator<Item = &Parameter> {
        self.parameters.values()
    }

    /// The pack with an operator's own number for a parameter. The hash stays: it names the data as published.
    ///
    /// # Errors
    /// [`ParameterError`] where there is none, it is no number, or it may not be moved that way.
    pub fn with_number(mut self, id: &str, number: u64) -> Result<Self, ParameterError> {
        let row = self.parameters.get_mut(id).ok_or_else(|| ParameterError::Unknown(id.to_owned()))?;
        *row = row.adjusted(number)?;
        Ok(self)
    }

    /// A text, placeholders unfilled.
    #[must_use]
    pub fn text(&self, id: &str, locale: Locale) -> Option<&str> {
        self.texts.get(id).map(|text| text.get(locale))
    }

    /// A text with its placeholders filled.
    ///
    /// # Errors
    /// [`TextError`] where there is no such text, or a placeholder is given no value.
    pub fn text_with(&self, id: &str, locale: Locale, values: &[(&str, &str)]) -> Result<String, TextError> {
        self.texts.get(id).ok_or_else(|| TextError::Unknown(id.to_owned()))?.fill(locale, values)
    }

    /// Every text, by id.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.texts.values()
    }

    /// The provisions that a text relies on. None where there is no such text.
    #[must_use]
    pub fn law_references(&self, text_id: &str, locale: Locale) -> Vec<LawReference> {
        let relied_on = self.texts.get(text_id).map_or(&[][..], |text| text.relies_on.as_slice());
        relied_on.iter().filter_map(|id| self.law_reference(id, locale)).collect()
    }

    /// The title and article of a duty.
    #[must_use]
    pub fn law_reference(&self, obligation_id: &str, locale: Locale) -> Option<LawReference> {
        let row = self.obligation(obligation_id)?;
        let title = row.instrument.title.get(locale).to_owned();
        Some(LawReference { id: row.id.clone(), title, article: row.article_in(locale).to_owned() })
    }

    /// A text that can be attached for a hit: everything it holds a place for is known there.
    ///
    /// # Errors
    /// [`Problem`] where there is no such text, or it asks for what is not known.
    pub fn attached_text(&self, id: &str) -> Result<&Text, Problem> {
        let text = self.texts.get(id).ok_or_else(|| Problem::UnknownText(id.to_owned()))?;
        match text.placeholders.iter().find(|name| !ATTACHED_PLACEHOLDERS.contains(&name.as_str())) {
            Some(name) => Err(Problem::AttachedPlaceholder { id: id.to_owned(), name: name.clone() }),
            None => Ok(text),
        }
    }

    /// The rows of the policy with their places, a later one stronger than those before it.
    #[must_use]
    pub fn policy(&self) -> &[(Place, PolicyLine)] {
        &self.policy
    }

    /// The calendars, in the order of the manifest.
    #[must_use]
    pub fn calendars(&self) -> &[CalendarYear] {
        &self.calendars
    }

    /// The word lists, path and content, in the order of the manifest.
    pub fn lexicon_files(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.lexicons.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The files of patterns, path and content, in the order of the manifest.
    pub fn pattern_files(&self) -> impl ExactSizeIterator<Item = (&str, &[u8])> {
        self.patterns.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The model of the passage scorer, path and content, where the pack has one.
    #[must_use]
    pub fn model_file(&self) -> Option<(&str, &[u8])> {
        self.model.as_ref().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

fn by_path<'f>(files: &[(&'f str, &'f [u8])]) -> Result<BTreeMap<&'f str, &'f [u8]>, PackError> {
    let mut sorted = BTreeMap::new();
    let mut total = 0_usize;
    for &(path, bytes) in files.iter().filter(|(path, _)| !is_for_readers(path)) {
        total = total.saturating_add(bytes.len());
        if total > PACK_BYTES_MAX {
            let problem = Problem::TooLarge { bytes: total, limit: PACK_BYTES_MAX };
            return Err(Place::file(path).invalid(problem));
        }
        if sorted.insert(path, bytes).is_some() {
            return Err(Place::file(path).invalid(Problem::FileTwice));
        }
    }
    Ok(sorted)
}

fn is_for_readers(path: &str) -> bool {
    path.starts_with("spec/") || path.ends_with(".md")
}

/// Lengths stand before path and content, so that no two packs share the bytes that are hashed.
fn hash(files: &BTreeMap<&str, &[u8]>) -> [u8; 32] {
    let mut sha = Sha256::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes] {
            sha.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            sha.update(part);
        }
    }
    sha.finalize().into()
}
