//! Trying a list out: a candidate runs beside the list in force on live traffic, and what it would have done is counted.
//!
//! Off unless an operator starts it. A drawn text is copied into a queue of bounded length, checked a second time on a thread of its
//! own, and forgotten; where the second check is behind, the text is left out and that is counted. Nothing of a text is kept.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use identity::Permission;
use ledger::EventKind;
use safety::{Engine, Verdict};
use serde::Serialize;
use store::{LexiconShadowCountRow, LexiconShadowRow};
use terms::{Actor, Direction, LexiconProposalId, LexiconShadowId, OperatorId, Timestamp};

use super::{content, live};
use crate::{OperationError, Operations, entries::Draft};

/// Texts that wait for their second check.
const QUEUE_MAX: usize = 64;
/// The beginning of a text that is checked, in bytes. With the queue this bounds the memory to 4 MiB.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Most different counts of a run.
const COUNTS_MAX: u32 = 10_000;
/// Runs that a list shows.
const RUNS_MAX: u32 = 50;

/// What is tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexiconCandidate {
    /// The library as a waiting proposal would make it.
    Proposal(LexiconProposalId),
    /// An earlier version.
    Version(u64),
}

/// What a rule would have done differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconShadowCount {
    /// The rule.
    pub rule: String,
    /// The category's code.
    pub category: String,
    /// `input` or `output`.
    pub direction: String,
    /// `blocks`: it would have blocked what passed. `lifts`: it blocked what would have passed. `finds` and `drops`: it would have
    /// found what was not found, or the other way, without a block.
    pub change: String,
    /// In how many texts.
    pub texts: u64,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexiconShadowView {
    /// Its id.
    pub shadow_id: LexiconShadowId,
    /// What is tried out.
    pub candidate: LexiconCandidate,
    /// How many of a thousand texts are checked twice.
    pub permille: u64,
    /// The name of who started it.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// The name of who stopped it; `None` while it goes on, and where the candidate was decided.
    pub stopped_by: Option<String>,
    /// When.
    pub stopped_at: Option<Timestamp>,
    /// Whether it goes on.
    pub is_running: bool,
    /// Texts checked twice.
    pub texts: u64,
    /// Texts that were drawn and left out.
    pub skipped: u64,
    /// The differences.
    pub counts: Vec<LexiconShadowCount>,
}

#[derive(PartialEq, Eq, Hash)]
struct Count {
    rule: String,
    category: String,
    direction: Direction,
    change: &'static str,
}

struct Sample {
    text: String,
    direction: Direction,
    active: Arc<Engine>,
}

/// The run in this process.
pub(crate) struct Running {
    shadow_id: LexiconShadowId,
    permille: u64,
    /// Texts seen, drawn or not.
    seen: AtomicU64,
    queue: tokio::sync::mpsc::Sender<Sample>,
    numbers: Arc<Numbers>,
}

#[derive(Default)]
struct Numbers {
    texts: AtomicU64,
    skipped: AtomicU64,
    counts: Mutex<HashMap<Count, u64>>,
}

/// The run in this process, where there is one.
#[derive(Default)]
pub(crate) struct Shadow {
    running: ArcSwapOption<Running>,
    /// Held while a run is taken up or ended here.
    following: tokio::sync::Mutex<()>,
}

/// A drawn text while it goes by. Dropping it hands it over.
pub struct LexiconProbe {
    running: Arc<Running>,
    text: String,
    direction: Direction,
    active: Arc<Engine>,
}

impl LexiconProbe {
    /// The text goes on.
    pub fn push(&mut self, piece: &str) {
        let mut room = TEXT_BYTES_MAX.saturating_sub(self.text.len()).min(piece.len());
        while !piece.is_char_boundary(room) {
            room = room.saturating_sub(1);
        }
        self.text.push_str(piece.get(..room).unwrap_or_default());
    }
}

