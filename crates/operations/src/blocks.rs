//! A block: the decision against a prompt or an answer, with its statement of reasons and its appeal link.

use cases::AppealToken;
use ledger::EventKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::DecisionRow;
use terms::{ActorRole, ApplicationKeyId, DecisionId, Direction, Locale, ProduceId, SubjectId};

use crate::{
    Admitted, Notice, OperationError, Operations, decisions::StoredStatement, entries::Draft,
    memory::Fingerprint,
};

/// What was found, for the statement and the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingNote {
    /// The rule: `lexicon.fraud`.
    pub rule: String,
    /// Its category: `fraud`.
    pub category: String,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What the engine saw after normalising.
    pub normalised: String,
}

/// What the decision rests on; kept sealed for the appeal window (design 9.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The prompt.
    pub prompt: String,
    /// The answer up to the block, as delivered.
    pub answer: String,
    /// What was held back: the blocked span and what surrounds it.
    pub held: String,
    /// What was found.
    pub findings: Vec<FindingNote>,
}

/// A block to be recorded.
#[derive(Debug, Clone)]
pub struct BlockRecord {
    /// Prompt or answer.
    pub direction: Direction,
    /// The rule that decided.
    pub rule: String,
    /// Its category.
    pub category: String,
    /// The generation, where one had begun.
    pub produce_id: Option<ProduceId>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// What the person is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionNotice {
    /// The decision.
    pub decision_id: DecisionId,
    /// The rule that decided.
    pub rule: String,
    /// Its category.
    pub category: String,
    /// One English sentence.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
    /// Where the reasons stand and an appeal can be filed, without an account.
    pub appeal_url: String,
    /// Texts of the pack that the person is given with it.
    pub notices: Vec<Notice>,
}

/// The fingerprint of a prompt: white space does not make it another one.
pub(crate) fn prompt_fingerprint(operations: &Operations, prompt: &str) -> Fingerprint {
    let mut hasher = Sha256::new();
    for word in prompt.split_whitespace() {
        hasher.update(word.as_bytes());
    }
    let digest: [u8; 32] = hasher.finalize().into();
    operations.inner.vault.index("prompt", &digest)
}

/// The sealed side of `content.blocked`.
#[derive(Debug, Serialize, Deserialize)]
struct BlockedPayload {
    decision_id: DecisionId,
    produce_id: Option<ProduceId>,
    rule: String,
    category: String,
    direction: Direction,
}

impl Operations {
    /// Whether an upheld appeal lets this prompt of this person pass, once. Asking uses it up.
    ///
    /// # Errors
    /// When the use cannot be recorded; then the prompt does not pass.
    pub async fn use_prompt_pass(&self, admitted: &Admitted, prompt: &str) -> Result<bool, OperationError> {
        let subject = admitted.subject.subject_id;
        let fingerprint = prompt_fingerprint(self, prompt);
        if !self.inner.memory.pass_take(subject, fingerprint) {
            return Ok(false);
        }
        match self.prompt_pass_use(subject, fingerprint).await {
            Ok(used) => Ok(used),
            Err(error) => {
                // It was not used: it stays for the next try.
                self.inner.memory.pass_grant(subject, fingerprint);
                Err(error)
            }
        }
    }

    async fn prompt_pass_use(
        &self,
        subject: SubjectId,
        fingerprint: Fingerprint,
    ) -> Result<bool, OperationError> {
        let mut tx = self.tx().await?;
        let used = tx.prompt_pass_use(subject, &fingerprint, self.now()).await?;
        tx.commit().await?;
        Ok(used.is_some())
    }

