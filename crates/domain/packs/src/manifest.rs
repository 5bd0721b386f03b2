//! `pack.yaml`: what the pack is, and which files make it.

use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    error::{PackError, Place, Problem},
    text::Bilingual,
    yaml,
};

/// What the pack says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The pack's name in configuration and entries: `cn`.
    pub id: String,
    /// The version of the data, by date of its state.
    pub version: String,
    /// What people call it.
    pub title: Bilingual,
    /// Whose law it holds: `CN`.
    pub jurisdiction: String,
    /// From when the pack may be active.
    #[serde(deserialize_with = "yaml::date::required")]
    pub effective_from: Date,
    /// Until when, where it was replaced.
    #[serde(default, deserialize_with = "yaml::date::optional")]
    pub effective_to: Option<Date>,
    /// Every other file, by its path in the pack.
    pub files: Vec<String>,
}

/// What a file of a pack holds, told from its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Rows of duties.
    Obligations,
    /// Numbers and switches.
    Parameters,
    /// Texts for people.
    Texts,
    /// What is done about a hit.
    Policy,
    /// Days off and days worked of a year.
    Calendar,
    /// A word list. Its format belongs to `safety`.
    Lexicon,
    /// Patterns. Their format belongs to `safety`.
    Patterns,
    /// The passage scorer's model. Its format belongs to `safety`.
    Model,
}

impl Manifest {
    /// Where the manifest lies.
    pub const PATH: &'static str = "pack.yaml";

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let manifest: Self = yaml::read(Self::PATH, bytes)?;
        let refuse = |problem| Err(Place::file(Self::PATH).invalid(problem));
        if !yaml::is_id(&manifest.id) {
            return refuse(Problem::BadId(manifest.id));
        }
        if manifest.version.trim().is_empty() {
            return refuse(Problem::Empty { id: manifest.id, field: "version" });
        }
        manifest.title.check(Self::PATH, &manifest.id)?;
        if let Some(to) = manifest.effective_to.filter(|to| *to < manifest.effective_from) {
            return refuse(Problem::DatesCrossed { id: manifest.id, from: manifest.effective_from, to });
        }
        for (index, file) in manifest.files.iter().enumerate() {
            if FileKind::of(file).is_none() {
                return Err(Place::file(file).invalid(Problem::UnknownKind));
            }
            if manifest.files.iter().take(index).any(|earlier| earlier == file) {
                return Err(Place::file(file).invalid(Problem::FileTwice));
            }
        }
        Ok(manifest)
    }
}

impl FileKind {
    /// The kind of the file with this path, where it has one.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        if path == "parameters.yaml" {
            return Some(Self::Parameters);
        }
        if path == "policy.yaml" {
            return Some(Self::Policy);
        }
        let (folder, name) = path.split_once('/')?;
        let is_yaml = name.ends_with(".yaml") && !name.contains('/');
        match folder {
            "obligations" if is_yaml => Some(Self::Obligations),
            "texts" if is_yaml => Some(Self::Texts),
            "calendars" if is_yaml => Some(Self::Calendar),
            "models" if name.ends_with(".model") => Some(Self::Model),
            "lexicons" if !name.is_empty() => Some(Self::Lexicon),
            "patterns" if is_yaml => Some(Self::Patterns),
            _ => None,
        }
    }
}
