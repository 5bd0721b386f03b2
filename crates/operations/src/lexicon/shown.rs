//! Entries and proposals as people see them.

use std::collections::HashMap;

use identity::Permission;
use store::{LexiconProposalRow, LexiconStandingRow};
use terms::{Actor, DecisionId, LexiconProposalId, Timestamp};

use super::is_by;
use crate::{OperationError, Operations, operators_desk::OperatorNames};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one with that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

words! {
    /// Where an entry comes from.
    LexiconSource {
        /// A list of the pack.
        Pack = "pack",
        /// A list that the configuration names.
        File = "file",
        /// An operator proposed it.
        Operator = "operator",
        /// An appeal showed that it is needed.
        Case = "case",
    }
}

words! {
    /// Where an entry stands.
    LexiconState {
        /// It waits for a second person.
        Proposed = "proposed",
        /// It is in force, on the days it names.
        Approved = "approved",
        /// It was rejected or withdrawn.
        Rejected = "rejected",
        /// It was in force and is no more.
        Retired = "retired",
    }
}

words! {
    /// What a proposal is.
    LexiconProposalKind {
        /// Entries, one by one.
        Entries = "entries",
        /// A file.
        Import = "import",
        /// Entries taken out.
        Retirement = "retirement",
        /// An earlier version back.
        Rollback = "rollback",
    }
}

