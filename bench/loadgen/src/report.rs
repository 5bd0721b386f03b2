//! The line that a run prints.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::client::Sample;
use crate::process::Usage;
use crate::settings::{Load, Settings};

/// One run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connections: Option<usize>,
    seconds: f64,
    requests: usize,
    failed: usize,
    per_second: f64,
    statuses: BTreeMap<u16, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_error: Option<String>,
    total_us: Percentiles,
    first_byte_us: Percentiles,
    gap_us: Percentiles,
    forward_us: Percentiles,
    events: u64,
    bytes: u64,
    #[serde(flatten)]
    resources: Option<Resources>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_us_per_request: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_us_per_event: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_streams: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kb_per_stream: Option<f64>,
}

/// What the server spent.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Resources {
    cpu_us: u64,
    resident_kb_before: u64,
    resident_kb_after: u64,
}

impl Resources {
    pub(crate) fn between(before: &Usage, after: &Usage) -> Self {
        Self {
            cpu_us: after.cpu_us.saturating_sub(before.cpu_us),
            resident_kb_before: before.resident_kb,
            resident_kb_after: after.resident_kb,
        }
    }
}

/// Of a list of times.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Percentiles {
    count: usize,
    p50: u32,
    p90: u32,
    p99: u32,
    p999: u32,
    max: u32,
}

impl Percentiles {
    pub(crate) fn of(mut times: Vec<u32>) -> Self {
        times.sort_unstable();
        // The smallest time that at least this share of all does not exceed.
        let at = |share: f64| {
            let rank = (times.len() as f64 * share).ceil() as usize;
            times.get(rank.saturating_sub(1)).copied().unwrap_or(0)
        };
        Self { count: times.len(), p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1.0) }
    }
}

impl Report {
    pub(crate) fn new(
        settings: &Settings,
        elapsed: Duration,
        samples: Vec<Sample>,
        resources: Option<Resources>,
    ) -> Self {
        let mut report = Self::empty(settings);
        report.seconds = elapsed.as_secs_f64();
        report.requests = samples.len();
        let (mut totals, mut first_bytes, mut gaps, mut forwards) = (vec![], vec![], vec![], vec![]);
        for sample in samples {
            *report.statuses.entry(sample.status).or_default() += 1;
            if sample.failed() {
                report.failed += 1;
                let what = || format!("status {}", sample.status);
                report.first_error.get_or_insert_with(|| sample.error.clone().unwrap_or_else(what));
                continue;
            }
            totals.push(sample.total_us);
            first_bytes.push(sample.first_byte_us);
            gaps.extend(sample.gaps_us);
            forwards.extend(sample.forward_us);
            report.events += u64::from(sample.events);
            report.bytes += sample.bytes;
        }
        let answered = totals.len();
        report.per_second = answered as f64 / report.seconds;
        report.total_us = Percentiles::of(totals);
        report.first_byte_us = Percentiles::of(first_bytes);
        report.gap_us = Percentiles::of(gaps);
        report.forward_us = Percentiles::of(forwards);
        let share =
            |count: f64| resources.filter(|_| count > 0.0).map(|resources| resources.cpu_us as f64 / count);
        report.cpu_us_per_request = share(answered as f64);
        report.cpu_us_per_event = share(report.events as f64);
        report.resources = resources;
        report
    }

    pub(crate) fn of_streams(settings: &Settings, open: usize, before: &Usage, during: &Usage) -> Self {
        let mut report = Self::empty(settings);
        report.seconds = settings.duration.as_secs_f64();
        report.resources = Some(Resources::between(before, during));
        report.open_streams = Some(open);
        let grown = during.resident_kb.saturating_sub(before.resident_kb);
        report.kb_per_stream = (open > 0).then(|| grown as f64 / open as f64);
        report
    }

    fn empty(settings: &Settings) -> Self {
        let (rate, connections) = match settings.load {
            Load::Rate(rate) => (Some(rate), None),
            Load::Connections(connections) => (None, Some(connections)),
        };
        Self {
            name: settings.name.clone(),
            rate,
            connections,
            seconds: 0.0,
            requests: 0,
            failed: 0,
            per_second: 0.0,
            statuses: BTreeMap::new(),
            first_error: None,
            total_us: Percentiles::default(),
            first_byte_us: Percentiles::default(),
            gap_us: Percentiles::default(),
            forward_us: Percentiles::default(),
            events: 0,
            bytes: 0,
            resources: None,
            cpu_us_per_request: None,
            cpu_us_per_event: None,
            open_streams: None,
            kb_per_stream: None,
        }
    }
}
