//! Entries of the operator's lexicons.
//!
//! A row says what an entry is and never changes. Where it stands follows from the proposals: it is in version *v* where its
//! proposal made *v* or an earlier version and no proposal that retires it did. So a decision about a million entries writes one row.

use sqlx::AssertSqlSafe;
use terms::{LexiconEntryId, LexiconProposalId};

use crate::{
    Store, StoreError, Tx,
    bulk::Bulk,
    dialect,
    row::{Filter, Record, Row, Values, cell, row},
};

row! {
    "lexicon_entry" as columns;
    /// One entry.
    pub struct LexiconEntryRow {
        /// Its id.
        pub entry_id: LexiconEntryId,
        /// The proposal that brought it.
        pub proposal_id: LexiconProposalId,
        /// The term as it was written.
        pub term: String,
        /// The term as it is looked for.
        pub normalised: String,
        /// The category's code.
        pub category: String,
        /// What is done about a hit; empty where the policy decides.
        pub measure: String,
        /// `input`, `output` or `both`.
        pub direction: String,
        /// For whom, words joined by `+`; empty for everybody.
        pub audiences: String,
        /// The first day, ISO 8601.
        pub valid_from: Option<String>,
        /// The last day.
        pub valid_until: Option<String>,
        /// A note for people.
        pub note: String,
    }
}

/// An entry and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconStandingRow {
    /// The entry.
    pub entry: LexiconEntryRow,
    /// The state of the proposal that brought it.
    pub proposal_state: String,
    /// The version it came with.
    pub since_version: Option<u64>,
    /// The version it went with.
    pub until_version: Option<u64>,
}

impl Record for LexiconStandingRow {
    const COLUMNS: &'static [&'static str] = &[];

    fn bind(&self, into: &mut Values) {
        self.entry.bind(into);
    }

    fn read(row: &Row) -> Result<Self, StoreError> {
        let after = LexiconEntryRow::COLUMNS.len();
        let table = "lexicon_entry";
        Ok(Self {
            entry: LexiconEntryRow::read(row)?,
            proposal_state: cell(row, after, table, "proposal_state")?,
            since_version: cell(row, after.saturating_add(1), table, "since_version")?,
            until_version: cell(row, after.saturating_add(2), table, "until_version")?,
        })
    }
}

/// How a text is looked for among the normalised terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LexiconText {
    /// The whole term.
    Exact(String),
    /// Its beginning.
    Prefix(String),
    /// Any part.
    Part(String),
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexiconStanding {
    /// It waits for a decision.
    Proposed,
    /// It is in the newest version.
    Approved,
    /// It was rejected or withdrawn.
    Rejected,
    /// It was in a version and is no more.
    Retired,
    /// It is in this version.
    InVersion(u64),
}

/// Which entries a list shows. The default shows all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexiconEntryFilter {
    /// Those with this text.
    pub text: Option<LexiconText>,
    /// Those of this category.
    pub category: Option<String>,
    /// Those that stand there.
    pub standing: Option<LexiconStanding>,
    /// Those that came from there: `operator`, `case`.
    pub source: Option<String>,
    /// Those that this proposal brought.
    pub proposal_id: Option<LexiconProposalId>,
    /// Those that this proposal takes out.
    pub retired_by: Option<LexiconProposalId>,
    /// Those with one of these ids.
    pub entry_ids: Option<Vec<LexiconEntryId>>,
}

/// A place in the order of entries: normalised term and id.
pub type LexiconPlace = (String, LexiconEntryId);

static INSERT: Bulk = Bulk::insert(
    "lexicon_entry_insert",
    concat!("INSERT INTO lexicon_entry (", columns!(), ") VALUES "),
    LexiconEntryRow::COLUMNS.len(),
);

const SELECT: &str = "SELECT entry_id, lexicon_entry.proposal_id, term, normalised, category, measure, direction, audiences, \
     valid_from, valid_until, note, state, version, \
     (SELECT MIN(gone.version) FROM lexicon_retirement JOIN lexicon_proposal gone \
      ON gone.proposal_id = lexicon_retirement.proposal_id WHERE lexicon_retirement.entry_id = lexicon_entry.entry_id) \
     FROM lexicon_entry JOIN (SELECT proposal_id AS brought_by, state, source, version FROM lexicon_proposal) brought \
     ON brought_by = lexicon_entry.proposal_id";

