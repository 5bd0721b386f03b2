//! The operating system's clock and randomness, and the log.

use std::sync::{Mutex, PoisonError};

use terms::{Clock, Entropy, Timestamp};
use tracing_subscriber::EnvFilter;
use zeroize::Zeroize as _;

use crate::config::{LogConfig, LogFormat};

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros_clamped(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no key and no id may be made: stopping is right"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

/// Bytes asked of the system at once.
const POOL_BYTES: usize = 4096;

/// The system's randomness, fetched in larger pieces: an answer takes some 200 bytes in six portions, and a system call for
/// each portion costs more than the bytes.
pub(crate) struct PooledEntropy(Mutex<Pool>);

struct Pool {
    bytes: Box<[u8; POOL_BYTES]>,
    /// Everything before this was given out, and is zero.
    used: usize,
}

impl Default for PooledEntropy {
    fn default() -> Self {
        Self(Mutex::new(Pool { bytes: Box::new([0; POOL_BYTES]), used: POOL_BYTES }))
    }
}

impl Entropy for PooledEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.len() > POOL_BYTES - pool.used {
            OsEntropy.fill(&mut *pool.bytes);
            pool.used = 0;
        }
        let from = pool.used;
        let Some(portion) = pool.bytes.get_mut(from..from.saturating_add(buffer.len())) else {
            // More than a whole pool.
            OsEntropy.fill(buffer);
            return;
        };
        buffer.copy_from_slice(portion);
        // Each byte is given out once, and stays nowhere.
        portion.zeroize();
        pool.used = from.saturating_add(buffer.len());
    }
}

impl std::fmt::Debug for PooledEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PooledEntropy")
    }
}

/// Starts logging to standard error, once.
///
/// # Errors
/// For a filter that cannot be read, or where logging was started before.
pub fn init_logging(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    }
    .map_err(|error| anyhow::anyhow!(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_portion_is_given_out_twice() {
        let pooled = PooledEntropy::default();
        let mut seen = std::collections::HashSet::new();
        for round in 0..2_000_usize {
            let mut portion = vec![0; 16 + round % 40];
            pooled.fill(&mut portion);
            assert!(portion.iter().any(|byte| *byte != 0));
            assert!(seen.insert(portion[..16].to_vec()));
        }
        let mut large = vec![0; 3 * POOL_BYTES];
        pooled.fill(&mut large);
        assert!(large.chunks(16).all(|portion| seen.insert(portion.to_vec())));
    }
}
