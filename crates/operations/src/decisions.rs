//! Decisions as the person concerned and the console see them: the statement of reasons, the state, the evidence.

use cases::{AppealToken, CaseKind};
use identity::Permission;
use ledger::EventKind;
use serde::{Deserialize, Serialize};
use store::DecisionRow;
use terms::{Actor, DecisionId, Direction, Locale, ProduceId, Timestamp};

use crate::{Evidence, OperationError, Operations, entries::Draft};

/// Decisions on one page of the console.
const DECISIONS_PAGE: u32 = 50;

/// What the store keeps of a statement: which text of the pack, and what a human added. The words are filled in when it is read,
/// so that each reader gets their language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredStatement {
    pub(crate) text_id: String,
    pub(crate) automated_detection: bool,
    pub(crate) automated_decision: bool,
    pub(crate) reasons: Option<String>,
}

/// An article that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawRef {
    /// The row of the pack.
    pub id: String,
    /// The instrument.
    pub title: String,
    /// The article.
    pub article: String,
}

/// A statement of reasons (DSA Art. 17(3); Interim Measures Art. 14), in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementView {
    /// What was decided, in one sentence.
    pub headline: String,
    /// What happened.
    pub facts: String,
    /// The category's name.
    pub category: String,
    /// Why the rule exists.
    pub reason: String,
    /// The articles relied on.
    pub grounds: Vec<LawRef>,
    /// Whether software or a person found and decided, in one sentence.
    pub automation: String,
    /// Whether the detection was automated.
    pub automated_detection: bool,
    /// Whether the decision was automated.
    pub automated_decision: bool,
    /// Where to appeal.
    pub redress_url: String,
    /// By when an appeal is answered, in words.
    pub answer_limit: String,
}

/// Where a decision stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionState {
    /// It holds.
    Standing,
    /// An appeal undid it.
    Overturned {
        /// When.
        at: Timestamp,
    },
}

/// A decision, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionView {
    /// Its id.
    pub decision_id: DecisionId,
    /// `block` or `penalty`.
    pub kind: String,
    /// The rule that decided.
    pub rule: String,
    /// Its category.
    pub category: String,
    /// Prompt or answer.
    pub direction: Direction,
    /// When it was made.
    pub made_at: Timestamp,
    /// Where it stands.
    pub state: DecisionState,
    /// Why.
    pub statement: StatementView,
    /// The generation it concerns.
    pub produce_id: Option<ProduceId>,
    /// Until when it can be appealed.
    pub appeal_open_until: Timestamp,
    /// Whether an appeal is open or was decided.
    pub appealed: bool,
    /// After an overturn: what had been held back.
    pub released_text: Option<String>,
}

/// A decision with what it rests on, for the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionDetail {
    /// The decision.
    pub view: DecisionView,
    /// What it rests on.
    pub evidence: Evidence,
}

#[derive(Serialize)]
struct EvidenceViewedPayload {
    decision_id: DecisionId,
    by: String,
}