words! {
    /// Where a proposal stands.
    LexiconProposalState {
        /// It waits for a second person.
        Proposed = "proposed",
        /// It made a version.
        Approved = "approved",
        /// A second person did not want it.
        Rejected = "rejected",
        /// The one who made it took it back.
        Withdrawn = "withdrawn",
    }
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconEntryView {
    /// Its id; for an entry of a list of pack or configuration the list's name and the place in it.
    pub id: String,
    /// The term as it was written.
    pub term: String,
    /// The term as it is looked for.
    pub normalised: String,
    /// The category's code.
    pub category: String,
    /// `mask`, `warn`, `block`, `allow`, or empty: the policy decides.
    pub measure: String,
    /// `input`, `output` or `both`.
    pub direction: String,
    /// `adult`, `minor`, `verified`; none is everybody.
    pub audiences: Vec<String>,
    /// The first day.
    pub valid_from: Option<String>,
    /// The last day.
    pub valid_until: Option<String>,
    /// A note for people.
    pub note: String,
    /// Where it comes from.
    pub source: LexiconSource,
    /// Where it stands.
    pub state: LexiconState,
    /// The version it came with.
    pub since_version: Option<u64>,
    /// The version it went with.
    pub until_version: Option<u64>,
    /// How it came here; `None` for lists of pack and configuration.
    pub proposal: Option<LexiconProposalView>,
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconProposalView {
    /// Its id.
    pub proposal_id: LexiconProposalId,
    /// What it is.
    pub kind: LexiconProposalKind,
    /// What it is called.
    pub title: String,
    /// Who wanted it: [`LexiconSource::Operator`] or [`LexiconSource::Case`].
    pub source: LexiconSource,
    /// Why.
    pub reasons: String,
    /// The decision that it corrects.
    pub decision_id: Option<DecisionId>,
    /// The version that it goes back to.
    pub target_version: Option<u64>,
    /// The version that it was made against.
    pub base_version: u64,
    /// New entries.
    pub added: u64,
    /// Entries in the place of earlier ones.
    pub changed: u64,
    /// Entries taken out.
    pub retired: u64,
    /// Where it stands.
    pub state: LexiconProposalState,
    /// The name of who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// The name of who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub decided_because: Option<String>,
    /// The version that its approval made.
    pub version: Option<u64>,
    /// Whether this actor may approve or reject it.
    pub may_decide: bool,
    /// Whether this actor may take it back.
    pub may_withdraw: bool,
}

impl LexiconProposalView {
    pub(crate) fn of(
        row: LexiconProposalRow,
        names: &OperatorNames,
        actor: &Actor,
    ) -> Result<Self, OperationError> {
        let unknown = |what: &'static str, word: &str| {
            OperationError::internal("reading a lexicon proposal")(format!("unknown {what} `{word}`").into())
        };
        let state =
            LexiconProposalState::from_word(&row.state).ok_or_else(|| unknown("state", &row.state))?;
        let is_own = is_by(actor, row.proposed_by);
        let waits = state == LexiconProposalState::Proposed;
        let permits = |permission| identity::permits(actor.role(), permission);
        Ok(Self {
            kind: LexiconProposalKind::from_word(&row.kind).ok_or_else(|| unknown("kind", &row.kind))?,
            source: LexiconSource::from_word(&row.source).ok_or_else(|| unknown("source", &row.source))?,
            state,
            may_decide: waits && !is_own && permits(Permission::ApproveLexicon),
            may_withdraw: waits && is_own && permits(Permission::ProposeLexicon),
            proposed_by: names.of(row.proposed_by),
            decided_by: row.decided_by.map(|id| names.of(id)),
            proposal_id: row.proposal_id,
            title: row.title,
            reasons: row.reasons,
            decision_id: row.decision_id,
            target_version: row.target_version,
            base_version: row.base_version,
            added: row.added,
            changed: row.changed,
            retired: row.retired,
            proposed_at: row.proposed_at,
            decided_at: row.decided_at,
            decided_because: row.decided_because,
            version: row.version,
        })
    }
}

impl Operations {
    /// Proposals, newest first, older than `after`: those in a state, or all.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn lexicon_proposals(
        &self,
        actor: &Actor,
        state: Option<LexiconProposalState>,
        after: Option<LexiconProposalId>,
        limit: u32,
    ) -> Result<Vec<LexiconProposalView>, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let state = state.map(LexiconProposalState::as_str);
        let limit = limit.clamp(1, super::LEXICON_PAGE_MAX);
        let rows = self.inner.store.lexicon_proposal_list(state, after, limit).await?;
        let names = self.operator_names().await?;
        rows.into_iter().map(|row| LexiconProposalView::of(row, &names, actor)).collect()
    }

    /// One proposal. Its entries and what it takes out are found by [`Operations::lexicon_search`].
    ///
    /// # Errors
    /// Without the permission, or where there is no such proposal.
    pub async fn lexicon_proposal(
        &self,
        actor: &Actor,
        proposal_id: LexiconProposalId,
    ) -> Result<LexiconProposalView, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let row = self.lexicon_proposal_row(proposal_id).await?;
        LexiconProposalView::of(row, &self.operator_names().await?, actor)
    }

    /// Stored entries with their proposals.
    pub(crate) async fn lexicon_entry_views(
        &self,
        actor: &Actor,
        rows: Vec<LexiconStandingRow>,
    ) -> Result<Vec<LexiconEntryView>, OperationError> {
        let names = self.operator_names().await?;
        let mut proposals: HashMap<LexiconProposalId, LexiconProposalView> = HashMap::new();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.entry.proposal_id;
            let proposal = if let Some(known) = proposals.get(&id) {
                known.clone()
            } else {
                let view = LexiconProposalView::of(self.lexicon_proposal_row(id).await?, &names, actor)?;
                proposals.insert(id, view.clone());
                view
            };
            views.push(LexiconEntryView::of(row, proposal));
        }
        Ok(views)
    }
}

impl LexiconEntryView {
    fn of(row: LexiconStandingRow, proposal: LexiconProposalView) -> Self {
        let entry = row.entry;
        let state = match (proposal.state, row.until_version) {
            (LexiconProposalState::Proposed, _) => LexiconState::Proposed,
            (LexiconProposalState::Rejected | LexiconProposalState::Withdrawn, _) => LexiconState::Rejected,
            (LexiconProposalState::Approved, None) => LexiconState::Approved,
            (LexiconProposalState::Approved, Some(_)) => LexiconState::Retired,
        };
        Self {
            id: entry.entry_id.to_string(),
            term: entry.term,
            normalised: entry.normalised,
            category: entry.category,
            measure: entry.measure,
            direction: entry.direction,
            audiences: super::draft::words(&entry.audiences),
            valid_from: entry.valid_from,
            valid_until: entry.valid_until,
            note: entry.note,
            source: proposal.source,
            state,
            since_version: row.since_version,
            until_version: row.until_version,
            proposal: Some(proposal),
        }
    }
}
