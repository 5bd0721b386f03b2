//! What follows from a hit beside what becomes of the text: texts for the person, and a look by one of the operator's
//! people.
//!
//! A *referral* asks a person to look. It is no decision: it neither takes anything from anybody nor counts as a strike,
//! and what comes of it is decided by the person who looks (a penalty has its own statement and appeal). Its evidence is
//! sealed in the entry `content.referred`, and each look at it leaves `evidence.viewed`.

use std::time::Duration;

use identity::Permission;
use ledger::EventKind;
use safety::{Finding, FollowUps, Situation};
use serde::{Deserialize, Serialize};
use terms::{Actor, ActorRole, Direction, EntryId, Locale, ProduceId, SubjectId, TaskId, Timestamp};

use crate::{Admitted, Evidence, OperationError, Operations, entries::Draft};

/// Within this time the same rule hitting the same person is one referral: a reviewer sees that it happened, not each
/// time it does.
pub const SAME_REFERRAL: Duration = Duration::from_secs(30 * 60);

/// Why a text is given to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A row of the policy attaches it.
    Attached,
    /// It helps a person in danger.
    Crisis,
}

/// A text of the pack for the person, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id in the pack: `notice.crisis`.
    pub id: String,
    /// Why it is given.
    pub kind: NoticeKind,
    /// In English.
    pub text: String,
    /// In Chinese.
    pub text_zh: String,
}

/// What somebody is asked to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralKind {
    /// A rule says that a person should look.
    Review,
    /// Somebody may be in danger.
    Crisis,
}

/// A referral with its evidence, for the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralView {
    /// The task that asks for the look.
    pub task_id: TaskId,
    /// What for.
    pub kind: ReferralKind,
    /// The rule that hit.
    pub rule: String,
    /// Its category.
    pub category: String,
    /// Prompt or answer.
    pub direction: Direction,
    /// The generation it is about.
    pub produce_id: Option<ProduceId>,
    /// The person it is about, for the desk of people.
    pub subject_id: Option<SubjectId>,
    /// Since when.
    pub raised_at: Timestamp,
    /// What it rests on.
    pub evidence: Evidence,
}

/// The sealed side of `content.referred`.
#[derive(Debug, Serialize, Deserialize)]
struct ReferredPayload {
    kind: ReferralKind,
    rule: String,
    category: String,
    direction: Direction,
    evidence: Evidence,
}

#[derive(Serialize)]
struct ReferralViewedPayload {
    entry_id: EntryId,
    by: String,
}

impl NoticeKind {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attached => "attached",
            Self::Crisis => "crisis",
        }
    }
}

impl Notice {
    /// The text in one language.
    #[must_use]
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.text_zh,
            Locale::En => &self.text,
        }
    }
}

impl ReferralKind {
    /// The kind of its task.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Crisis => "crisis",
        }
    }

    /// The kind with that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Review, Self::Crisis].into_iter().find(|kind| kind.as_str() == word)
    }

    const fn asked_by(self) -> FollowUps {
        match self {
            Self::Review => FollowUps::REVIEW,
            Self::Crisis => FollowUps::CRISIS,
        }
    }
}

