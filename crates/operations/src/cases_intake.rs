//! Taking in appeals, complaints and reports: without an account, with a receipt and a time limit.
//!
//! INVARIANT (design 5.10): a person who comes is never turned away for a fault of ours. A calendar that is missing makes the limit
//! provisional and raises a task; a full disk has room kept for cases.

use std::time::Duration;

use cases::{Calendar, CaseKind, Deadline, Limit, LimitUnit, ProvisionalReason, ReceiptCode, ReceiptNumber};
use ledger::EventKind;
use serde::{Deserialize, Serialize};
use store::{CaseRow as StoredCase, NewEntry, Room};
use terms::{Actor, ActorRole, CaseId, Locale, ProduceId, Timestamp};

use crate::{OperationError, Operations, Refusal, entries::Draft, room};

/// China's working days and limits are counted at UTC+8.
pub(crate) const OFFSET_HOURS: i8 = 8;
/// Longest text of a case, in bytes: some 5,000 Chinese characters.
const TEXT_BYTES_MAX: usize = 16_000;
/// Longest contact.
const CONTACT_BYTES_MAX: usize = 500;

/// What somebody files.
#[derive(Debug, Clone)]
pub struct OpenCase {
    /// Appeal, complaint or report.
    pub kind: CaseKind,
    /// The language they write in and are answered in.
    pub locale: Locale,
    /// What they say.
    pub text: String,
    /// How to reach them; nothing is needed.
    pub contact: Option<String>,
    /// For an appeal: the token of the decision's link.
    pub appeal_token: Option<String>,
    /// The generation it is about, where there is one.
    pub produce_id: Option<ProduceId>,
}

/// What they get: number and code are shown here and the code never again.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The case.
    pub case_id: CaseId,
    /// The number, for telling.
    pub number: String,
    /// The code, for looking.
    pub code: String,
    /// By when it is answered.
    pub due_at: Timestamp,
    /// The last day of the limit, as people write it.
    pub due_day: String,
    /// Whether the day may still become earlier.
    pub provisional: bool,
    /// The published limit in words.
    pub limit_text: String,
    /// The page of the case.
    pub url: String,
}

/// What a case says, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CaseText {
    pub(crate) text: String,
    pub(crate) contact: Option<String>,
}

/// A new case as it is written: all of it or nothing.
struct Filing {
    row: StoredCase,
    by: ActorRole,
    entry: NewEntry,
    /// Why its limit may still become later; each is a task.
    reasons: Vec<ProvisionalReason>,
}

#[derive(Serialize)]
struct CaseOpenedPayload<'a> {
    case_id: CaseId,
    kind: &'a str,
    decision_id: Option<terms::DecisionId>,
    produce_id: Option<ProduceId>,
    due_at: Timestamp,
}

/// The task that comes with a provisional limit.
pub(crate) const fn task_kind(reason: ProvisionalReason) -> &'static str {
    match reason {
        ProvisionalReason::YearNotLoaded(_) => "calendar_missing",
        ProvisionalReason::YearFromMemory(_) => "calendar_unverified",
    }
}

/// The parameter of the pack that holds the limit for `kind`.
pub(crate) const fn limit_parameter(kind: CaseKind) -> &'static str {
    match kind {
        CaseKind::Appeal => "case.appeal.answer_limit",
        CaseKind::Complaint => "case.complaint.answer_limit",
        CaseKind::Report => "case.report.answer_limit",
    }
}

impl Operations {
    /// The published limit for `kind`: the same datum that the clock uses.
    ///
    /// # Errors
    /// When the pack lacks the parameter, which its loading refuses.
    pub fn limit(&self, kind: CaseKind) -> Result<Limit, OperationError> {
        let limit =
            self.inner.pack.limit(limit_parameter(kind)).map_err(|error| {
                OperationError::internal("reading a time limit of the pack")(Box::new(error))
            })?;
        let (amount, unit) = match limit.unit {
            packs::Unit::WorkingDays => (limit.amount, LimitUnit::WorkingDays),
            packs::Unit::Days => (limit.amount, LimitUnit::CalendarDays),
            packs::Unit::Hours => (limit.amount, LimitUnit::Hours),
            // Shorter units are rounded up to the hour that begins.
            packs::Unit::Minutes => (limit.amount.div_ceil(60), LimitUnit::Hours),
            _ => (limit.amount.div_ceil(3600), LimitUnit::Hours),
        };
        Limit::new(amount, unit)
            .map_err(|error| OperationError::internal("reading a time limit of the pack")(Box::new(error)))
    }

