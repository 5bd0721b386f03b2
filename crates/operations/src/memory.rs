//! What admission needs, in memory: keys and exceptions whole, subjects in a bounded cache (design 9.12).
//!
//! INVARIANT: an exception (a suspension, a pass) takes effect here in the same call that commits it, so the very next request
//! sees it. What is not in memory is read from the store, and where that fails the request is refused.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use quick_cache::sync::Cache;
use terms::{SubjectId, Timestamp};

use crate::{
    ApplicationKey, DecisionNotice, LabelGrant, OperationError, Operations, PenaltyView, ReferralKind,
    Subject, ended_sessions::EndedSessions, tries::Tries,
};

/// Subjects kept in memory: about 300 bytes each, so some 30 MB when full.
const SUBJECTS_MAX: usize = 100_000;
/// Blocks remembered so that the same prompt counts once (design 9.10).
const RECENT_BLOCKS_MAX: usize = 10_000;
/// Referrals remembered so that the same rule hitting the same person is one.
const RECENT_REFERRALS_MAX: usize = 10_000;
/// How long the same prompt is one strike (design 9.10).
const SAME_PROMPT: Duration = Duration::from_secs(60);

/// Blocks of different prompts that may be recorded at the same time.
const BLOCK_TURNS: usize = 64;

/// Passwords hashed at the same time: each takes 19 MiB and a core for as long.
const PASSWORD_TURNS: usize = 4;

pub(crate) type Fingerprint = [u8; 32];

pub(crate) struct Memory {
    /// By the SHA-256 of the secret.
    pub(crate) keys: ArcSwap<HashMap<[u8; 32], Arc<ApplicationKey>>>,
    /// By subject index.
    pub(crate) subjects: Cache<[u8; 32], Arc<Subject>>,
    /// By id, for people who come with a session.
    pub(crate) people: Cache<SubjectId, Arc<Subject>>,
    pub(crate) agreement_hash: std::sync::OnceLock<[u8; 32]>,
    /// Grants of delivery without a visible label, in force when they were read.
    pub(crate) grants: ArcSwap<Vec<Arc<LabelGrant>>>,
    pub(crate) suspended: ArcSwap<HashMap<SubjectId, PenaltyView>>,
    passes: Mutex<HashSet<(SubjectId, Fingerprint)>>,
    recent_blocks: Mutex<HashMap<(SubjectId, Fingerprint), (Timestamp, DecisionNotice)>>,
    recent_referrals: Mutex<HashMap<(SubjectId, ReferralKind, String), Timestamp>>,
    pub(crate) ended_sessions: EndedSessions,
    pub(crate) sign_in_tries: Tries,
    /// Held while a password is hashed.
    pub(crate) password_turns: Arc<tokio::sync::Semaphore>,
    /// Held from reading the store to writing memory, so that what was read later is what stays.
    pub(crate) reloading: tokio::sync::Mutex<()>,
    /// Held while an appeal is filed, so that of two at the same time the second sees the first.
    pub(crate) filing: tokio::sync::Mutex<()>,
    /// Held while a prompt's block is recorded, by its fingerprint's first byte.
    blocking: Vec<tokio::sync::Mutex<()>>,
    /// Counts changes of people; what was read before the last one is not remembered.
    people_changes: Mutex<u64>,
    pub(crate) decoy_hash: tokio::sync::OnceCell<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            keys: ArcSwap::default(),
            subjects: Cache::new(SUBJECTS_MAX),
            people: Cache::new(SUBJECTS_MAX),
            agreement_hash: std::sync::OnceLock::new(),
            grants: ArcSwap::default(),
            suspended: ArcSwap::default(),
            passes: Mutex::default(),
            recent_blocks: Mutex::default(),
            recent_referrals: Mutex::default(),
            ended_sessions: EndedSessions::default(),
            sign_in_tries: Tries::default(),
            password_turns: Arc::new(tokio::sync::Semaphore::new(PASSWORD_TURNS)),
            reloading: tokio::sync::Mutex::default(),
            filing: tokio::sync::Mutex::default(),
            blocking: (0..BLOCK_TURNS).map(|_| tokio::sync::Mutex::default()).collect(),
            people_changes: Mutex::default(),
            decoy_hash: tokio::sync::OnceCell::new(),
        }
    }

    /// How often people have changed so far: to be asked before a person is read from the store.
    pub(crate) fn people_changes(&self) -> u64 {
        *lock(&self.people_changes)
    }

    /// Remembers a person as read when there had been `changes`; not where there were more since.
    pub(crate) fn subject_remember(&self, subject: &Arc<Subject>, changes: u64) {
        let current = lock(&self.people_changes);
        if *current == changes {
            self.subject_put(subject);
        }
    }

    /// Remembers a person as changed just now.
    pub(crate) fn subject_changed(&self, subject: &Arc<Subject>) {
        let mut changes = lock(&self.people_changes);
        *changes = changes.wrapping_add(1);
        self.subject_put(subject);
    }

    /// Waits until nobody else records a block of that prompt.
    pub(crate) async fn block_turn(
        &self,
        fingerprint: Fingerprint,
    ) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let turn = usize::from(fingerprint.first().copied().unwrap_or_default()) % BLOCK_TURNS;
        Some(self.blocking.get(turn)?.lock().await)
    }

    fn subject_put(&self, subject: &Arc<Subject>) {
        self.subjects.insert(subject.index, Arc::clone(subject));
        self.people.insert(subject.subject_id, Arc::clone(subject));
    }

    pub(crate) fn suspension(&self, subject: SubjectId, now: Timestamp) -> Option<PenaltyView> {
        self.suspended.load().get(&subject).filter(|penalty| penalty.is_in_force(now)).cloned()
    }

    pub(crate) fn pass_grant(&self, subject: SubjectId, fingerprint: Fingerprint) {
        lock(&self.passes).insert((subject, fingerprint));
        lock(&self.recent_blocks).remove(&(subject, fingerprint));
    }

    /// Takes the pass, so that it is used once.
    pub(crate) fn pass_take(&self, subject: SubjectId, fingerprint: Fingerprint) -> bool {
        lock(&self.passes).remove(&(subject, fingerprint))
    }

    /// The decision about the same prompt of the same person within the last minute.
    pub(crate) fn recent_block(
        &self,
        subject: SubjectId,
        fingerprint: Fingerprint,
        now: Timestamp,
    ) -> Option<DecisionNotice> {
        lock(&self.recent_blocks)
            .get(&(subject, fingerprint))
            .filter(|(at, _)| now.since(*at) < SAME_PROMPT)
            .map(|(_, notice)| notice.clone())
    }

    /// Whether a referral is due: none of that rule about that person was taken within `span`. Taking it counts.
    pub(crate) fn referral_take(
        &self,
        subject: SubjectId,
        kind: ReferralKind,
        rule: &str,
        now: Timestamp,
        span: Duration,
    ) -> bool {
        let mut recent = lock(&self.recent_referrals);
        let key = (subject, kind, rule.to_owned());
        if recent.get(&key).is_some_and(|at| now.since(*at) < span) {
            return false;
        }
        if recent.len() >= RECENT_REFERRALS_MAX {
            recent.retain(|_, at| now.since(*at) < span);
            if recent.len() >= RECENT_REFERRALS_MAX {
                recent.clear();
            }
        }
        recent.insert(key, now);
        true
    }

    /// It could not be recorded: the next one is due again.
    pub(crate) fn referral_forget(&self, subject: SubjectId, kind: ReferralKind, rule: &str) {
        lock(&self.recent_referrals).remove(&(subject, kind, rule.to_owned()));
    }

    pub(crate) fn block_remember(
        &self,
        subject: SubjectId,
        fingerprint: Fingerprint,
        now: Timestamp,
        notice: &DecisionNotice,
    ) {
        let mut recent = lock(&self.recent_blocks);
        if recent.len() >= RECENT_BLOCKS_MAX {
            recent.retain(|_, (at, _)| now.since(*at) < SAME_PROMPT);
            if recent.len() >= RECENT_BLOCKS_MAX {
                recent.clear();
            }
        }
        recent.insert((subject, fingerprint), (now, notice.clone()));
    }
}