impl Operations {
    /// The decision behind an appeal link.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn decision_by_token(
        &self,
        token: &str,
        locale: Locale,
    ) -> Result<Option<DecisionView>, OperationError> {
        match self.decision_row_by_token(token).await? {
            Some(row) => Ok(Some(self.decision_view(&row, locale).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn decision_row_by_token(
        &self,
        token: &str,
    ) -> Result<Option<DecisionRow>, OperationError> {
        let Ok(token) = token.parse::<AppealToken>() else { return Ok(None) };
        Ok(self.inner.store.decision_lookup_by_token(&token.hash()).await?)
    }

    /// One decision with its evidence. Looking leaves an `evidence.viewed` entry.
    ///
    /// # Errors
    /// Without the permission, or where there is no such decision.
    pub async fn decision(
        &self,
        actor: &Actor,
        decision_id: DecisionId,
        locale: Locale,
    ) -> Result<DecisionDetail, OperationError> {
        Self::authorise(actor, Permission::ViewDecisions)?;
        let row = self.decision_row(decision_id).await?;
        let evidence = self.decision_evidence_viewed(actor, &row).await?;
        Ok(DecisionDetail { view: self.decision_view(&row, locale).await?, evidence })
    }

    pub(crate) async fn decision_row(&self, decision_id: DecisionId) -> Result<DecisionRow, OperationError> {
        self.inner
            .store
            .decision_lookup(decision_id)
            .await?
            .ok_or(OperationError::NotFound { what: "decision" })
    }

    /// Opens the evidence for an operator and records that they saw it.
    pub(crate) async fn decision_evidence_viewed(
        &self,
        actor: &Actor,
        row: &DecisionRow,
    ) -> Result<Evidence, OperationError> {
        let by = Self::authorise(actor, Permission::ViewEvidence)?;
        let draft = Draft::new(EventKind::EvidenceViewed, actor.role(), self.now())
            .of(row.subject_id)
            .about(row.decision_id);
        let payload = EvidenceViewedPayload { decision_id: row.decision_id, by: by.to_string() };
        let entry = self.entry(draft, &payload)?;
        let mut tx = self.tx().await?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.decision_evidence(row)
    }

    pub(crate) fn decision_evidence(&self, row: &DecisionRow) -> Result<Evidence, OperationError> {
        let sealed = vault::Sealed::from_bytes(&row.sealed)?;
        let plain = self.inner.vault.open_sealed(&format!("decision:{}", row.decision_id), &sealed)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    /// The newest decisions, before `before`.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn decision_list(
        &self,
        actor: &Actor,
        before: Option<DecisionId>,
        locale: Locale,
    ) -> Result<Vec<DecisionView>, OperationError> {
        Self::authorise(actor, Permission::ViewDecisions)?;
        let mut views = Vec::new();
        for row in
            self.inner.store.decision_list(&store::DecisionFilter::default(), before, DECISIONS_PAGE).await?
        {
            views.push(self.decision_view(&row, locale).await?);
        }
        Ok(views)
    }

    pub(crate) async fn decision_view(
        &self,
        row: &DecisionRow,
        locale: Locale,
    ) -> Result<DecisionView, OperationError> {
        let state = match row.overturned_at {
            Some(at) => DecisionState::Overturned { at },
            None => DecisionState::Standing,
        };
        let released_text = match state {
            DecisionState::Overturned { .. } if row.kind == "block" => {
                let evidence = self.decision_evidence(row)?;
                Some(format!("{}{}", evidence.answer, evidence.held)).filter(|text| !text.is_empty())
            }
            _ => None,
        };
        let appeals = self.appeals_against(row.decision_id).await?;
        Ok(DecisionView {
            decision_id: row.decision_id,
            kind: row.kind.clone(),
            rule: row.rule.clone(),
            category: row.category.clone(),
            direction: row.direction,
            made_at: row.made_at,
            state,
            statement: self.statement_view(row, locale).await?,
            produce_id: row.produce_id,
            appeal_open_until: row.made_at.plus(self.appeal_window()),
            appealed: appeals.iter().any(|case| case.state != "withdrawn"),
            released_text,
        })
    }

    async fn statement_view(
        &self,
        row: &DecisionRow,
        locale: Locale,
    ) -> Result<StatementView, OperationError> {
        let stored: StoredStatement = serde_json::from_str(&row.statement)?;
        let pack = &self.inner.pack;
        let text = |id: &str| pack.text(id, locale).unwrap_or_default().to_owned();
        let category = self.category_name(&row.category, locale);
        let time = self.local_time(row.made_at, locale);
        let kind = if row.kind == "penalty" { "penalty" } else { row.direction.as_str() };
        let fill = |id: &str, values: &[(&str, &str)]| {
            pack.text_with(id, locale, values)
                .map_err(|error| OperationError::internal("filling a statement of reasons")(Box::new(error)))
        };
        let facts = match &stored.reasons {
            Some(reasons) => {
                // The decision and its penalty are written in one transaction.
                let penalties = self.inner.store.penalty_list_for_decision(row.decision_id).await?;
                let ends = match penalties.first().and_then(|penalty| penalty.ends_at) {
                    Some(end) => {
                        fill("statement.penalty.until", &[("ends_at", &self.local_time(end, locale))])?
                    }
                    None => fill("statement.penalty.open", &[])?,
                };
                let values = [("reasons", reasons.as_str()), ("starts_at", &time), ("ends", &ends)];
                fill("statement.facts.penalty", &values)?
            }
            None => fill(&format!("statement.facts.{kind}"), &[("category", &category), ("time", &time)])?,
        };
        let headline_id = format!("statement.headline.{kind}");
        let grounds_id =
            if pack.text(&stored.text_id, locale).is_some() { &stored.text_id } else { &headline_id };
        let grounds = pack
            .law_references(grounds_id, locale)
            .into_iter()
            .map(|law| LawRef { id: law.id, title: law.title, article: law.article })
            .collect();
        Ok(StatementView {
            headline: text(&headline_id),
            facts,
            reason: text(&stored.text_id),
            category,
            grounds,
            automation: text(if stored.automated_decision {
                "statement.automated"
            } else {
                "statement.by_person"
            }),
            automated_detection: stored.automated_detection,
            automated_decision: stored.automated_decision,
            redress_url: self.appeal_url(row.decision_id),
            answer_limit: self.limit_text(CaseKind::Appeal, locale),
        })
    }

    /// The name of a rule category for people; an operator's own category is shown as it is called.
    #[must_use]
    pub fn category_name(&self, category: &str, locale: Locale) -> String {
        self.inner.pack.text(&format!("category.{category}"), locale).unwrap_or(category).to_owned()
    }

    /// A time as people at the provider's place read it: `2026年11月23日 16:04（北京时间）`.
    #[must_use]
    pub fn local_time(&self, time: Timestamp, locale: Locale) -> String {
        let offset = jiff::tz::Offset::constant(crate::cases_intake::OFFSET_HOURS);
        let local = offset.to_datetime(time.to_jiff());
        match locale {
            Locale::ZhCn => local.strftime("%Y年%-m月%-d日 %H:%M（北京时间）").to_string(),
            Locale::En => local.strftime("%-d %b %Y, %H:%M (UTC+8)").to_string(),
        }
    }
}