    /// The published limit in words.
    #[must_use]
    pub fn limit_text(&self, kind: CaseKind, locale: Locale) -> String {
        self.inner.pack.limit(limit_parameter(kind)).map(|limit| limit.words(locale)).unwrap_or_default()
    }

    /// How long a decision can be appealed.
    pub(crate) fn appeal_window(&self) -> Duration {
        // DSA Art. 20(1): six months at least; the pack's own figure wins.
        self.inner
            .pack
            .limit("case.appeal.window")
            .ok()
            .and_then(packs::Limit::duration)
            .unwrap_or(Duration::from_secs(183 * 24 * 3600))
    }

    /// The working days that the pack's lists give.
    pub(crate) fn calendar(&self) -> Result<Calendar, OperationError> {
        let lists: Vec<cases::CalendarYear> = self
            .inner
            .pack
            .calendars()
            .iter()
            .map(|year| cases::CalendarYear {
                year: year.year,
                days_off: year
                    .days_off
                    .iter()
                    .map(|off| cases::DaySpan { from: off.from.to_string(), to: off.to.to_string() })
                    .collect(),
                workdays: year.days_worked.iter().map(ToString::to_string).collect(),
                source: year.source.name.clone(),
                verification: match year.verification {
                    packs::Verification::Primary => cases::Verification::Primary,
                    packs::Verification::Secondary => cases::Verification::Secondary,
                    packs::Verification::Memory => cases::Verification::Memory,
                },
            })
            .collect();
        Calendar::new(&lists)
            .map_err(|error| OperationError::internal("reading the working-day calendars")(Box::new(error)))
    }

    pub(crate) fn deadline(&self, kind: CaseKind, from: Timestamp) -> Result<Deadline, OperationError> {
        Ok(self.limit(kind)?.deadline(from, OFFSET_HOURS, &self.calendar()?))
    }

    /// Files a case.
    ///
    /// # Errors
    /// [`OperationError::Invalid`] for an empty or overlong text; a refusal for an appeal whose link is unknown or whose window is
    /// over; [`OperationError::Conflict`] where an appeal against the decision is open already; [`OperationError::Unavailable`] where
    /// it cannot be saved, on a full disk only once the room kept for cases is used up.
    pub async fn open_case(&self, actor: &Actor, request: OpenCase) -> Result<Receipt, OperationError> {
        let text = request.text.trim();
        if text.is_empty() || text.len() > TEXT_BYTES_MAX {
            return Err(OperationError::invalid(
                "text",
                "case-error-text",
                format!("say what it is about, in at most {TEXT_BYTES_MAX} bytes"),
            ));
        }
        let contact = request.contact.as_deref().map(str::trim).filter(|contact| !contact.is_empty());
        if contact.is_some_and(|contact| contact.len() > CONTACT_BYTES_MAX) {
            return Err(OperationError::invalid(
                "contact",
                "case-error-contact",
                format!("a contact has at most {CONTACT_BYTES_MAX} bytes"),
            ));
        }
        let now = self.now();
        let _filing = match request.kind {
            CaseKind::Appeal => Some(self.inner.memory.filing.lock().await),
            CaseKind::Complaint | CaseKind::Report => None,
        };
        let decision = match (&request.appeal_token, request.kind) {
            (Some(token), _) => {
                let row = self.decision_row_by_token(token).await?.ok_or_else(|| {
                    Refusal::new(
                        404,
                        "decision_unknown",
                        "no decision belongs to this link",
                        "该链接没有对应的决定",
                    )
                })?;
                self.appeal_checked(&row, request.kind, now).await?;
                Some(row)
            }
            (None, CaseKind::Appeal) => {
                return Err(OperationError::invalid(
                    "appeal_token",
                    "case-error-appeal-link",
                    "an appeal is filed through the link of its decision",
                ));
            }
            (None, CaseKind::Complaint | CaseKind::Report) => None,
        };
        let case_id = CaseId::generate(now, self.entropy());
        let number = ReceiptNumber::of(case_id);
        let code = ReceiptCode::generate(self.entropy());
        let deadline = self.deadline(request.kind, now)?;
        let sealed = self.inner.vault.seal(
            &format!("case:{case_id}"),
            &serde_json::to_vec(&CaseText { text: text.to_owned(), contact: contact.map(str::to_owned) })?,
        )?;
        let subject_id = decision.as_ref().map(|row| row.subject_id);
        let row = StoredCase {
            case_id,
            number: number.to_string(),
            tenant_id: self.inner.settings.tenant,
            kind: request.kind.as_str().to_owned(),
            state: "open".to_owned(),
            decision_id: decision.as_ref().map(|row| row.decision_id),
            produce_id: request.produce_id.or_else(|| decision.as_ref().and_then(|row| row.produce_id)),
            subject_id,
            opened_at: now,
            due_at: deadline.due,
            due_provisional: deadline.provisional,
            limit_id: limit_parameter(request.kind).to_owned(),
            code_hash: code.hash(),
            locale: request.locale,
            sealed: sealed.to_bytes(),
            reviewer_id: None,
            outcome: None,
            reasons_sealed: None,
            decided_at: None,
            decided_by: None,
            updated_at: now,
            version: 1,
        };
        let mut draft = Draft::new(EventKind::CaseOpened, ActorRole::Anonymous, now)
            .about(case_id)
            .decided(request.kind.as_str());
        draft.actor = actor.role();
        draft.subject = subject_id;
        let payload = CaseOpenedPayload {
            case_id,
            kind: request.kind.as_str(),
            decision_id: row.decision_id,
            produce_id: row.produce_id,
            due_at: deadline.due,
        };
        let entry = self.entry(draft, &payload)?;
        let filing = Filing { row, by: actor.role(), entry, reasons: deadline.reasons.clone() };
        self.case_save(&filing).await?;
        Ok(Receipt {
            case_id,
            number: number.to_string(),
            code: code.reveal(),
            due_at: deadline.due,
            due_day: deadline.last_day(OFFSET_HOURS),
            provisional: deadline.provisional,
            limit_text: self.limit_text(request.kind, request.locale),
            url: self.inner.settings.url(&format!("/cases/{number}")),
        })
    }

