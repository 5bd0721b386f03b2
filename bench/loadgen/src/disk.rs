//! What the disk itself needs to make a small write durable.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::report::Percentiles;

/// The disk's own times.
#[derive(Debug, Serialize)]
pub(crate) struct Disk {
    name: &'static str,
    fdatasync_us: Percentiles,
}

/// Appends 4 KiB and calls fdatasync, again and again: `FOLDER [--seconds S]`.
pub(crate) fn measure(arguments: &[String]) -> Result<Disk> {
    let folder = arguments.first().context("say a folder on the disk to measure")?;
    let seconds = match arguments.get(1).map(String::as_str) {
        Some("--seconds") => arguments.get(2).context("`--seconds` needs a value")?.parse()?,
        _ => 5.0,
    };
    let path = Path::new(folder).join(".fdatasync-probe");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let block = [0x5A_u8; 4096];
    let end = Instant::now() + Duration::try_from_secs_f64(seconds)?;
    let mut times = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    std::fs::remove_file(&path)?;
    Ok(Disk { name: "disk", fdatasync_us: Percentiles::of(times) })
}
