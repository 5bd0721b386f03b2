//! The compiled lexicons as bytes, so that a list of a million need not be read and compiled at every start.
//!
//! ```text
//! magic, key, day, until, then for the forms as written, backwards and by sound:
//!     what the kinds stand for, hash of the terms, categories left out, terms
//! SHA-256 of all before it
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::lexicons::{AllForms, Forms, Grounds, Lexicons};
use super::{Engine, EngineBuilder, EngineError};
use crate::bytes::{Reader, Writer};
use crate::matcher::terms::Terms;
use crate::set_hash::SetHash;
use crate::{Category, Policy, channels, class, normalise};

/// Raise the number when the bytes, or what the compiler makes of entries, change.
const MAGIC: &[u8; 16] = b"cinnabar-terms-3";

const HASH_BYTES: usize = 32;

/// Bytes that no engine can be made from. The caller compiles instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// They are no cache of this version, or damaged.
    #[error("the cache is not one, or is damaged")]
    Damaged,
    /// They were made from something else: other lists, another policy, another day, another normaliser.
    #[error("the cache was made from something else")]
    Stale,
    /// The other rules of the builder make no engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// The compiled lexicons as bytes for [`EngineBuilder::build_cached`]. `key` is the caller's hash of what they were made
    /// from: the files, or a version of the library. None while changes lie over them ([`Engine::delta_len`]).
    #[must_use]
    pub fn to_cache(&self, key: [u8; HASH_BYTES]) -> Option<Vec<u8>> {
        let lexicons = &self.lexicons;
        if lexicons.all().iter().any(|forms| forms.delta.is_some()) {
            return None;
        }
        let mut writer = Writer(MAGIC.to_vec());
        writer.0.extend_from_slice(&keyed(key));
        for day in [lexicons.written.day, lexicons.written.until] {
            writer.text(&day.map(|day| day.to_string()).unwrap_or_default());
        }
        for forms in lexicons.all() {
            writer.0.extend_from_slice(&Grounds::new(&forms.terms.kinds, &self.policy).hash());
            writer.0.extend_from_slice(&forms.hash.to_bytes());
            writer.count(forms.left_out.len());
            forms.left_out.iter().for_each(|category| writer.text(&category.code()));
            forms.terms.write(&mut writer);
        }
        let hash = Sha256::digest(&writer.0);
        writer.0.extend_from_slice(&hash);
        Some(writer.0)
    }
}

impl EngineBuilder {
    /// Makes the engine from a cache in place of entries, which the builder must not have. Every number in the bytes is
    /// checked, so that they may come from anywhere; that they say what the lists say, the key and a hash over all hold.
    ///
    /// # Errors
    /// The bytes are damaged, or were made from something else than `key`, the policy and the day of the builder.
    pub fn build_cached(self, key: [u8; HASH_BYTES], bytes: &[u8]) -> Result<Engine, CacheError> {
        let lexicons = self.read_cache(key, bytes)?;
        Ok(self.assemble(lexicons)?)
    }

    fn read_cache(&self, key: [u8; HASH_BYTES], bytes: &[u8]) -> Result<AllForms, CacheError> {
        let all = bytes.len().checked_sub(HASH_BYTES).and_then(|length| bytes.split_at_checked(length));
        let (all, hash) = all.ok_or(CacheError::Damaged)?;
        let mut reader = Reader(all);
        if reader.array() != Some(*MAGIC) || hash != Sha256::digest(all).as_slice() {
            return Err(CacheError::Damaged);
        }
        if reader.array() != Some(keyed(key)) || !self.entries.is_empty() {
            return Err(CacheError::Stale);
        }
        let days =
            (day(&mut reader).ok_or(CacheError::Damaged)?, day(&mut reader).ok_or(CacheError::Damaged)?);
        let is_the_day = match (days, self.day) {
            ((None, _), None) => true,
            ((Some(from), until), Some(day)) => from <= day && until.is_none_or(|until| day < until),
            _ => false,
        };
        if !is_the_day {
            return Err(CacheError::Stale);
        }
        let mut part = |forms| lexicons(&mut reader, forms, (self.day, days.1), &self.policy);
        let lexicons = AllForms {
            written: part(Forms::Written)?,
            backwards: part(Forms::Backwards)?,
            sounded: part(Forms::Sounded)?,
        };
        if reader.0.is_empty() { Ok(lexicons) } else { Err(CacheError::Damaged) }
    }
}

/// A day, or none.
fn day(reader: &mut Reader<'_>) -> Option<Option<Date>> {
    match reader.text()? {
        "" => Some(None),
        text => text.parse::<Date>().ok().map(Some),
    }
}

/// The terms in one form.
fn lexicons(
    reader: &mut Reader<'_>,
    forms: Forms,
    (day, until): (Option<Date>, Option<Date>),
    policy: &Policy,
) -> Result<Lexicons, CacheError> {
    let grounds: [u8; HASH_BYTES] = reader.array().ok_or(CacheError::Damaged)?;
    let hash = reader.array().ok_or(CacheError::Damaged)?;
    let hash = Box::new(SetHash::from_bytes(&hash));
    let left_out = categories(reader).ok_or(CacheError::Damaged)?;
    let terms = Arc::new(Terms::read(reader, forms.channel()).ok_or(CacheError::Damaged)?);
    if grounds != Grounds::new(&terms.kinds, policy).hash() {
        return Err(CacheError::Stale);
    }
    Ok(Lexicons { forms, left_out: Arc::new(left_out), day, until, terms, delta: None, hash })
}

fn categories(reader: &mut Reader<'_>) -> Option<BTreeSet<Category>> {
    let count = reader.number()?;
    (0..count).map(|_| Category::from_code(reader.text()?)).collect()
}

/// The caller's key together with what else makes terms of entries.
fn keyed(key: [u8; HASH_BYTES]) -> [u8; HASH_BYTES] {
    let versions = format!(
        "normaliser {}\nclasses {}\nchannels {}\n",
        normalise::VERSION,
        class::VERSION,
        channels::VERSION
    );
    Sha256::new().chain_update(key).chain_update(versions).finalize().into()
}
