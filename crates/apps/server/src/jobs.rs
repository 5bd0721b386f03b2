//! Background work: the log's rounds, what a crash left open, the watch over a full disk, provisional time limits, the
//! database's upkeep.

use std::time::{Duration, Instant};

use operations::{OperationError, Operations, Room};
use store::Store;
use tokio_util::sync::CancellationToken;

/// A round that integrated this many entries did not take all.
const FULL_ROUND: u64 = 5_000;
/// Another program on the same database may take cases in by older rules; an hour is nothing against a limit of days.
const DEADLINES_EVERY: Duration = Duration::from_secs(3_600);
/// Longest pause between rounds that fail.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Between two looks at a full disk.
const ROOM_CHECK: Duration = Duration::from_secs(1);

/// Ends the generations that an earlier run left open: at the start, or once the disk has room for it.
///
/// One process owns a database, so whatever began before this one and is open was left by a crash.
pub(crate) async fn recover(operations: &Operations, started: Instant) -> Result<(), OperationError> {
    let interrupted = operations.recover_generations(started.elapsed()).await?;
    if interrupted > 0 {
        tracing::warn!(generations = interrupted, "ended generations that an earlier run left open");
    }
    Ok(())
}

/// Watches over a full disk until `stop`: lets everything be saved again once there is room. `unrecovered` says since when
/// this process runs, if it began on a full disk and could not [`recover`].
pub(crate) async fn room_checks(
    operations: Operations,
    mut unrecovered: Option<Instant>,
    stop: CancellationToken,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROOM_CHECK) => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = operations.room_check().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the room on the disk could not be checked or kept for cases; trying again"
            );
        }
        let Some(started) = unrecovered else { continue };
        if operations.room() != Room::Enough {
            continue;
        }
        match recover(&operations, started).await {
            Ok(()) => unrecovered = None,
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "generations that an earlier run left open could not be ended; trying again"
            ),
        }
    }
}

/// Integrates and publishes until `stop`, then once more, so that what was recorded last is published too.
pub(crate) async fn log_rounds(operations: Operations, every: Duration, stop: CancellationToken) {
    let mut pause = every;
    loop {
        let is_last = tokio::select! {
            () = tokio::time::sleep(pause) => false,
            () = stop.cancelled() => true,
        };
        pause = match operations.log_round().await {
            // More may wait than one round takes.
            Ok(integrated) if integrated >= FULL_ROUND => Duration::ZERO,
            Ok(_) => every,
            Err(error) => {
                // The entries are safe in the database; proofs wait.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the log could not be published; trying again"
                );
                // What is in memory may be behind the database now: take it up anew.
                if let Err(error) = operations.log_open().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the log could not be taken up again"
                    );
                }
                (pause * 2).clamp(every, BACKOFF_MAX)
            }
        };
        if is_last {
            return;
        }
    }
}

/// Counts provisional time limits anew, every hour until `stop`. The start has done it once already.
pub(crate) async fn deadlines(operations: Operations, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(DEADLINES_EVERY) => {}
            () = stop.cancelled() => return,
        }
        match operations.settle_deadlines().await {
            Ok(0) => {}
            Ok(settled) => tracing::info!(cases = settled, "counted provisional time limits anew"),
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "provisional time limits could not be counted anew; trying again in an hour"
            ),
        }
    }
}

/// Between two looks at the library: how long a version that another process made takes to be in force here, at most, and how many
/// seconds of counts a crash loses.
const LEXICON_EVERY: Duration = Duration::from_secs(2);

/// Follows the library until `stop`: other versions, the change of the day, the run of a candidate. Writes counts, the last ones at the
/// end.
pub(crate) async fn lexicon(operations: Operations, stop: CancellationToken) {
    match operations.lexicon_sweep().await {
        Ok(0) => {}
        Ok(imports) => tracing::info!(imports, "removed imports that an earlier run left unfinished"),
        Err(error) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "imports that an earlier run left unfinished could not be removed; the next start will"
        ),
    }
    let mut has_failed = false;
    loop {
        let is_last = tokio::select! {
            () = tokio::time::sleep(LEXICON_EVERY) => false,
            () = stop.cancelled() => true,
        };
        let result = operations.lexicon_follow().await;
        if let Err(error) = &result
            && !has_failed
        {
            // Said once: what was in force stays in force, counts are kept.
            tracing::error!(
                error = error as &dyn std::error::Error,
                "the lexicons could not be followed; trying again"
            );
        }
        has_failed = result.is_err();
        if is_last {
            return;
        }
    }
}

/// How often files whose time is over are removed.
const MEDIA_EVERY: Duration = Duration::from_secs(600);

/// Removes files whose time is over, until `stop`.
pub(crate) async fn media(operations: Operations, stop: CancellationToken) {
    loop {
        match operations.media_sweep().await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "removed files whose time is over"),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "files whose time is over could not be removed; trying again"
            ),
        }
        tokio::select! {
            () = tokio::time::sleep(MEDIA_EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// How often committed pages are moved into the database file.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// Moves committed pages into the database file until `stop`, so that no commit has to.
pub(crate) async fn checkpoints(store: Store, stop: CancellationToken) {
    let mut has_failed = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(CHECKPOINT_EVERY) => {}
            () = stop.cancelled() => return,
        }
        let result = store.checkpoint().await;
        if let Err(error) = &result
            && !has_failed
        {
            // Said once: the write-ahead log keeps everything, and grows.
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "the write-ahead log could not be moved into the database"
            );
        }
        has_failed = result.is_err();
    }
}
