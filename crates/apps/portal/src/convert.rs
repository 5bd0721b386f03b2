//! From what operations answer to what pages show.

use cases::CaseKind;
use operations::{CaseState, CaseView, DecisionState, DecisionView, Evidence, OperationError};
use terms::Locale;

use crate::{
    Key,
    pages::{
        Field,
        case_status::{Answer, CaseStatusView, State},
        console::case::{EvidenceView, FindingView},
        statement::{Ground, Statement},
    },
    text::key,
};

/// The statement of a decision.
pub(crate) fn statement(decision: DecisionView) -> Statement {
    let words = decision.statement;
    Statement {
        decision_id: decision.decision_id.to_string(),
        headline: words.headline,
        facts: words.facts,
        reason: words.reason,
        category: words.category,
        grounds: words
            .grounds
            .into_iter()
            .map(|law| Ground { title: law.title, article: law.article })
            .collect(),
        rule: decision.rule,
        automation: words.automation,
        made_at: decision.made_at,
        answer_limit: words.answer_limit,
        overturned: match decision.state {
            DecisionState::Standing => None,
            DecisionState::Overturned { at } => Some(at),
        },
        released_text: decision.released_text,
    }
}

/// A case for the one who filed it.
pub(crate) fn case(view: CaseView) -> CaseStatusView {
    CaseStatusView {
        number: view.number,
        kind: kind_name(view.kind),
        state: state(view.state),
        opened_at: view.opened_at,
        due_at: view.due_at,
        provisional: view.provisional,
        limit: view.limit_text,
        text: view.text,
        answer: view.answer.map(|answer| Answer {
            outcome: answer.outcome,
            reasons: answer.reasons,
            at: answer.at,
        }),
        statement: view.decision.map(statement),
        events: view.events.into_iter().map(|(at, event)| (at, event_name(&event))).collect(),
    }
}

/// The kind of a case in words.
pub(crate) fn kind_name(kind: CaseKind) -> Key {
    match kind {
        CaseKind::Appeal => key!("case-kind-appeal"),
        CaseKind::Complaint => key!("case-kind-complaint"),
        CaseKind::Report => key!("case-kind-report"),
    }
}

/// The state of a case.
pub(crate) fn state(state: CaseState) -> State {
    match state {
        CaseState::Open => State::Open,
        CaseState::InReview => State::InReview,
        CaseState::Decided => State::Decided,
        CaseState::Withdrawn => State::Withdrawn,
    }
}

fn event_name(event: &str) -> Key {
    match event {
        "opened" => key!("case-event-opened"),
        "taken" => key!("case-event-taken"),
        "given_back" => key!("case-event-given-back"),
        "due_settled" => key!("case-event-due-settled"),
        "due_earlier" => key!("case-event-due-earlier"),
        "decided" => key!("case-event-decided"),
        "withdrawn" => key!("case-event-withdrawn"),
        _ => key!("case-event-other"),
    }
}

/// The evidence of a decision; nothing where none was kept, as for a decision that a person wrote.
pub(crate) fn evidence(evidence: Evidence, category_name: impl Fn(&str) -> String) -> Option<EvidenceView> {
    let is_empty = evidence.prompt.is_empty()
        && evidence.answer.is_empty()
        && evidence.held.is_empty()
        && evidence.findings.is_empty();
    (!is_empty).then(|| EvidenceView {
        prompt: evidence.prompt,
        answer: evidence.answer,
        held: evidence.held,
        findings: evidence
            .findings
            .into_iter()
            .map(|finding| FindingView {
                category: category_name(&finding.category),
                rule: finding.rule,
                matched: finding.normalised,
            })
            .collect(),
    })
}

/// Text that was typed, without the space around it; nothing where only space was.
pub(crate) fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Puts a complaint about a form's value beside the field it is about; other failures go on.
pub(crate) fn beside<const N: usize>(
    error: OperationError,
    fields: [(&str, &mut Field); N],
) -> Result<(), OperationError> {
    if let OperationError::Invalid { field, message_key, .. } = &error {
        for (name, value) in fields {
            if name == *field {
                value.error = Some(Key(message_key));
                return Ok(());
            }
        }
    }
    Err(error)
}

/// The three published limits.
pub(crate) fn limits(
    operations: &operations::Operations,
    locale: Locale,
) -> Vec<crate::pages::rules::LimitView> {
    [CaseKind::Appeal, CaseKind::Complaint, CaseKind::Report]
        .into_iter()
        .map(|kind| crate::pages::rules::LimitView {
            name: kind_name(kind),
            text: operations.limit_text(kind, locale),
        })
        .collect()
}