impl Operations {
    /// Loads keys and exceptions from the store.
    pub(crate) async fn memory_load(&self) -> Result<(), OperationError> {
        self.memory_load_keys().await?;
        self.memory_load_grants().await?;
        let now = self.now();
        let penalties = self.inner.store.penalty_list_active(now).await?;
        let mut suspended: HashMap<SubjectId, PenaltyView> = HashMap::new();
        for row in &penalties {
            let penalty = PenaltyView::from_row(row);
            match suspended.get(&row.subject_id) {
                Some(other) if lasts_longer(other, &penalty) => {}
                _ => {
                    suspended.insert(row.subject_id, penalty);
                }
            }
        }
        self.inner.memory.suspended.store(Arc::new(suspended));
        for pass in self.inner.store.prompt_pass_list_unused().await? {
            self.inner.memory.pass_grant(pass.subject_id, pass.fingerprint);
        }
        Ok(())
    }

    pub(crate) async fn memory_load_keys(&self) -> Result<(), OperationError> {
        let _reloading = self.inner.memory.reloading.lock().await;
        let rows = self.inner.store.application_key_list().await?;
        let keys = rows
            .into_iter()
            .filter(|row| row.revoked_at.is_none())
            .map(|row| ApplicationKey::from_row(&row).map(|key| (row.token_hash, Arc::new(key))))
            .collect::<Result<HashMap<_, _>, _>>()?;
        self.inner.memory.keys.store(Arc::new(keys));
        Ok(())
    }

    pub(crate) async fn memory_load_penalties_of(&self, subject: SubjectId) -> Result<(), OperationError> {
        let _reloading = self.inner.memory.reloading.lock().await;
        let now = self.now();
        let rows = self.inner.store.penalty_list_for_subject(subject).await?;
        let in_force = rows
            .iter()
            .map(PenaltyView::from_row)
            .filter(|penalty| penalty.is_in_force(now))
            .reduce(|one, other| if lasts_longer(&other, &one) { other } else { one });
        self.inner.memory.suspended.rcu(|current| {
            let mut next = HashMap::clone(current);
            match &in_force {
                Some(penalty) => next.insert(subject, penalty.clone()),
                None => next.remove(&subject),
            };
            next
        });
        Ok(())
    }
}

/// Whether `one` binds longer than `other`. Of several suspensions the longest is the one to remember.
fn lasts_longer(one: &PenaltyView, other: &PenaltyView) -> bool {
    match (one.ends_at, other.ends_at) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => one > other,
    }
}
