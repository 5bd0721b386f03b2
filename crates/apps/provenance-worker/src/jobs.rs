//! Runs the library: few at once, each on a thread of its own, with a limit, and apart from a panic.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use provenance::{Refusal, RefusalCode};

use crate::refusal;

/// The limits of jobs.
#[derive(Debug, Clone, Copy)]
pub struct JobLimits {
    /// How many run at once.
    pub at_once_max: usize,
    /// How long one may wait for its turn, and how long it may then take.
    pub each_max: Duration,
}

/// The library recurses as deep as a manifest is nested. Only what is used of a stack takes memory.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// The places in which jobs run.
#[derive(Debug)]
pub(crate) struct Jobs {
    limits: JobLimits,
    places: Arc<Places>,
}

#[derive(Debug)]
struct Places {
    counts: Mutex<Counts>,
    freed: Condvar,
}

#[derive(Debug)]
struct Counts {
    free: usize,
    /// Jobs that went over their limit and run on.
    overdue: usize,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobState {
    Running,
    /// It went over its limit and runs on.
    Overdue,
    Ended,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Places>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.counts().free += 1;
        self.0.freed.notify_one();
    }
}

impl Places {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    pub(crate) fn new(limits: JobLimits) -> Self {
        let counts = Counts { free: limits.at_once_max.max(1), overdue: 0 };
        Self { limits, places: Arc::new(Places { counts: Mutex::new(counts), freed: Condvar::new() }) }
    }

    /// A place, or a refusal when none comes free in time.
    pub(crate) fn place(&self) -> Result<Place, Refusal> {
        let until = Instant::now() + self.limits.each_max;
        let mut counts = self.places.counts();
        while counts.free == 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(refusal(RefusalCode::Busy, "all places are taken"));
            }
            let waited = self.places.freed.wait_timeout(counts, left);
            counts = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        counts.free -= 1;
        Ok(Place(Arc::clone(&self.places)))
    }

    /// Whether every place is held by a job that went over its limit, so that nothing can run any more.
    pub(crate) fn is_stuck(&self) -> bool {
        self.places.counts().overdue >= self.limits.at_once_max.max(1)
    }

    /// Runs `job` in `place`. When it goes over its limit, `cancel` is called and its place stays taken until it ends.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        place: Place,
        cancel: impl FnOnce(),
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (done, wait) = mpsc::sync_channel(1);
        let state = Arc::new(Mutex::new(JobState::Running));
        let state_here = Arc::clone(&state);
        let started =
            thread::Builder::new().name("job".to_owned()).stack_size(STACK_BYTES).spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(job));
                // The one who waited may have gone.
                let _ = done.send(outcome);
                let mut state = state_here.lock().unwrap_or_else(PoisonError::into_inner);
                if *state == JobState::Overdue {
                    place.0.counts().overdue -= 1;
                }
                *state = JobState::Ended;
            });
        if let Err(error) = started {
            return Err(refusal(RefusalCode::Busy, format!("no thread for the job: {error}")));
        }
        if let Ok(outcome) = wait.recv_timeout(self.limits.each_max) {
            return outcome.unwrap_or_else(|_| Err(refusal(RefusalCode::Failed, "the library panicked")));
        }
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == JobState::Running {
            *state = JobState::Overdue;
            self.places.counts().overdue += 1;
        }
        drop(state);
        cancel();
        let limit = self.limits.each_max.as_millis();
        Err(refusal(RefusalCode::Timeout, format!("longer than {limit} ms")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(at_once_max: usize, each_max: Duration) -> Jobs {
        Jobs::new(JobLimits { at_once_max, each_max })
    }

    #[test]
    fn a_panic_ends_one_job_and_frees_its_place() {
        let jobs = jobs(1, Duration::from_secs(60));
        let place = jobs.place().unwrap();
        let outcome = jobs.run::<()>(place, || (), || panic!("as a hostile file may make it"));
        assert_eq!(outcome.unwrap_err().code, RefusalCode::Failed);
        let place = jobs.place().unwrap();
        assert_eq!(jobs.run(place, || (), || Ok(7)), Ok(7));
    }

    #[test]
    fn a_job_over_its_limit_is_cancelled_and_holds_its_place_until_it_ends() {
        let jobs = jobs(1, Duration::from_millis(20));
        let (cancel, cancelled) = mpsc::channel();
        let (go, gone) = mpsc::channel::<()>();
        let place = jobs.place().unwrap();
        let outcome = jobs.run::<()>(
            place,
            move || cancel.send(()).unwrap(),
            move || {
                gone.recv().unwrap();
                Ok(())
            },
        );
        assert_eq!(outcome.unwrap_err().code, RefusalCode::Timeout);
        cancelled.recv().unwrap();
        assert!(jobs.is_stuck());
        assert_eq!(jobs.place().unwrap_err().code, RefusalCode::Busy);
        go.send(()).unwrap();
        let place = loop {
            if let Ok(place) = jobs.place() {
                break place;
            }
        };
        assert!(!jobs.is_stuck());
        drop(place);
    }
}
