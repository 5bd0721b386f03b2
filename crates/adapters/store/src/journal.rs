//! The journal: collects the writes of many requests into one durable commit.
//!
//! One task owns the queue. It takes all that waits, writes it in one transaction with multi-row statements, commits, and
//! answers every waiter. While one commit waits for the disk the next batch gathers, so the disk's rate of flushes sets
//! the wait, not the number of entries. Where a batch fails each of its writes is tried alone, so a bad one fails alone.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    GenerationBegin, GenerationEnd, GenerationRow, NewEntry, Store, StoreError,
    at_once::Failure,
    bulk::Piece,
    engine::Engine,
    entries::append_pieces,
    generations::{begin_pieces, end_pieces, whole_pieces},
};

/// What one caller wants written, all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalWrite {
    /// Ledger entries.
    pub entries: Vec<NewEntry>,
    /// Generations that begin.
    pub begun: Vec<GenerationBegin>,
    /// Generations that end.
    pub ended: Vec<GenerationEnd>,
    /// Generations that begin and end at once.
    pub whole: Vec<GenerationRow>,
}

/// How much may wait and how much goes into one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalLimits {
    /// Writes that may wait; one more is refused with [`JournalError::Full`].
    pub queue_max: usize,
    /// Rows at which a batch is closed.
    pub batch_entries_max: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        // 2500 rows are a commit of some 25 ms of processor time: longer batches gain nothing and delay their first waiter.
        Self { queue_max: 20_000, batch_entries_max: 2_500 }
    }
}

/// Why a write was not made durable.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Too many writes wait.
    #[error("the journal is full: more requests wait for the disk than may")]
    Full,
    /// The journal is shutting down or gone.
    #[error("the journal is closed")]
    Closed,
    /// The database refused this write.
    #[error("write to the journal")]
    Failed(#[source] Arc<StoreError>),
}

/// What the journal has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JournalStatistics {
    /// Commits that succeeded.
    pub commits: u64,
    /// Writes made durable.
    pub writes: u64,
    /// Writes that failed.
    pub failures: u64,
    /// Ledger entries made durable.
    pub entries: u64,
    /// Writes in the batch that is being written now.
    pub writing: u64,
    /// How long the last commit took, inserting included.
    pub last: Duration,
    /// Half of the last commits took no longer.
    pub median: Duration,
    /// 99 of 100 of the last commits took no longer.
    pub percentile_99: Duration,
}

/// A handle to the journal. Cheap to clone; when the last one is dropped the journal writes what waits and ends.
#[derive(Debug, Clone)]
pub struct Journal {
    queue: mpsc::Sender<Waiting>,
    record: Arc<Mutex<Record>>,
}

#[derive(Debug)]
struct Waiting {
    write: JournalWrite,
    answer: oneshot::Sender<Result<(), JournalError>>,
}

/// The counters, and the times of the last commits.
#[derive(Debug, Default)]
struct Record {
    totals: JournalStatistics,
    times: VecDeque<Duration>,
}

/// Times kept for the percentiles: a few seconds of a busy journal.
const TIMES_MAX: usize = 1024;

impl Journal {
    /// Starts the journal on the current runtime. The task ends when every handle is dropped and the queue is empty.
    #[must_use]
    pub fn spawn(store: Store, limits: JournalLimits) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(limits.queue_max.max(1));
        let record = Arc::new(Mutex::new(Record::default()));
        let actor =
            Actor { store, waiting, record: Arc::clone(&record), rows_max: limits.batch_entries_max.max(1) };
        (Self { queue, record }, tokio::spawn(actor.run()))
    }

    /// Writes, and resolves once the write is durable.
    ///
    /// Dropping the future does not take the write back: it may still become durable.
    ///
    /// # Errors
    /// [`JournalError`]. Nothing was written then, unless the commit itself broke (the disk, the connection, the process):
    /// whether it lasts is then unknown, and the caller must treat it as not written.
    pub async fn append(&self, write: JournalWrite) -> Result<(), JournalError> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Waiting { write, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => JournalError::Full,
            mpsc::error::TrySendError::Closed(_) => JournalError::Closed,
        })?;
        answered.await.unwrap_or(Err(JournalError::Closed))
    }

    /// What the journal has done so far.
    #[must_use]
    pub fn statistics(&self) -> JournalStatistics {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<Duration> = record.times.iter().copied().collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let index = sorted.len().saturating_sub(1).saturating_mul(percent) / 100;
            sorted.get(index).copied().unwrap_or_default()
        };
        JournalStatistics { median: at(50), percentile_99: at(99), ..record.totals }
    }

    /// How many writes wait now.
    #[must_use]
    pub fn queue_length(&self) -> usize {
        self.queue.max_capacity().saturating_sub(self.queue.capacity())
    }
}

