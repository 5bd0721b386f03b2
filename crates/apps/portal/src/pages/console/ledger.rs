//! `/console/ledger`: how far the public log has come, and its newest entries.

use askama::Template;
use axum::{extract::State, response::Response};
use terms::{Locale, Timestamp};

use crate::{
    Page, PortalState, Section, answer, failure::Failure, page::samples, pages::Samples, session::Operator,
};

/// The state of the log.
#[derive(Template)]
#[template(path = "console/ledger.html")]
pub struct LedgerPage {
    /// The frame.
    pub page: Page,
    /// The log's name.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// How many wait for the next checkpoint.
    pub pending: u64,
    /// The newest signed checkpoint.
    pub checkpoint: Option<String>,
    /// When it was signed.
    pub checkpoint_at: Option<Timestamp>,
    /// The public key.
    pub log_key: String,
    /// The newest entries.
    pub entries: Vec<EntryRow>,
}

/// An entry in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its id.
    pub entry_id: String,
    /// What happened.
    pub event: String,
    /// When.
    pub time: Timestamp,
    /// Its place in the log, once it has one.
    pub index: Option<u64>,
}

/// `GET /console/ledger`
pub(crate) async fn show(
    State(state): State<PortalState>,
    operator: Operator,
    page: Page,
) -> Result<Response, Failure> {
    let status = state.operations.ledger_status(&operator.actor).await?;
    let entries = status.recent.into_iter().map(|entry| EntryRow {
        entry_id: entry.entry_id.to_string(),
        event: entry.event,
        time: entry.time,
        index: entry.log_index,
    });
    answer::page(&LedgerPage {
        page: page.in_section(Section::Ledger),
        origin: status.origin,
        size: status.size,
        pending: status.pending,
        checkpoint: status.checkpoint,
        checkpoint_at: status.checkpoint_at,
        log_key: status.key,
        entries: entries.collect(),
    })
}

impl Samples for LedgerPage {
    fn samples(locale: Locale) -> Vec<(&'static str, Self)> {
        let entry = |event: &str, index| EntryRow {
            entry_id: "01KAR2YF8N2Q6ZT0M5B7WJ4C9D".to_owned(),
            event: event.to_owned(),
            time: samples::hours_later(0),
            index,
        };
        let page = |size, checkpoint: Option<&str>, entries| Self {
            page: samples::operator(locale, "/console/ledger", Section::Ledger),
            origin: "cinnabar.example/log".to_owned(),
            size,
            pending: 1,
            checkpoint: checkpoint.map(str::to_owned),
            checkpoint_at: checkpoint.map(|_| samples::hours_later(0)),
            log_key: "cinnabar.example/log+6f2a91c4+AZf3Qm0c7x1tq1YkqV8bJ2m9h4cJm5V3n2oX8w0K7RrT".to_owned(),
            entries,
        };
        let note = "cinnabar.example/log\n64\nZm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE=\n\n— cinnabar.example/log bypvxBq9Hk8Q2mYb1Zk0Yw3cQeD6cXo4d0mQnX7y5vJ8aPzLrT2sUuVwWxXyYzZ0123456789ABCD==\n";
        vec![
            (
                "console-ledger",
                page(
                    64,
                    Some(note),
                    vec![
                        entry("generation.ended", None),
                        entry("generation.begun", Some(63)),
                        entry("content.blocked", Some(62)),
                    ],
                ),
            ),
            ("console-ledger-empty", page(0, None, Vec::new())),
        ]
    }
}
