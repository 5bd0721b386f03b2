//! Background work: the log's rounds.

use std::time::Duration;

use operations::Operations;
use tokio_util::sync::CancellationToken;

/// Longest pause between rounds that fail.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Integrates and publishes until `stop`, then once more, so that what was recorded last is published too.
pub(crate) async fn log_rounds(operations: Operations, every: Duration, stop: CancellationToken) {
    let mut pause = every;
    loop {
        let is_last = tokio::select! {
            () = tokio::time::sleep(pause) => false,
            () = stop.cancelled() => true,
        };
        pause = match operations.log_round().await {
            Ok(_) => every,
            Err(error) => {
                // The entries are safe in the database; proofs wait.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the log could not be published; trying again"
                );
                (pause * 2).min(BACKOFF_MAX)
            }
        };
        if is_last {
            return;
        }
    }
}
