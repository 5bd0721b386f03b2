//! Reading YAML with limits, and errors that say where.

use serde::de::DeserializeOwned;

use crate::error::{PackError, Place, Problem};

/// The largest file that is read. The largest of our own is below 60 KB; the rest is room for an operator's.
pub(crate) const FILE_BYTES_MAX: usize = 1 << 20;
/// Why a file was refused is cut to this: it may quote the file.
const REASON_CHARS_MAX: usize = 300;

/// The value in `bytes`, or where and why not.
pub(crate) fn read<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T, PackError> {
    if bytes.len() > FILE_BYTES_MAX {
        let problem = Problem::TooLarge { bytes: bytes.len(), limit: FILE_BYTES_MAX };
        return Err(Place::file(file).invalid(problem));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Place::file(file).invalid(Problem::NotUtf8))?;
    // Anchors, aliases and merge keys stay within the reader's default budget: an alias bomb is refused.
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map_or_else(|| Place::file(file), |at| Place::located(file, at));
        let reason = error.without_snippet().to_string();
        let line = reason.lines().next().unwrap_or("not readable").chars().take(REASON_CHARS_MAX).collect();
        place.invalid(Problem::Yaml(line))
    })
}

/// Whether `id` may name a row: the characters that are safe in a path, a fragment and a log.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=96).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

/// Dates as `2026-11-23`.
pub(crate) mod date {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, de::Error};

    pub(crate) fn parse<E: Error>(text: &str) -> Result<Date, E> {
        let is_plain = text.len() == 10;
        let day = if is_plain { text.parse().ok() } else { None };
        day.ok_or_else(|| E::custom(format_args!("`{text}` is no date such as 2026-11-23")))
    }

    pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        parse(&String::deserialize(deserializer)?)
    }

    pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|text| parse(&text)).transpose()
    }

    pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| parse(text)).collect()
    }
}
