//! Looking entries up: the pack's and the operator's in one order, page by page.

use identity::Permission;
use safety::Category;
use store::{LexiconEntryFilter, LexiconStanding, LexiconText};
use terms::{Actor, LexiconEntryId, LexiconProposalId};

use super::{
    LEXICON_PAGE_MAX,
    draft::words,
    shown::{LexiconEntryView, LexiconSource, LexiconState},
};
use crate::{OperationError, Operations};

/// How a text is looked for. It is normalised first, as the engine does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LexiconTextQuery {
    /// The whole term.
    Exact(String),
    /// Its beginning.
    Prefix(String),
    /// Any part of it.
    Part(String),
}

/// What to look for. The default finds everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexiconQuery {
    /// The term.
    pub text: Option<LexiconTextQuery>,
    /// The category's code.
    pub category: Option<String>,
    /// Where it stands.
    pub state: Option<LexiconState>,
    /// Where it comes from.
    pub source: Option<LexiconSource>,
    /// Only what this proposal brings.
    pub proposal_id: Option<LexiconProposalId>,
    /// Only what this proposal takes out.
    pub retired_by: Option<LexiconProposalId>,
    /// Only what is in this version of the library.
    pub version: Option<u64>,
    /// Go on behind this place: [`LexiconPage::next`].
    pub after: Option<String>,
    /// At most so many; 0 is 100.
    pub limit: u32,
}

/// A page of entries, in the order of normalised terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconPage {
    /// The entries.
    pub entries: Vec<LexiconEntryView>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<String>,
}

impl LexiconTextQuery {
    fn normalised(&self) -> LexiconText {
        let text = |text: &str| safety::normalise(text).text;
        match self {
            Self::Exact(term) => LexiconText::Exact(text(term)),
            Self::Prefix(term) => LexiconText::Prefix(text(term)),
            Self::Part(term) => LexiconText::Part(text(term)),
        }
    }
}

/// A place as it stands in addresses: the id, then the normalised term.
fn place(view: &LexiconEntryView) -> String {
    format!("{} {}", view.id, view.normalised)
}

impl Operations {
    /// A page of the entries that fit.
    ///
    /// # Errors
    /// Without the permission, or for a place that is none.
    pub async fn lexicon_search(
        &self,
        actor: &Actor,
        query: LexiconQuery,
    ) -> Result<LexiconPage, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let limit = if query.limit == 0 { 100 } else { query.limit.min(LEXICON_PAGE_MAX) };
        // One more, to know whether there is a next page.
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
        let text = query.text.as_ref().map(LexiconTextQuery::normalised);
        let after = match &query.after {
            Some(place) => Some(place.split_once(' ').ok_or_else(|| {
                OperationError::invalid("after", "lexicon-error-place", "no place in the list")
            })?),
            None => None,
        };
        let mut entries = self.lexicon_listed(&query, text.as_ref(), after, wanted);
        entries.extend(self.lexicon_stored(actor, &query, text, after, limit.saturating_add(1)).await?);
        entries.sort_by(|a, b| (&a.normalised, &a.id).cmp(&(&b.normalised, &b.id)));
        let has_more = entries.len() >= wanted;
        entries.truncate(wanted.saturating_sub(1));
        let next = entries.last().filter(|_| has_more).map(place);
        Ok(LexiconPage { entries, next })
    }

    /// Those of the operator's library.
    async fn lexicon_stored(
        &self,
        actor: &Actor,
        query: &LexiconQuery,
        text: Option<LexiconText>,
        after: Option<(&str, &str)>,
        limit: u32,
    ) -> Result<Vec<LexiconEntryView>, OperationError> {
        let standing = match (query.version, query.state) {
            (Some(number), _) => Some(LexiconStanding::InVersion(number)),
            (None, Some(LexiconState::Proposed)) => Some(LexiconStanding::Proposed),
            (None, Some(LexiconState::Approved)) => Some(LexiconStanding::Approved),
            (None, Some(LexiconState::Rejected)) => Some(LexiconStanding::Rejected),
            (None, Some(LexiconState::Retired)) => Some(LexiconStanding::Retired),
            (None, None) => None,
        };
        let source = match query.source {
            Some(LexiconSource::Pack | LexiconSource::File) => return Ok(Vec::new()),
            Some(LexiconSource::Operator) => Some("operator".to_owned()),
            Some(LexiconSource::Case) => Some("case".to_owned()),
            None => None,
        };
        let filter = LexiconEntryFilter {
            text,
            category: query.category.clone(),
            source,
            standing,
            proposal_id: query.proposal_id,
            retired_by: query.retired_by,
            entry_ids: None,
        };
        let after = after.map(|(id, normalised)| {
            // An id of a listed entry sorts behind all ids of stored ones: see `listed_id`.
            let last = LexiconEntryId::from_u128(u128::MAX);
            (normalised.to_owned(), id.parse().unwrap_or(last))
        });
        let rows = self.inner.store.lexicon_entry_list(&filter, after.as_ref(), limit).await?;
        self.lexicon_entry_views(actor, rows).await
    }

    /// Those of the lists of pack and configuration: they are in force and in no proposal.
    fn lexicon_listed(
        &self,
        query: &LexiconQuery,
        text: Option<&LexiconText>,
        after: Option<(&str, &str)>,
        limit: usize,
    ) -> Vec<LexiconEntryView> {
        let is_asked = query.proposal_id.is_none()
            && query.retired_by.is_none()
            && query.version.is_none()
            && query.state.is_none_or(|state| state == LexiconState::Approved);
        if !is_asked {
            return Vec::new();
        }
        let mut found = Vec::new();
        for list in &self.inner.rules.lists {
            let source = if list.is_of_pack { LexiconSource::Pack } else { LexiconSource::File };
            if query.source.is_some_and(|wanted| wanted != source) {
                continue;
            }
            for (number, entry) in list.entries.iter().enumerate() {
                let normalised = entry.normalised();
                let fits = match text {
                    Some(LexiconText::Exact(text)) => normalised == text,
                    Some(LexiconText::Prefix(text)) => normalised.starts_with(text),
                    Some(LexiconText::Part(text)) => normalised.contains(text),
                    None => true,
                };
                let is_of_category = query
                    .category
                    .as_ref()
                    .is_none_or(|code| Category::from_code(code).as_ref() == Some(entry.category()));
                if !fits || !is_of_category {
                    continue;
                }
                let id = listed_id(&list.name, number);
                if after.is_some_and(|(last, text)| (normalised, id.as_str()) <= (text, last)) {
                    continue;
                }
                let normalised = normalised.to_owned();
                let [term, category, measure, direction, audiences, from, until, note] = entry.to_fields();
                let day = |day: String| Some(day).filter(|day| !day.is_empty());
                found.push(LexiconEntryView {
                    id,
                    term,
                    normalised,
                    category,
                    measure,
                    direction,
                    audiences: words(&audiences),
                    valid_from: day(from),
                    valid_until: day(until),
                    note,
                    source,
                    state: LexiconState::Approved,
                    since_version: None,
                    until_version: None,
                    proposal: None,
                });
            }
        }
        found.sort_by(|a, b| (&a.normalised, &a.id).cmp(&(&b.normalised, &b.id)));
        found.truncate(limit);
        found
    }
}

/// The id of an entry of a list. `~` sorts behind the digits and letters of ids of stored entries; white space would end it.
fn listed_id(list: &str, number: usize) -> String {
    let name: String = list.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
    format!("~{name}:{number:07}")
}
