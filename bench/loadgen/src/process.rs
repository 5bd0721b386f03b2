//! What the kernel says about the server's process.

use anyhow::{Context as _, Result};

/// Processor time and memory at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu_us: u64,
    pub(crate) resident_kb: u64,
}

/// Linux counts processor time in hundredths of a second, on every architecture that we run on.
const TICK_US: u64 = 10_000;

impl Usage {
    /// Reads `/proc/PID/stat` and `/proc/PID/status`, for the process with all its threads.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let stat =
            std::fs::read_to_string(format!("/proc/{pid}/stat")).with_context(|| format!("process {pid}"))?;
        // The name of the process may hold spaces; what follows its bracket does not.
        let (_, fields) = stat.rsplit_once(") ").context("an unknown form of /proc/PID/stat")?;
        let ticks: u64 =
            fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let resident_kb = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .context("no VmRSS in /proc/PID/status")?;
        Ok(Self { cpu_us: ticks * TICK_US, resident_kb })
    }
}