    /// Records a block and makes the decision that the person can appeal. The same prompt within a minute is the same decision
    /// and one strike (design 9.10).
    ///
    /// # Errors
    /// When it cannot be recorded. The block stands all the same: the caller refuses without a decision id.
    pub async fn record_block(
        &self,
        admitted: &Admitted,
        record: BlockRecord,
    ) -> Result<DecisionNotice, OperationError> {
        let now = self.now();
        let subject = admitted.subject.subject_id;
        let fingerprint = prompt_fingerprint(self, &record.evidence.prompt);
        // The same prompt sent twice at the same time is one decision too.
        let _same = match record.direction {
            Direction::Input => Some(self.inner.memory.block_turn(fingerprint).await),
            Direction::Output => None,
        };
        if record.direction == Direction::Input
            && let Some(notice) = self.inner.memory.recent_block(subject, fingerprint, now)
        {
            return Ok(notice);
        }
        let decision_id = DecisionId::generate(now, self.entropy());
        let key_id: Option<ApplicationKeyId> = admitted.key.as_ref().map(|key| key.key_id);
        let payload = BlockedPayload {
            decision_id,
            produce_id: record.produce_id,
            rule: record.rule.clone(),
            category: record.category.clone(),
            direction: record.direction,
        };
        let mut draft = Draft::new(EventKind::ContentBlocked, ActorRole::Service, now)
            .of(subject)
            .about(decision_id)
            .decided(&record.rule);
        draft.produce_id = record.produce_id;
        let entry = self.entry(draft, &payload)?;
        let statement = StoredStatement {
            text_id: format!("statement.{}", record.category),
            automated_detection: true,
            automated_decision: true,
            reasons: None,
        };
        let sealed = self
            .inner
            .vault
            .seal(&format!("decision:{decision_id}"), &serde_json::to_vec(&record.evidence)?)?
            .to_bytes();
        let row = DecisionRow {
            decision_id,
            tenant_id: self.inner.settings.tenant,
            subject_id: subject,
            produce_id: record.produce_id,
            key_id,
            kind: "block".to_owned(),
            rule: record.rule.clone(),
            category: record.category.clone(),
            direction: record.direction,
            statement: serde_json::to_string(&statement)?,
            sealed,
            made_at: now,
            automated: true,
            decided_by: None,
            state: "standing".to_owned(),
            overturned_at: None,
            overturned_case_id: None,
            appeal_token_hash: self.appeal_token(decision_id).hash(),
            // A strike counts what a person did; what the model said of itself is none.
            strike: record.direction == Direction::Input,
            prompt_fingerprint: Some(fingerprint),
            entry_id: entry.entry_id,
        };
        let mut tx = self.tx().await?;
        tx.entry_append(&entry).await?;
        tx.decision_insert(&row).await?;
        let notice = self.decision_notice(decision_id, &record.rule, &record.category, record.direction);
        let remembered = (record.direction == Direction::Input).then(|| notice.clone());
        self.commit_then(tx, move |operations| async move {
            if let Some(notice) = remembered {
                operations.inner.memory.block_remember(subject, fingerprint, now, &notice);
            }
            Ok(())
        })
        .await?;
        tracing::info!(decision.id = %decision_id, decision.rule = %record.rule, direction = record.direction.as_str(), "blocked");
        Ok(notice)
    }

    pub(crate) fn decision_notice(
        &self,
        decision_id: DecisionId,
        rule: &str,
        category: &str,
        direction: Direction,
    ) -> DecisionNotice {
        let text = |locale| {
            let name = self.category_name(category, locale);
            self.inner.pack.text(&format!("statement.headline.{}", direction.as_str()), locale).map_or_else(
                || name.clone(),
                |headline| match locale {
                    Locale::ZhCn => format!("{headline}（{name}）"),
                    Locale::En => format!("{headline} ({name})"),
                },
            )
        };
        DecisionNotice {
            decision_id,
            rule: rule.to_owned(),
            category: category.to_owned(),
            message: text(Locale::En),
            message_zh: text(Locale::ZhCn),
            appeal_url: self.appeal_url(decision_id),
            notices: Vec::new(),
        }
    }

    /// The appeal link's token: 128 bits that only we can derive, so that the link can be shown again.
    pub(crate) fn appeal_token(&self, decision_id: DecisionId) -> AppealToken {
        let full = self.inner.vault.index("appeal token", decision_id.to_string().as_bytes());
        let mut bits = [0_u8; 16];
        bits.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        AppealToken::from_bytes(bits)
    }

    pub(crate) fn appeal_url(&self, decision_id: DecisionId) -> String {
        self.inner.settings.url(&format!("/appeals/{}", self.appeal_token(decision_id).reveal()))
    }

    /// How many strikes a person had since `since`, overturned ones left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn strikes(&self, subject: SubjectId, since: terms::Timestamp) -> Result<u64, OperationError> {
        Ok(self.inner.store.decision_count_strikes(subject, since).await?)
    }
}
