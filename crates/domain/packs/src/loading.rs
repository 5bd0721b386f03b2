//! Putting a pack together, file by file, and looking up what its rows refer to at the end.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    calendar,
    error::{PackError, Place, Problem},
    manifest::{FileKind, Manifest},
    obligation,
    pack::Pack,
    parameter, policy, text,
};

/// A pack in the making, with what still has to be looked up.
pub(crate) struct Loading {
    pub(crate) pack: Pack,
    ids: BTreeMap<String, String>,
    references: Vec<(Place, String, String)>,
}

impl Loading {
    pub(crate) fn new(manifest: Manifest, hash: [u8; 32]) -> Self {
        let pack = Pack {
            manifest,
            hash,
            obligations: BTreeMap::new(),
            order: Vec::new(),
            parameters: BTreeMap::new(),
            texts: BTreeMap::new(),
            calendars: Vec::new(),
            lexicons: Vec::new(),
            policy: Vec::new(),
            patterns: Vec::new(),
            model: None,
        };
        Self { pack, ids: BTreeMap::new(), references: Vec::new() }
    }

    pub(crate) fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), PackError> {
        match FileKind::of(path) {
            Some(FileKind::Obligations) => {
                for (place, row) in obligation::read(path, bytes)? {
                    self.claim("obligation", &row.id, &place)?;
                    self.pack.order.push(row.id.clone());
                    self.pack.obligations.insert(row.id.clone(), row);
                }
            }
            Some(FileKind::Parameters) => {
                for (place, row) in parameter::read(path, bytes)? {
                    self.claim("parameter", &row.id, &place)?;
                    self.references.push((place, row.id.clone(), row.source.clone()));
                    self.pack.parameters.insert(row.id.clone(), row);
                }
            }
            Some(FileKind::Texts) => {
                for (place, row) in text::read(path, bytes)? {
                    self.claim("text", &row.id, &place)?;
                    for obligation in &row.relies_on {
                        self.references.push((place.clone(), row.id.clone(), obligation.clone()));
                    }
                    self.pack.texts.insert(row.id.clone(), row);
                }
            }
            Some(FileKind::Policy) => self.pack.policy.extend(policy::read(path, bytes)?),
            Some(FileKind::Calendar) => {
                let calendar = calendar::read(path, bytes)?;
                let id = format!("{}-{}", calendar.jurisdiction, calendar.year);
                self.claim("calendar", &id, &Place::file(path))?;
                self.pack.calendars.push(calendar);
            }
            Some(FileKind::Lexicon) => self.pack.lexicons.push((path.to_owned(), bytes.to_vec())),
            Some(FileKind::Patterns) => self.pack.patterns.push((path.to_owned(), bytes.to_vec())),
            Some(FileKind::Model) => {
                self.claim("model", "classifier", &Place::file(path))?;
                self.pack.model = Some((path.to_owned(), bytes.to_vec()));
            }
            None => return Err(Place::file(path).invalid(Problem::UnknownKind)),
        }
        Ok(())
    }

    fn claim(&mut self, kind: &str, id: &str, place: &Place) -> Result<(), PackError> {
        match self.ids.entry(format!("{kind} {id}")) {
            Entry::Vacant(free) => {
                free.insert(place.to_string());
                Ok(())
            }
            Entry::Occupied(taken) => {
                let problem = Problem::IdTwice { id: id.to_owned(), first: taken.get().clone() };
                Err(place.clone().invalid(problem))
            }
        }
    }

    pub(crate) fn finish(self) -> Result<Pack, PackError> {
        for (place, id, obligation) in self.references {
            if !self.pack.obligations.contains_key(&obligation) {
                return Err(place.invalid(Problem::UnknownObligation { id, obligation }));
            }
        }
        for (place, row) in &self.pack.policy {
            if let Some(id) = &row.text {
                self.pack.attached_text(id).map_err(|problem| place.clone().invalid(problem))?;
            }
        }
        Ok(self.pack)
    }
}
