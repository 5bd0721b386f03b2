//! The content of a version: read, hashed, and made into what the engine looks for.

use jiff::civil::Date;
use safety::Entry;
use store::{LexiconEntryFilter, LexiconEntryRow, LexiconPlace, LexiconStanding, Store};

use crate::OperationError;

/// Rows read at once: each page is one statement.
const ROWS_AT_ONCE: u32 = 10_000;

/// An entry in canonical bytes: a JSON array of normalised term, direction, audiences, category, measure, first day, last day, term and
/// note. Who has the export of a version can compute them with any JSON tool.
pub(crate) fn canonical(row: &LexiconEntryRow) -> Result<String, OperationError> {
    Ok(serde_json::to_string(&(
        &row.normalised,
        &row.direction,
        &row.audiences,
        &row.category,
        &row.measure,
        row.valid_from.as_deref().unwrap_or_default(),
        row.valid_until.as_deref().unwrap_or_default(),
        &row.term,
        &row.note,
    ))?)
}

/// The rows behind `after` that `filter` shows, in the order of normalised terms; none at the end.
pub(crate) async fn page(
    store: &Store,
    filter: &LexiconEntryFilter,
    after: Option<&LexiconPlace>,
) -> Result<Vec<LexiconEntryRow>, OperationError> {
    let page = store.lexicon_entry_list(filter, after, ROWS_AT_ONCE).await?;
    Ok(page.into_iter().map(|row| row.entry).collect())
}

/// Every row that `filter` shows, in the order of normalised terms.
pub(crate) async fn rows(
    store: &Store,
    filter: &LexiconEntryFilter,
) -> Result<Vec<LexiconEntryRow>, OperationError> {
    let mut rows: Vec<LexiconEntryRow> = Vec::new();
    loop {
        let after = rows.last().map(|row| (row.normalised.clone(), row.entry_id));
        let page = page(store, filter, after.as_ref()).await?;
        let is_last = page.len() < usize::try_from(ROWS_AT_ONCE).unwrap_or(usize::MAX);
        rows.extend(page);
        if is_last {
            return Ok(rows);
        }
    }
}

/// The entries of a version. Version 0 is empty.
pub(crate) async fn of_version(store: &Store, number: u64) -> Result<Vec<LexiconEntryRow>, OperationError> {
    if number == 0 {
        return Ok(Vec::new());
    }
    let standing = Some(LexiconStanding::InVersion(number));
    rows(store, &LexiconEntryFilter { standing, ..LexiconEntryFilter::default() }).await
}

/// Whether an entry is looked for on a day.
pub(crate) fn is_valid_on(row: &LexiconEntryRow, day: Date) -> bool {
    // ISO days sort as they follow each other.
    let day = day.to_string();
    row.valid_from.as_ref().is_none_or(|first| *first <= day)
        && row.valid_until.as_ref().is_none_or(|last| day <= *last)
}

/// A stored entry as the engine takes it.
pub(crate) fn entry(row: &LexiconEntryRow) -> Result<Entry, OperationError> {
    Entry::from_fields([
        &row.term,
        &row.category,
        &row.measure,
        &row.direction,
        &row.audiences,
        row.valid_from.as_deref().unwrap_or_default(),
        row.valid_until.as_deref().unwrap_or_default(),
        &row.note,
    ])
    .map_err(|problem| OperationError::internal("reading a lexicon entry")(Box::new(problem)))
}

/// Stored entries as the engine takes them.
pub(crate) fn entries(rows: &[LexiconEntryRow]) -> Result<Vec<Entry>, OperationError> {
    rows.iter().map(entry).collect()
}

/// The entries of a version as the engine takes them; version 0 has none. Rows are given up page by page: a million of them take twice the room.
pub(crate) async fn entries_of_version(store: &Store, number: u64) -> Result<Vec<Entry>, OperationError> {
    let filter = LexiconEntryFilter {
        standing: Some(LexiconStanding::InVersion(number)),
        ..LexiconEntryFilter::default()
    };
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = page(store, &filter, after.as_ref()).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.normalised.clone(), last.entry_id));
        all.extend(crate::threads::off_the_threads_that_serve(move || entries(&page)).await?);
    }
    Ok(all)
}
