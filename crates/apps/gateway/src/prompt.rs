//! The prompt: read, checked, and made ready for the upstream.

use std::{borrow::Cow, ops::Range, sync::Arc};

use operations::{Admitted, BlockRecord, DecisionNotice, Evidence, FindingNote, Notice, Operations, Refusal};
use safety::{Audience, Capability, CheckedParts, Engine, Finding, FollowUps, Situation};
use terms::Direction;
use wire::chat::{ChatRequest, EndUser, InputKind, InputText, Role, UpstreamEdits};

use crate::{
    Placeholders,
    errors::RouteError,
    guard::Restored,
    guard_model::{Judgement, asking, followed as followed_by},
    placeholders::Table,
    state::Inner,
};

/// A checked prompt.
pub(crate) struct Prompt {
    /// The body for the upstream.
    pub(crate) body: Vec<u8>,
    /// The last thing the person said, for the evidence of a decision about the answer.
    pub(crate) last: String,
    /// Texts of the pack that the answer carries for the person.
    pub(crate) notices: Vec<Notice>,
    /// What the answer says in place of placeholders.
    pub(crate) restored: Option<Arc<Restored>>,
}

/// From this size on a text is checked on the threads for blocking work: a thread that serves requests is held for some
/// milliseconds at most.
pub(crate) const LARGE_TEXT_BYTES: usize = 128 * 1024;

/// Most of a prompt that evidence keeps, in bytes.
pub(crate) const EVIDENCE_BYTES_MAX: usize = 64 * 1024;

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
    inner: &Inner,
    admitted: &Admitted,
    session: Option<&str>,
    request: &ChatRequest<'_>,
    model: &str,
) -> Result<Prompt, RouteError> {
    let operations = &inner.operations;
    let mut reading = Reading::new(inner, admitted, session);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let said = request.texts.iter().rev();
    let mut said = said.filter(|input| input.role == Role::User && input.kind == InputKind::Content);
    let last = said.next().map_or("", |input| input.text.as_ref());
    if inner.placeholders != Placeholders::Off {
        reading.all = request.texts.iter().map(|input| input.text.as_ref()).collect();
    }
    for parts in parts_of(request) {
        let situation = situation_of(&parts, admitted.audience);
        let plain: Vec<Cow<'_, str>> = parts.iter().map(|input| without_label(operations, input)).collect();
        let is_json = parts.iter().any(|input| input.kind == InputKind::ToolArguments);
        let read = reading.read(plain, situation, is_json).await?;
        for (input, text) in parts.iter().zip(read) {
            if text != input.text {
                edits.push((input.literal.clone(), text.into_owned()));
            }
        }
    }
    let Reading { followed, notices, table, .. } = reading;
    refer(operations, admitted, &followed, last).await?;
    edits.sort_by_key(|(range, _)| range.start);
    let upstream = inner.upstream.name();
    let pseudonym = admitted.end_user.as_deref().map(|name| operations.pseudonym(upstream, name));
    let body = request
        .to_upstream(&UpstreamEdits {
            model: (request.model.as_ref().is_none_or(|asked| asked.value != model)).then_some(model),
            end_user: pseudonym.as_deref().map_or(EndUser::Remove, EndUser::Pseudonym),
            texts: &edits,
            must_include_usage: false,
        })
        .map_err(|error| RouteError::UpstreamUnreadable(error.to_string()))?;
    let restored =
        table.filter(|_| inner.placeholders == Placeholders::Restored).and_then(Table::into_restored);
    Ok(Prompt { body, last: cut(last, EVIDENCE_BYTES_MAX), notices, restored })
}

/// Reads the texts of one request, one after the other.
pub(crate) struct Reading<'r> {
    inner: &'r Inner,
    admitted: &'r Admitted,
    session: Option<&'r str>,
    engine: Arc<Engine>,
    /// All texts of the request, where values have placeholders: what stands in one is not made anew.
    all: Vec<&'r str>,
    table: Option<Table>,
    /// Hits from which something follows.
    pub(crate) followed: Vec<Finding>,
    /// Texts of the pack for the person.
    pub(crate) notices: Vec<Notice>,
}