    /// Writes a new case. Where the disk is full the room kept for cases is given up for it.
    async fn case_save(&self, filing: &Filing) -> Result<(), OperationError> {
        let Err(error) = self.case_write(filing).await else { return Ok(()) };
        // A full disk lets nothing of the first try last, and the id is the same: it cannot be filed twice.
        if error.is_disk_full() && self.inner.store.reserve_release().await? {
            return self.case_write(filing).await;
        }
        Err(error)
    }

    async fn case_write(&self, filing: &Filing) -> Result<(), OperationError> {
        let row = &filing.row;
        let mut tx = self.inner.store.begin_for_case().await?;
        tx.case_insert(row).await?;
        tx.case_event_append(row.case_id, row.opened_at, filing.by, None, "opened").await?;
        tx.entry_append(&filing.entry).await?;
        for reason in &filing.reasons {
            self.task_raise(&mut tx, task_kind(*reason), &reason.year().to_string()).await?;
        }
        if self.room() != Room::Enough {
            self.task_raise(&mut tx, room::TASK, &room::day(row.opened_at)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The appeals against a decision.
    pub(crate) async fn appeals_against(
        &self,
        decision_id: terms::DecisionId,
    ) -> Result<Vec<StoredCase>, OperationError> {
        // However many complaints name the decision too, they do not hide an appeal.
        let filter = store::CaseFilter {
            decision_id: Some(decision_id),
            kind: Some(CaseKind::Appeal.as_str().to_owned()),
            ..store::CaseFilter::default()
        };
        Ok(self.inner.store.case_list(&filter, 100).await?)
    }

    /// Whether `row` can be appealed now: the window is open and no other appeal is.
    async fn appeal_checked(
        &self,
        row: &store::DecisionRow,
        kind: CaseKind,
        now: Timestamp,
    ) -> Result<(), OperationError> {
        if kind != CaseKind::Appeal {
            return Ok(());
        }
        if now >= row.made_at.plus(self.appeal_window()) {
            return Err(Refusal::new(
                410,
                "appeal_window_over",
                "the time for an appeal is over; a complaint can still be filed",
                "申诉期限已过，您仍可提出投诉",
            )
            .go_to(self.inner.settings.url("/cases/new"))
            .into());
        }
        let others = self.appeals_against(row.decision_id).await?;
        if others.iter().any(|case| case.state != "withdrawn") {
            return Err(OperationError::conflict(
                "case-error-appealed",
                "an appeal against this decision was filed already",
            ));
        }
        Ok(())
    }
}