impl Operations {
    /// The texts that `findings` give the person, each once.
    #[must_use]
    pub fn notices<'f>(
        &self,
        engine: &safety::Engine,
        findings: impl IntoIterator<Item = &'f Finding>,
        situation: Situation,
    ) -> Vec<Notice> {
        let mut notices: Vec<Notice> = Vec::new();
        for finding in findings {
            let kind = match finding.then {
                then if then.contains(FollowUps::CRISIS) => NoticeKind::Crisis,
                then if then.contains(FollowUps::ATTACH) => NoticeKind::Attached,
                _ => continue,
            };
            for id in engine.policy().texts(&finding.rule, &finding.category, situation) {
                if !notices.iter().any(|notice| notice.id == id) {
                    notices.extend(self.notice(id, kind));
                }
            }
        }
        notices
    }

    fn notice(&self, id: &str, kind: NoticeKind) -> Option<Notice> {
        let settings = &self.inner.settings;
        let values = [("contact", settings.contact.as_str()), ("provider_name", &settings.provider_name)];
        let text = self.inner.pack.texts().find(|text| text.id == id)?;
        // INVARIANT: `Pack::attached_text` refuses a text that needs more when the policy is read.
        let values: Vec<(&str, &str)> =
            values.into_iter().filter(|(name, _)| text.placeholders.iter().any(|own| own == name)).collect();
        let filled = |locale| text.fill(locale, &values).ok();
        Some(Notice { id: id.to_owned(), kind, text: filled(Locale::En)?, text_zh: filled(Locale::ZhCn)? })
    }

    /// Asks people to look at what `findings` ask for, each rule of each person once in [`SAME_REFERRAL`]. Gives how many
    /// looks were asked for.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn refer(
        &self,
        admitted: &Admitted,
        direction: Direction,
        produce_id: Option<ProduceId>,
        findings: &[Finding],
        evidence: &Evidence,
    ) -> Result<usize, OperationError> {
        let mut asked = 0_usize;
        for kind in [ReferralKind::Crisis, ReferralKind::Review] {
            for finding in findings.iter().filter(|finding| finding.then.contains(kind.asked_by())) {
                let subject = admitted.subject.subject_id;
                let now = self.now();
                if !self.inner.memory.referral_take(subject, kind, &finding.rule, now, SAME_REFERRAL) {
                    continue;
                }
                let referred = self.refer_one(admitted, kind, direction, produce_id, finding, evidence).await;
                if referred.is_err() {
                    self.inner.memory.referral_forget(subject, kind, &finding.rule);
                }
                referred?;
                asked = asked.saturating_add(1);
            }
        }
        Ok(asked)
    }

    async fn refer_one(
        &self,
        admitted: &Admitted,
        kind: ReferralKind,
        direction: Direction,
        produce_id: Option<ProduceId>,
        finding: &Finding,
        evidence: &Evidence,
    ) -> Result<(), OperationError> {
        let mut draft = Draft::new(EventKind::ContentReferred, ActorRole::Service, self.now())
            .of(admitted.subject.subject_id)
            .decided(&finding.rule);
        draft.produce_id = produce_id;
        let payload = ReferredPayload {
            kind,
            rule: finding.rule.clone(),
            category: finding.category.name().to_owned(),
            direction,
            evidence: evidence.clone(),
        };
        let entry = self.entry(draft, &payload)?;
        let mut tx = self.tx().await?;
        tx.entry_append(&entry).await?;
        let detail = format!("{} {}", payload.category, entry.entry_id);
        self.task_raise(&mut tx, kind.as_str(), &detail).await?;
        tx.commit().await?;
        tracing::info!(entry.id = %entry.entry_id, referral.kind = kind.as_str(), referral.rule = %finding.rule, "referred to a person");
        Ok(())
    }

    /// A referral with its evidence. Looking leaves an `evidence.viewed` entry.
    ///
    /// # Errors
    /// Without the permission, or where no open task is a referral with that id.
    pub async fn referral(&self, actor: &Actor, task_id: TaskId) -> Result<ReferralView, OperationError> {
        Self::authorise(actor, Permission::ViewTasks)?;
        let by = Self::authorise(actor, Permission::ViewEvidence)?;
        let missing = || OperationError::NotFound { what: "referral" };
        let task = self.inner.store.task_lookup(task_id).await?.ok_or_else(missing)?;
        let kind = ReferralKind::from_word(&task.kind).ok_or_else(missing)?;
        let entry_id = task.detail.split_once(' ').and_then(|(_, id)| id.parse().ok());
        let entry_id: EntryId = entry_id.ok_or_else(missing)?;
        let row = self.inner.store.entry_lookup(entry_id).await?.ok_or_else(missing)?;
        let payload: ReferredPayload = self.entry_payload(&row)?.ok_or_else(missing)?;
        let mut draft = Draft::new(EventKind::EvidenceViewed, actor.role(), self.now()).about(entry_id);
        draft.subject = row.subject_id;
        let entry = self.entry(draft, &ReferralViewedPayload { entry_id, by: by.to_string() })?;
        let mut tx = self.tx().await?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        Ok(ReferralView {
            task_id,
            kind,
            rule: payload.rule,
            category: payload.category,
            direction: payload.direction,
            produce_id: row.produce_id,
            subject_id: row.subject_id,
            raised_at: task.created_at,
            evidence: payload.evidence,
        })
    }
}
