//! The prompt: read, checked, and made ready for the upstream.

use std::{borrow::Cow, ops::Range};

use operations::{Admitted, BlockRecord, Evidence, FindingNote, Operations, Refusal};
use safety::{Action, Finding};
use terms::Direction;
use wire::chat::{ChatRequest, EndUser, InputKind, InputText, Role, UpstreamEdits};

use crate::{Metrics, errors::RouteError};

/// A checked prompt.
pub(crate) struct Prompt {
    /// The body for the upstream.
    pub(crate) body: Vec<u8>,
    /// The last thing the person said, for the evidence of a decision about the answer.
    pub(crate) last: String,
}

/// Most of a prompt that evidence keeps, in bytes.
const EVIDENCE_BYTES_MAX: usize = 64 * 1024;

/// Findings as the evidence keeps them.
pub(crate) fn notes(findings: &[Finding]) -> Vec<FindingNote> {
    findings
        .iter()
        .map(|finding| FindingNote {
            rule: finding.rule.to_string(),
            category: finding.category.name().to_owned(),
            start: finding.start,
            end: finding.end,
            normalised: finding.normalised.clone(),
        })
        .collect()
}

/// The beginning of `text`, at most `bytes_max` long, cut at a character.
pub(crate) fn cut(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// Checks every text of the prompt, and edits what has to be edited: our label out of earlier answers, masks, the end user's name.
///
/// # Errors
/// A refusal with its decision for a blocked prompt.
pub(crate) async fn check(
    operations: &Operations,
    metrics: &Metrics,
    admitted: &Admitted,
    request: &ChatRequest<'_>,
    upstream: &str,
    model: &str,
) -> Result<Prompt, RouteError> {
    let engine = operations.safety();
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut last = "";
    for parts in parts_of(request) {
        let mut plain: Vec<Cow<'_, str>> = Vec::with_capacity(parts.len());
        for input in &parts {
            if input.role == Role::User && input.kind == InputKind::Content {
                last = &input.text;
            }
            // Our own label comes back with the history; the model must not learn to write it (design 9.9).
            let is_answer = input.role == Role::Assistant && input.kind == InputKind::Content;
            plain.push(if is_answer {
                operations.visible_label().strip(&input.text)
            } else {
                Cow::Borrowed(input.text.as_ref())
            });
        }
        let checked = engine.check_parts(plain.iter().map(AsRef::as_ref), Direction::Input);
        operations.lexicon_count(Direction::Input, &checked.verdict);
        if let Some(mut probe) = operations.lexicon_probe(Direction::Input, &engine) {
            plain.iter().for_each(|text| probe.push(text));
        }
        let mut masked = checked.texts;
        if checked.verdict.action == Action::Block {
            let text = plain.concat();
            if !operations.use_prompt_pass(admitted, &cut(&text, EVIDENCE_BYTES_MAX)).await? {
                return Err(refuse(operations, metrics, admitted, &text, &checked.verdict).await);
            }
            masked.clear();
        }
        let mut masked = masked.into_iter();
        for (input, plain) in parts.iter().zip(plain) {
            let text = masked.next().flatten().map_or(plain, Cow::Owned);
            if text != input.text {
                edits.push((input.literal.clone(), text.into_owned()));
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let pseudonym = admitted.end_user.as_deref().map(|name| operations.pseudonym(upstream, name));
    let body = request
        .to_upstream(&UpstreamEdits {
            model: (request.model.as_ref().is_none_or(|asked| asked.value != model)).then_some(model),
            end_user: pseudonym.as_deref().map_or(EndUser::Remove, EndUser::Pseudonym),
            texts: &edits,
            must_include_usage: false,
        })
        .map_err(|error| RouteError::UpstreamUnreadable(error.to_string()))?;
    Ok(Prompt { body, last: cut(last, EVIDENCE_BYTES_MAX) })
}

/// The texts of a prompt as a model sees them: what is said in one message is one text, in whatever parts it comes.
fn parts_of<'r, 'a>(request: &'r ChatRequest<'a>) -> Vec<Vec<&'r InputText<'a>>> {
    let mut texts: Vec<Vec<&InputText<'_>>> = Vec::with_capacity(request.texts.len());
    for input in &request.texts {
        let is_said = |input: &InputText<'_>| input.kind == InputKind::Content && input.message.is_some();
        // The texts of a message stand together, so only the last ones can be of the same.
        let said = texts
            .iter_mut()
            .rev()
            .take_while(|text| text.first().is_some_and(|first| first.message == input.message))
            .find(|text| text.first().is_some_and(|first| is_said(first)));
        match said {
            Some(text) if is_said(input) => text.push(input),
            _ => texts.push(vec![input]),
        }
    }
    texts
}

async fn refuse(
    operations: &Operations,
    metrics: &Metrics,
    admitted: &Admitted,
    text: &str,
    verdict: &safety::Verdict,
) -> RouteError {
    let Some(finding) = verdict.blocking().next() else {
        return RouteError::UpstreamUnreadable("a block without a finding".to_owned());
    };
    let category = finding.category.name().to_owned();
    metrics.blocks.with_label_values(&["input", &category]).inc();
    let record = BlockRecord {
        direction: Direction::Input,
        rule: finding.rule.to_string(),
        category,
        produce_id: None,
        evidence: Evidence {
            prompt: cut(text, EVIDENCE_BYTES_MAX),
            findings: notes(&verdict.findings),
            ..Evidence::default()
        },
    };
    match operations.record_block(admitted, record).await {
        Ok(notice) => {
            let message = format!("{}. Reasons and appeal: {}", notice.message, notice.appeal_url);
            let message_zh = format!("{}。理由与申诉：{}", notice.message_zh, notice.appeal_url);
            Refusal::new(400, "content_filter", message, message_zh)
                // Whatever the category, the block rests on the duty to review what people put in.
                .by_rule("cn.ds.10.1")
                .decided(notice)
                .into()
        }
        // The block stands; the decision could not be kept, and the answer says so.
        Err(error) => error.into(),
    }
}
