//! Figures for `/metrics`: what was asked, how it ended, our own work and the wait for durability apart.

use std::time::Duration;

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// The gateway's figures.
#[derive(Clone)]
pub struct Metrics {
    pub(crate) requests: IntCounterVec,
    pub(crate) events: IntCounter,
    pub(crate) blocks: IntCounterVec,
    pub(crate) streams_open: IntGauge,
    pub(crate) own_seconds: Histogram,
    pub(crate) durable_wait_seconds: Histogram,
    pub(crate) upstream_first_byte_seconds: Histogram,
}

impl Metrics {
    /// Makes the figures and registers them.
    ///
    /// # Errors
    /// Where a name is taken in `registry`.
    pub fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let fine = vec![
            0.000_025, 0.000_05, 0.000_1, 0.000_2, 0.000_3, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05,
            0.1, 0.5, 1.0, 5.0,
        ];
        // A wait that did not happen is not a short one.
        let with_none: Vec<f64> = std::iter::once(0.0).chain(fine.iter().copied()).collect();
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))
        };
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new(
                    "cinnabar_requests_total",
                    "Requests on the model-facing surface, by route and outcome.",
                ),
                &["route", "outcome"],
            )?,
            events: IntCounter::new("cinnabar_stream_events_total", "Events guarded in streams.")?,
            blocks: IntCounterVec::new(
                Opts::new("cinnabar_blocks_total", "Blocks, by direction and category."),
                &["direction", "category"],
            )?,
            streams_open: IntGauge::new("cinnabar_streams_open", "Streams under way.")?,
            own_seconds: histogram(
                "cinnabar_own_work_seconds",
                "Our own work from the request's body to the first byte: parsing, admission, checks.",
                &fine,
            )?,
            durable_wait_seconds: histogram(
                "cinnabar_durable_wait_seconds",
                "How long the first of an answer, already here, had to wait for the ledger; 0 where the ledger was first.",
                &with_none,
            )?,
            upstream_first_byte_seconds: histogram(
                "cinnabar_upstream_first_byte_seconds",
                "From sending to the upstream until its status line.",
                &fine,
            )?,
        };
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.events.clone()))?;
        registry.register(Box::new(metrics.blocks.clone()))?;
        registry.register(Box::new(metrics.streams_open.clone()))?;
        registry.register(Box::new(metrics.own_seconds.clone()))?;
        registry.register(Box::new(metrics.durable_wait_seconds.clone()))?;
        registry.register(Box::new(metrics.upstream_first_byte_seconds.clone()))?;
        Ok(metrics)
    }

    pub(crate) fn first_byte(&self, own: Duration, wait: Duration, upstream: Duration) {
        self.own_seconds.observe(own.as_secs_f64());
        self.durable_wait_seconds.observe(wait.as_secs_f64());
        self.upstream_first_byte_seconds.observe(upstream.as_secs_f64());
    }
}