impl JournalWrite {
    /// How many rows it writes.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.entries.len() + self.begun.len() + self.ended.len() + self.whole.len()
    }

    fn absorb(&mut self, other: &mut Self) {
        self.entries.append(&mut other.entries);
        self.begun.append(&mut other.begun);
        self.ended.append(&mut other.ended);
        self.whole.append(&mut other.whole);
    }

    /// Gives back from the end what `absorb` took, in sizes as counted before.
    fn release(&mut self, sizes: [usize; 4]) -> Self {
        let [entries, begun, ended, whole] = sizes;
        let tail = |length: usize, count: usize| length.saturating_sub(count);
        Self {
            entries: self.entries.split_off(tail(self.entries.len(), entries)),
            begun: self.begun.split_off(tail(self.begun.len(), begun)),
            ended: self.ended.split_off(tail(self.ended.len(), ended)),
            whole: self.whole.split_off(tail(self.whole.len(), whole)),
        }
    }

    const fn sizes(&self) -> [usize; 4] {
        [self.entries.len(), self.begun.len(), self.ended.len(), self.whole.len()]
    }
}

struct Actor {
    store: Store,
    waiting: mpsc::Receiver<Waiting>,
    record: Arc<Mutex<Record>>,
    rows_max: usize,
}

/// One waiter of a batch: how much of the batch is its own, and whom to answer.
type Share = ([usize; 4], oneshot::Sender<Result<(), JournalError>>);

impl Actor {
    async fn run(mut self) {
        while let Some(first) = self.waiting.recv().await {
            let mut batch = JournalWrite::default();
            let mut shares: Vec<Share> = Vec::new();
            let mut next = Some(first);
            while let Some(mut waiting) = next {
                shares.push((waiting.write.sizes(), waiting.answer));
                batch.absorb(&mut waiting.write);
                next = if batch.rows() < self.rows_max { self.waiting.try_recv().ok() } else { None };
            }
            self.settle(batch, shares).await;
        }
    }

    /// Writes a batch and answers its waiters.
    async fn settle(&self, mut batch: JournalWrite, shares: Vec<Share>) {
        let writing = u64::try_from(shares.len()).unwrap_or(u64::MAX);
        self.note(|totals| totals.writing = writing);
        let written = self.write(&batch).await;
        let Failure { error, is_before_commit } = match written {
            Ok(()) => {
                self.note(|totals| {
                    totals.writes += writing;
                    totals.writing = 0;
                });
                for (_, answer) in shares {
                    // The caller may have gone away; the write stays.
                    let _ = answer.send(Ok(()));
                }
                return;
            }
            Err(failure) => failure,
        };
        if shares.len() == 1 || !is_before_commit || !is_worth_trying_alone(&error) {
            let error = Arc::new(error);
            self.note(|totals| {
                totals.failures += writing;
                totals.writing = 0;
            });
            for (_, answer) in shares {
                let _ = answer.send(Err(JournalError::Failed(Arc::clone(&error))));
            }
            return;
        }
        let mut alone: Vec<(JournalWrite, oneshot::Sender<_>)> = Vec::with_capacity(shares.len());
        for (sizes, answer) in shares.into_iter().rev() {
            alone.push((batch.release(sizes), answer));
        }
        for (write, answer) in alone.into_iter().rev() {
            let result = self.write(&write).await;
            self.note(|totals| {
                totals.writing = totals.writing.saturating_sub(1);
                if result.is_ok() { totals.writes += 1 } else { totals.failures += 1 }
            });
            let _ = answer.send(result.map_err(|failure| JournalError::Failed(Arc::new(failure.error))));
        }
    }

    /// One transaction, from opening to the durable commit.
    async fn write(&self, write: &JournalWrite) -> Result<(), Failure> {
        let started = Instant::now();
        self.store.write_at_once(pieces(self.store.engine(), write)).await?;
        let took = started.elapsed();
        let entries = u64::try_from(write.entries.len()).unwrap_or(0);
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.totals.commits += 1;
        record.totals.entries += entries;
        record.totals.last = took;
        if record.times.len() >= TIMES_MAX {
            record.times.pop_front();
        }
        record.times.push_back(took);
        Ok(())
    }

    fn note(&self, change: impl FnOnce(&mut JournalStatistics)) {
        change(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner).totals);
    }
}

/// A failure that lies in one write of a batch, or may: the others deserve a try of their own. A disk that is full, a
/// database that is held or gone fails them all alike.
const fn is_worth_trying_alone(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::ConstraintViolated { .. }
            | StoreError::AffectedRows { .. }
            | StoreError::NumberTooLarge(_)
    ) || matches!(error, StoreError::Database(sqlx::Error::Database(_) | sqlx::Error::Encode(_)))
}

/// The statements of a batch. Beginnings before ends: a batch may hold both of one generation.
fn pieces(engine: Engine, write: &JournalWrite) -> Vec<Piece<'_>> {
    begin_pieces(engine, &write.begun)
        .chain(whole_pieces(engine, &write.whole))
        .chain(end_pieces(engine, &write.ended))
        .chain(append_pieces(engine, &write.entries))
        .collect()
}