impl Drop for LexiconProbe {
    fn drop(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let sample = Sample {
            text: std::mem::take(&mut self.text),
            direction: self.direction,
            active: Arc::clone(&self.active),
        };
        if self.running.queue.try_send(sample).is_err() {
            self.running.numbers.skipped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Running {
    /// Whether the next text is drawn: evenly, `permille` of a thousand.
    fn draws(&self) -> bool {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed) % 1_000;
        // As many multiples of 1,000 lie in each step of `permille`.
        (seen + 1) * self.permille / 1_000 > seen * self.permille / 1_000
    }
}

impl Numbers {
    fn note(&self, differences: BTreeSet<(String, String, &'static str)>, direction: Direction) {
        self.texts.fetch_add(1, Ordering::Relaxed);
        if differences.is_empty() {
            return;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (rule, category, change) in differences {
            let count = Count { rule, category, direction, change };
            if counts.len() < usize::try_from(COUNTS_MAX).unwrap_or(usize::MAX) || counts.contains_key(&count)
            {
                *counts.entry(count).or_default() += 1;
            }
        }
    }
}

/// What `candidate` does differently: rule, category, change.
fn differences(active: &Verdict, candidate: &Verdict) -> BTreeSet<(String, String, &'static str)> {
    let mut found = BTreeSet::new();
    let mut compare = |from: &Verdict, to: &Verdict, blocks: &'static str, finds: &'static str| {
        let known: BTreeMap<&str, ()> =
            from.findings.iter().map(|finding| (finding.rule.as_str(), ())).collect();
        let is_new_block = to.is_blocked() && !from.is_blocked();
        for finding in &to.findings {
            let is_blocking = is_new_block && finding.action == safety::Action::Block;
            if is_blocking || !known.contains_key(finding.rule.as_str()) {
                let change = if is_blocking { blocks } else { finds };
                found.insert((finding.rule.clone(), finding.category.code(), change));
            }
        }
    };
    compare(active, candidate, "blocks", "finds");
    compare(candidate, active, "lifts", "drops");
    found
}

#[derive(Serialize)]
struct ShadowPayload {
    shadow_id: LexiconShadowId,
    by: OperatorId,
    state: &'static str,
}

impl Operations {
    /// A probe for the next text, where a run goes on and draws it.
    #[must_use]
    pub fn lexicon_probe(&self, direction: Direction, active: &Arc<Engine>) -> Option<Box<LexiconProbe>> {
        let running = self.inner.shadow.running.load();
        let running = running.as_ref().filter(|running| running.draws())?;
        Some(Box::new(LexiconProbe {
            running: Arc::clone(running),
            text: String::new(),
            direction,
            active: Arc::clone(active),
        }))
    }

    /// Begins to try a candidate out on `permille` of a thousand texts.
    ///
    /// # Errors
    /// Without the permission, where another run goes on, and for a candidate that there is not.
    pub async fn lexicon_shadow_start(
        &self,
        actor: &Actor,
        candidate: LexiconCandidate,
        permille: u64,
    ) -> Result<LexiconShadowId, OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        if !(1..=1_000).contains(&permille) {
            return Err(OperationError::invalid(
                "permille",
                "lexicon-error-permille",
                "1 to 1,000 of a thousand texts",
            ));
        }
        // Built once to see that it can be; then as on every other process.
        self.lexicon_candidate_engine(candidate).await?;
        let now = self.now();
        let shadow_id = LexiconShadowId::generate(now, self.entropy());
        let (proposal_id, version) = match candidate {
            LexiconCandidate::Proposal(id) => (Some(id), None),
            LexiconCandidate::Version(number) => (None, Some(number)),
        };
        let row = LexiconShadowRow {
            shadow_id,
            proposal_id,
            version,
            permille,
            started_by: by,
            started_at: now,
            stopped_by: None,
            stopped_at: None,
            running: Some(1),
            texts: 0,
            skipped: 0,
        };
        let draft = Draft::new(EventKind::ConfigChanged, actor.role(), now).about(shadow_id);
        let entry = self.entry(draft, &ShadowPayload { shadow_id, by, state: "started" })?;
        let mut tx = self.tx().await?;
        tx.lexicon_shadow_insert(&row).await.map_err(|error| {
            if error.is_unique_violation() {
                return OperationError::conflict(
                    "lexicon-error-shadow-running",
                    "another list is being tried out: stop that first",
                );
            }
            error.into()
        })?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.lexicon_shadow_follow().await?;
        Ok(shadow_id)
    }

    /// Ends the run that goes on.
    ///
    /// # Errors
    /// Without the permission, or where none goes on.
    pub async fn lexicon_shadow_stop(&self, actor: &Actor) -> Result<LexiconShadowId, OperationError> {
        let by = Self::authorise(actor, Permission::ProposeLexicon)?;
        let none = OperationError::NotFound { what: "run that goes on" };
        let shadow_id = self.inner.store.lexicon_shadow_running().await?.ok_or(none)?.shadow_id;
        let now = self.now();
        let draft = Draft::new(EventKind::ConfigChanged, actor.role(), now).about(shadow_id);
        let entry = self.entry(draft, &ShadowPayload { shadow_id, by, state: "stopped" })?;
        let mut tx = self.tx().await?;
        tx.lexicon_shadow_stop(shadow_id, Some(by), now).await.map_err(OperationError::raced)?;
        tx.entry_append(&entry).await?;
        tx.commit().await?;
        self.lexicon_shadow_follow().await?;
        Ok(shadow_id)
    }

    /// The newest runs with their numbers, up to the last seconds.
    ///
    /// # Errors
    /// Without the permission.
    pub async fn lexicon_shadows(&self, actor: &Actor) -> Result<Vec<LexiconShadowView>, OperationError> {
        Self::authorise_any(actor, Permission::ViewLexicon)?;
        let names = self.operator_names().await?;
        let mut views = Vec::new();
        for row in self.inner.store.lexicon_shadow_list(RUNS_MAX).await? {
            let counts = self.inner.store.lexicon_shadow_counts(row.shadow_id, COUNTS_MAX).await?;
            views.push(LexiconShadowView {
                shadow_id: row.shadow_id,
                candidate: candidate_of(&row),
                permille: row.permille,
                started_by: names.of(row.started_by),
                started_at: row.started_at,
                stopped_by: row.stopped_by.map(|id| names.of(id)),
                stopped_at: row.stopped_at,
                is_running: row.running.is_some(),
                texts: row.texts,
                skipped: row.skipped,
                counts: counts
                    .into_iter()
                    .map(|count| LexiconShadowCount {
                        rule: count.rule,
                        category: count.category,
                        direction: count.direction,
                        change: count.change,
                        texts: count.texts,
                    })
                    .collect(),
            });
        }
        Ok(views)
    }

    /// Takes up or ends the run here as the database has it, and writes the numbers since the last time. Background work of every
    /// process.
    ///
    /// # Errors
    /// Where the database does not answer; numbers not written are kept.
    pub async fn lexicon_shadow_follow(&self) -> Result<(), OperationError> {
        let shadow = &self.inner.shadow;
        let _following = shadow.following.lock().await;
        if let Some(running) = shadow.running.load_full() {
            self.lexicon_shadow_write(&running).await?;
        }
        let mut row = self.inner.store.lexicon_shadow_running().await?;
        if let Some(LexiconShadowRow { shadow_id, proposal_id: Some(proposal_id), .. }) = row
            && self.lexicon_proposal_row(proposal_id).await?.state != "proposed"
        {
            // Decided: there is nothing to try out any more. Another process may end it at the same time.
            let mut tx = self.tx().await?;
            match tx.lexicon_shadow_stop(shadow_id, None, self.now()).await {
                Ok(()) => tx.commit().await?,
                Err(store::StoreError::AffectedRows { .. }) => tx.rollback().await?,
                Err(error) => return Err(error.into()),
            }
            row = None;
        }
        let is_here = shadow.running.load().as_ref().map(|running| running.shadow_id);
        let Some(row) = row else {
            shadow.running.store(None);
            return Ok(());
        };
        if is_here == Some(row.shadow_id) {
            return Ok(());
        }
        let engine = self.lexicon_candidate_engine(candidate_of(&row)).await?;
        let (queue, samples) = tokio::sync::mpsc::channel(QUEUE_MAX);
        let numbers = Arc::new(Numbers::default());
        // Ends with the queue, which ends with the run.
        std::thread::Builder::new()
            .name("lexicon-shadow".to_owned())
            .spawn({
                let numbers = Arc::clone(&numbers);
                move || check_twice(&engine, samples, &numbers)
            })
            .map_err(|error| OperationError::internal("starting the second check")(Box::new(error)))?;
        shadow.running.store(Some(Arc::new(Running {
            shadow_id: row.shadow_id,
            permille: row.permille,
            seen: AtomicU64::new(0),
            queue,
            numbers,
        })));
        Ok(())
    }

    async fn lexicon_shadow_write(&self, running: &Running) -> Result<(), OperationError> {
        let numbers = &running.numbers;
        let texts = numbers.texts.swap(0, Ordering::Relaxed);
        let skipped = numbers.skipped.swap(0, Ordering::Relaxed);
        let counts = std::mem::take(&mut *numbers.counts.lock().unwrap_or_else(PoisonError::into_inner));
        if texts == 0 && skipped == 0 && counts.is_empty() {
            return Ok(());
        }
        let rows: Vec<LexiconShadowCountRow> = counts
            .iter()
            .map(|(count, texts)| LexiconShadowCountRow {
                shadow_id: running.shadow_id,
                rule: count.rule.clone(),
                category: count.category.clone(),
                direction: count.direction.as_str().to_owned(),
                change: count.change.to_owned(),
                texts: *texts,
            })
            .collect();
        let written = async {
            let mut tx = self.tx().await?;
            tx.lexicon_shadow_add(running.shadow_id, texts, skipped, &rows).await?;
            Ok::<(), OperationError>(tx.commit().await?)
        };
        if let Err(error) = written.await {
            numbers.texts.fetch_add(texts, Ordering::Relaxed);
            numbers.skipped.fetch_add(skipped, Ordering::Relaxed);
            let mut kept = numbers.counts.lock().unwrap_or_else(PoisonError::into_inner);
            for (count, texts) in counts {
                *kept.entry(count).or_default() += texts;
            }
            return Err(error);
        }
        Ok(())
    }

    async fn lexicon_candidate_engine(&self, candidate: LexiconCandidate) -> Result<Engine, OperationError> {
        let newest = self.lexicon_newest().await?;
        let entries = match candidate {
            LexiconCandidate::Proposal(id) => {
                let proposal = self.lexicon_proposal_row(id).await?;
                if proposal.state != "proposed" {
                    return Err(OperationError::conflict("lexicon-error-decided", "it was decided already"));
                }
                let changes = self.lexicon_changes_of(&proposal).await?;
                self.lexicon_gather(&proposal, newest, changes, true).await?.entries.unwrap_or_default()
            }
            LexiconCandidate::Version(number) if number <= newest => {
                content::entries_of_version(&self.inner.store, number).await?
            }
            LexiconCandidate::Version(_) => {
                return Err(OperationError::NotFound { what: "lexicon version" });
            }
        };
        self.lexicon_engine(entries, live::day_of(self.now())).await
    }
}

fn candidate_of(row: &LexiconShadowRow) -> LexiconCandidate {
    match row.proposal_id {
        Some(id) => LexiconCandidate::Proposal(id),
        None => LexiconCandidate::Version(row.version.unwrap_or_default()),
    }
}

/// Checks texts by both engines until the run ends.
fn check_twice(candidate: &Engine, mut samples: tokio::sync::mpsc::Receiver<Sample>, numbers: &Numbers) {
    while let Some(sample) = samples.blocking_recv() {
        let active = sample.active.check(&sample.text, sample.direction);
        let other = candidate.check(&sample.text, sample.direction);
        numbers.note(differences(&active.verdict, &other.verdict), sample.direction);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_of_a_thousand_texts_are_drawn_as_were_asked_for() {
        for permille in [1, 10, 333, 999, 1_000] {
            let (queue, _samples) = tokio::sync::mpsc::channel(1);
            let running = Running {
                shadow_id: LexiconShadowId::from_u128(1),
                permille,
                seen: AtomicU64::new(0),
                queue,
                numbers: Arc::default(),
            };
            let drawn = (0..3_000).filter(|_| running.draws()).count();
            assert_eq!(drawn as u64, 3 * permille);
        }
    }
}