impl Store {
    /// At most `limit` entries in the order of normalised term and id, behind `after`.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub async fn lexicon_entry_list(
        &self,
        filter: &LexiconEntryFilter,
        after: Option<&LexiconPlace>,
        limit: u32,
    ) -> Result<Vec<LexiconStandingRow>, StoreError> {
        let mut list = Filter::new(self.engine(), SELECT);
        match &filter.text {
            Some(LexiconText::Exact(text)) => list.and("normalised =", Some(text)),
            Some(LexiconText::Prefix(text)) => {
                list.and("normalised >=", Some(text));
                list.and("normalised <", past_prefix(text).as_ref());
            }
            Some(LexiconText::Part(text)) => list.and_at(dialect::contains_normalised(self.engine()), text),
            None => {}
        }
        list.and("category =", filter.category.as_ref());
        match filter.standing {
            Some(LexiconStanding::Proposed) => list.and_fixed("state = 'proposed'"),
            Some(LexiconStanding::Approved) => {
                list.and_fixed("version IS NOT NULL");
                list.and_fixed(IS_NOT_RETIRED);
            }
            Some(LexiconStanding::Rejected) => list.and_fixed("state IN ('rejected', 'withdrawn')"),
            Some(LexiconStanding::Retired) => {
                list.and_fixed("version IS NOT NULL");
                list.and_fixed(IS_RETIRED);
            }
            Some(LexiconStanding::InVersion(number)) => list.and_at(IS_IN_VERSION, &number),
            None => list.and_fixed("state <> 'preparing'"),
        }
        list.and("source =", filter.source.as_ref());
        if let Some(ids) = &filter.entry_ids {
            list.and_one_of("entry_id", ids);
        }
        list.and("lexicon_entry.proposal_id =", filter.proposal_id.as_ref());
        if let Some(proposal_id) = &filter.retired_by {
            list.and_at(
                "entry_id IN (SELECT taken.entry_id FROM lexicon_retirement taken WHERE taken.proposal_id = ?)",
                proposal_id,
            );
        }
        list.and_after("(normalised, entry_id) >", after);
        let (sql, values) = list.finish(" ORDER BY normalised, entry_id", limit);
        self.fetch_all(AssertSqlSafe(sql), values).await
    }
}

const IS_NOT_RETIRED: &str = "NOT EXISTS (SELECT 1 FROM lexicon_retirement JOIN lexicon_proposal gone \
     ON gone.proposal_id = lexicon_retirement.proposal_id \
     WHERE lexicon_retirement.entry_id = lexicon_entry.entry_id AND gone.version IS NOT NULL)";

const IS_RETIRED: &str = "EXISTS (SELECT 1 FROM lexicon_retirement JOIN lexicon_proposal gone \
     ON gone.proposal_id = lexicon_retirement.proposal_id \
     WHERE lexicon_retirement.entry_id = lexicon_entry.entry_id AND gone.version IS NOT NULL)";

const IS_IN_VERSION: &str = "version <= ? AND NOT EXISTS (SELECT 1 FROM lexicon_retirement JOIN lexicon_proposal gone \
     ON gone.proposal_id = lexicon_retirement.proposal_id \
     WHERE lexicon_retirement.entry_id = lexicon_entry.entry_id AND gone.version <= ?)";

/// The least text that is greater than all that begin with `prefix`, in the order of bytes; `None` where there is none.
fn past_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The order of UTF-8 bytes is that of code points.
        if let Some(next) = (u32::from(last).saturating_add(1)..=0x0010_FFFF).find_map(char::from_u32) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

impl Tx {
    /// Adds entries.
    ///
    /// # Errors
    /// [`StoreError::ConstraintViolated`] where an id is there already.
    pub async fn lexicon_entry_insert(&mut self, entries: &[LexiconEntryRow]) -> Result<(), StoreError> {
        self.execute_bulk(&INSERT, entries, Record::bind).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_prefix_lies_between_it_and_the_next_text() {
        for (prefix, next) in [("代开", "代弁"), ("a", "b"), ("\u{D7FF}", "\u{E000}"), ("a\u{10FFFF}", "b")]
        {
            assert_eq!(past_prefix(prefix).as_deref(), Some(next));
        }
        assert_eq!(past_prefix("\u{10FFFF}"), None);
        assert_eq!(past_prefix(""), None);
    }
}
