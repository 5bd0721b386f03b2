//! What the routes share.

use std::{sync::Arc, time::Duration};

use axum::response::Response;
use operations::Operations;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use upstream::Upstream;

use crate::{Metrics, Placeholders, errors::RouteError, guard_model::SecondStage};

/// Written limits (design invariant 9).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub request_bytes_max: usize,
    /// Largest whole answer of the upstream, in bytes.
    pub answer_bytes_max: usize,
    /// Largest answer with pictures or sound, in bytes.
    pub media_answer_bytes_max: usize,
    /// Largest event of a stream, in bytes.
    pub event_bytes_max: usize,
    /// How long a request's body may take to arrive.
    pub request_read: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Images come as base64 in the prompt: OpenAI takes 20 MB a picture.
            request_bytes_max: 32 << 20,
            answer_bytes_max: 16 << 20,
            // Ten pictures of 4 MB are 54 MB in base64.
            media_answer_bytes_max: 64 << 20,
            event_bytes_max: 1 << 20,
            request_read: Duration::from_secs(60),
        }
    }
}

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) operations: Operations,
    pub(crate) upstream: Upstream,
    pub(crate) limits: Limits,
    pub(crate) placeholders: Placeholders,
    pub(crate) metrics: Metrics,
    pub(crate) second_stage: SecondStage,
    /// Generations under way; shutdown waits for them.
    pub(crate) tasks: TaskTracker,
    /// Ends them where waiting is over.
    pub(crate) stop: CancellationToken,
}

impl Gateway {
    /// Answers in a task of its own, so that a client that goes away is recorded and not forgotten: it cancels the token.
    pub(crate) async fn in_own_task<W>(
        &self,
        work: impl FnOnce(Self, CancellationToken) -> W,
    ) -> Result<Response, RouteError>
    where
        W: Future<Output = Result<Response, RouteError>> + Send + 'static,
    {
        let gone = CancellationToken::new();
        let guard = gone.clone().drop_guard();
        // Boxed: a task is moved several times on its way into the runtime and out of it.
        let task = self.inner.tasks.spawn(Box::pin(work(self.clone(), gone)));
        let answer = task.await.map_err(|_| RouteError::ShuttingDown)?;
        drop(guard.disarm());
        answer
    }

    /// A gateway in front of `upstream`, which gets asterisks in place of what is masked in a prompt.
    #[must_use]
    pub fn new(operations: Operations, upstream: Upstream, limits: Limits, metrics: Metrics) -> Self {
        Self::with(operations, upstream, limits, metrics, SecondStage::default(), Placeholders::Off)
    }

    /// The same with a guard, or with what holds without one, and with what the upstream gets in place of what is masked.
    #[must_use]
    pub fn with(
        operations: Operations,
        upstream: Upstream,
        limits: Limits,
        metrics: Metrics,
        second_stage: SecondStage,
        placeholders: Placeholders,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                operations,
                upstream,
                limits,
                placeholders,
                metrics,
                second_stage,
                tasks: TaskTracker::new(),
                stop: CancellationToken::new(),
            }),
        }
    }

    /// Waits for the generations under way, `grace` long; then ends the rest as interrupted and waits for their entries.
    pub async fn drain(&self, grace: Duration) {
        self.inner.tasks.close();
        if tokio::time::timeout(grace, self.inner.tasks.wait()).await.is_err() {
            tracing::warn!(
                generations = self.inner.tasks.len(),
                "grace is over: ending the generations under way"
            );
            self.inner.stop.cancel();
            self.inner.tasks.wait().await;
        }
    }
}
