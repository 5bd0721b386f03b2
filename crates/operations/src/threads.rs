//! Long work, off the threads that answer requests.

use crate::OperationError;

/// Runs what takes long.
pub(crate) async fn off_the_threads_that_serve<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OperationError> + Send + 'static,
) -> Result<T, OperationError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| OperationError::internal("working off the threads that serve")(Box::new(error)))?
}