impl<'r> Reading<'r> {
    pub(crate) fn new(inner: &'r Inner, admitted: &'r Admitted, session: Option<&'r str>) -> Self {
        Self {
            inner,
            admitted,
            session,
            engine: inner.operations.safety(),
            all: Vec::new(),
            table: None,
            followed: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Checks one text in its parts and gives them as they may go on, masked where that is asked for.
    ///
    /// # Errors
    /// A refusal with its decision for a text that is blocked.
    pub(crate) async fn read<'t>(
        &mut self,
        mut plain: Vec<Cow<'t, str>>,
        situation: Situation,
        is_json: bool,
    ) -> Result<Vec<Cow<'t, str>>, RouteError> {
        let Self { inner, admitted, .. } = *self;
        let (operations, engine) = (&inner.operations, &self.engine);
        let direction = situation.direction;
        let mut checked = check_parts(engine, &plain, situation).await?;
        operations.lexicon_count(direction, &checked.verdict);
        if let Some(mut probe) = operations.lexicon_probe(direction, engine) {
            plain.iter().for_each(|text| probe.push(text));
        }
        if !self.all.is_empty() && !checked.verdict.is_blocked() {
            let table = self.table.get_or_insert_with(|| Table::new(self.all.iter().copied()));
            if let Some(texts) = table.replace(&plain, &checked.verdict.findings, is_json) {
                // What has no placeholder is masked as ever: nothing leaves for having been looked at once.
                plain = texts.into_iter().map(Cow::Owned).collect();
                checked = check_parts(engine, &plain, situation).await?;
            }
        }
        let mut masked = checked.texts;
        let verdict = checked.verdict;
        let mut refused = verdict.is_blocked().then(|| verdict.blocking().next().cloned()).flatten();
        let mut judgement = Judgement::Pass;
        if verdict.then.contains(FollowUps::ASK_GUARD) && refused.is_none() {
            judgement = inner.second_stage.judge(&plain.concat(), situation, &verdict).await;
            if judgement == Judgement::Block {
                refused = asking(&verdict.findings).next().cloned();
            }
        }
        let new = followed_by(&verdict.findings, judgement);
        for notice in operations.notices(engine, &new, situation) {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        self.followed.extend(new);
        if let Some(finding) = refused {
            let text = plain.concat();
            if !operations.use_prompt_pass(admitted, &cut(&text, EVIDENCE_BYTES_MAX)).await? {
                refer(operations, admitted, &self.followed, &text).await?;
                let notices = std::mem::take(&mut self.notices);
                let refused = Refused {
                    direction,
                    finding: &finding,
                    text: &text,
                    findings: &verdict.findings,
                    notices,
                };
                return Err(refuse(inner, admitted, self.session, refused).await);
            }
            masked.clear();
        }
        let mut masked = masked.into_iter();
        Ok(plain.into_iter().map(|text| masked.next().flatten().map_or(text, Cow::Owned)).collect())
    }

    /// Asks people to look at the request, where a hit says so.
    pub(crate) async fn refer(&self, text: &str) -> Result<(), RouteError> {
        refer(&self.inner.operations, self.admitted, &self.followed, text).await
    }
}

/// Our own label comes back with the history; the model must not learn to write it (design 9.9).
fn without_label<'t>(operations: &Operations, input: &'t InputText<'_>) -> Cow<'t, str> {
    if input.role == Role::Assistant && input.kind == InputKind::Content {
        operations.visible_label().strip(&input.text)
    } else {
        Cow::Borrowed(input.text.as_ref())
    }
}

/// What a text of a prompt is for: programs read what tools are given and give.
fn situation_of(parts: &[&InputText<'_>], audience: Audience) -> Situation {
    let is_tool = |input: &&InputText<'_>| input.role == Role::Tool || input.kind == InputKind::ToolArguments;
    let capability = if parts.iter().any(is_tool) { Capability::Tool } else { Capability::Text };
    Situation { direction: Direction::Input, audience, capability }
}

/// Checks the parts of one text: a large one on the threads for blocking work, so that other requests go on.
async fn check_parts(
    engine: &Arc<Engine>,
    parts: &[Cow<'_, str>],
    situation: Situation,
) -> Result<CheckedParts, RouteError> {
    if parts.iter().map(|part| part.len()).sum::<usize>() < LARGE_TEXT_BYTES {
        return Ok(engine.check_parts(parts.iter().map(AsRef::as_ref), situation));
    }
    let engine = Arc::clone(engine);
    let parts: Vec<String> = parts.iter().map(|part| part.clone().into_owned()).collect();
    let check = move || engine.check_parts(parts.iter().map(String::as_str), situation);
    tokio::task::spawn_blocking(check).await.map_err(|_| RouteError::ShuttingDown)
}

async fn refer(
    operations: &Operations,
    admitted: &Admitted,
    followed: &[Finding],
    text: &str,
) -> Result<(), RouteError> {
    if followed.is_empty() {
        return Ok(());
    }
    let evidence =
        Evidence { prompt: cut(text, EVIDENCE_BYTES_MAX), findings: notes(followed), ..Evidence::default() };
    operations.refer(admitted, Direction::Input, None, followed, &evidence).await?;
    Ok(())
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

/// A prompt that may not go on, and why.
struct Refused<'r> {
    direction: Direction,
    finding: &'r Finding,
    text: &'r str,
    findings: &'r [Finding],
    notices: Vec<Notice>,
}

async fn refuse(
    inner: &Inner,
    admitted: &Admitted,
    session: Option<&str>,
    refused: Refused<'_>,
) -> RouteError {
    let operations = &inner.operations;
    let Refused { direction, finding, text, findings, notices } = refused;
    let category = finding.category.name().to_owned();
    inner.metrics.blocks.with_label_values(&[direction.as_str(), &category]).inc();
    let record = BlockRecord {
        direction,
        rule: finding.rule.clone(),
        category,
        produce_id: None,
        evidence: Evidence {
            prompt: cut(text, EVIDENCE_BYTES_MAX),
            findings: notes(findings),
            ..Evidence::default()
        },
    };
    match operations.record_block(admitted, record).await {
        Ok(notice) => {
            if let Some(session) = session
                && findings.iter().any(|finding| finding.then.contains(FollowUps::END_SESSION))
            {
                operations.end_session(admitted, session, &notice);
            }
            refusal(DecisionNotice { notices, ..notice }).into()
        }
        // The block stands; the decision could not be kept, and the answer says so.
        Err(error) => error.into(),
    }
}

/// What a person is told of a block before anything left.
pub(crate) fn refusal(notice: DecisionNotice) -> Refusal {
    let message = format!("{}. Reasons and appeal: {}", notice.message, notice.appeal_url);
    let message_zh = format!("{}。理由与申诉：{}", notice.message_zh, notice.appeal_url);
    Refusal::new(400, "content_filter", message, message_zh)
        // Whatever the category, the block rests on the duty to review what people put in and what is made of it.
        .by_rule("cn.ds.10.1")
        .decided(notice)
}
