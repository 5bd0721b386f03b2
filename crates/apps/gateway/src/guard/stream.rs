//! [`StreamGuard`]: guards and labels a stream, frame by frame.

use std::{borrow::Cow, collections::HashSet, ops::Range, sync::Arc};

use bytes::Bytes;
use label::text::Placement;
use operations::{CONTENTS_MAX, Content, FindingNote, LabelOutcome, Notice, Operations};
use safety::{Finding, FollowUps};
use terms::{Direction, Locale, ProduceId};
use wire::{
    ChannelPath, ChannelRoot, Frame, FrameKind, Head, Replacement, Scan, Slot, Usage,
    insert_before_closing_brace, render, scan, sse_frame, synth_delta,
};

use super::{
    channel::{Channel, is_answer},
    choice::Choice,
    error::error_texts,
    flow::{Flow, Released},
    logprobs,
    names::Names,
    restore::Restored,
    rules::Rules,
};

use crate::extension;

/// Most texts of one answer: choices, fields and tool calls together. An entry holds the hashes of no more, and what it does not
/// hold may not leave.
pub(super) const CHANNELS_MAX: usize = CONTENTS_MAX;
/// Most choices of one answer: as many as can be asked for.
pub(super) const CHOICES_MAX: usize = wire::chat::CHOICES_MAX as usize;
/// Most that is kept back until the end is recorded, in bytes: a chunk per choice that ends it, and one with token counts.
const TAIL_BYTES_MAX: usize = 4 << 20;

/// What a stream is guarded with.
pub struct StreamSetup {
    /// The rules, and for whom the answer is.
    pub rules: Rules,
    /// The number on the label.
    pub produce_id: ProduceId,
    /// Where the visible label goes.
    pub placement: Placement,
    /// The tools the request declared: their names pass.
    pub tools: Vec<String>,
    /// How many choices were asked for.
    pub choices: u32,
    /// What is said in place of the placeholders of the prompt.
    pub restored: Option<Arc<Restored>>,
    /// Members for the first and the last chunk: `"aigc":{…},"cinnabar":{…}`; may be empty.
    pub members: String,
    /// Texts for the person that the prompt asked for; they stand before the label and in the members.
    pub notices: Vec<Notice>,
    /// The language of the notices that stand in the text.
    pub locale: Locale,
    /// What chunks of ours say where the upstream said nothing.
    pub head: Head,
}

/// A rule blocked a choice. The caller records the decision and gives the members for its last chunk to
/// [`StreamGuard::close_blocked`].
#[derive(Debug, Clone)]
pub struct Blocked {
    /// The choice.
    pub choice: u32,
    /// The rule that decided.
    pub rule: String,
    /// Its category.
    pub category: String,
    /// What was found.
    pub findings: Vec<FindingNote>,
    /// What had been delivered of the channel; empty where nothing was.
    pub held: String,
    /// Whether the session ends with it.
    pub ends_session: bool,
}

/// Why a stream cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// An event is not JSON, can be read in more than one way, goes back to an earlier part of an answer, or says in a name what no
    /// text may.
    #[error("an event of the stream cannot be read: {0}")]
    Unreadable(String),
    /// More texts than can be recorded.
    #[error("the answer has more than {CHANNELS_MAX} texts")]
    TooManyChannels,
    /// More choices than can be asked for.
    #[error("the answer has more than {CHOICES_MAX} choices")]
    TooManyChoices,
    /// Chunk after chunk behind the end.
    #[error("the stream sends more than {TAIL_BYTES_MAX} bytes after its end")]
    TailTooLong,
}

/// How the stream ended, for the ledger.
pub struct Tail {
    /// The frames that were kept back until the end is recorded.
    pub frames: Vec<Bytes>,
    /// What was delivered.
    pub contents: Vec<Content>,
    /// What became of the visible label.
    pub label: LabelOutcome,
    /// Token counts.
    pub usage: Option<Usage>,
    /// Rules that fired without blocking.
    pub findings: Vec<String>,
    /// The hits after which something follows.
    pub followed: Vec<Finding>,
}

/// Guards one stream.
pub struct StreamGuard {
    pub(super) setup: StreamSetup,
    pub(super) operations: Operations,
    pub(super) channels: Vec<Channel>,
    pub(super) flows: Vec<Flow>,
    pub(super) choices: Vec<Choice>,
    has_head: bool,
    has_sent_members: bool,
    tail: Vec<Bytes>,
    tail_bytes: usize,
    usage: Option<Usage>,
    names: Names,
    is_done: bool,
    has_failed: bool,
    /// The upstream says no more: what is still said has the members of a last chunk.
    pub(super) is_closing: bool,
}

/// New texts for string literals of a frame.
pub(super) type Texts = Vec<(Range<usize>, String)>;

impl StreamGuard {
    /// A guard that has seen nothing.
    #[must_use]
    pub fn new(operations: &Operations, setup: StreamSetup) -> Self {
        Self {
            operations: operations.clone(),
            setup,
            // Most answers have one of each; room for four would cost kilobytes for each open stream.
            channels: Vec::with_capacity(1),
            flows: Vec::with_capacity(1),
            choices: Vec::with_capacity(1),
            has_head: false,
            has_sent_members: false,
            tail: Vec::new(),
            tail_bytes: 0,
            usage: None,
            names: Names::default(),
            is_done: false,
            has_failed: false,
            is_closing: false,
        }
    }

    /// Whether the upstream has nothing more to say that matters: `[DONE]` or an error came, or every choice is blocked.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_done || self.has_failed || self.is_all_blocked()
    }

    /// Whether the upstream ended the stream by an error of its own, which is passed on.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Whether every choice that was asked for is blocked.
    #[must_use]
    pub fn is_all_blocked(&self) -> bool {
        let asked = usize::try_from(self.setup.choices).unwrap_or(usize::MAX);
        self.choices.len() >= asked && self.choices.iter().all(|choice| choice.is_blocked)
    }

    /// Whether each choice came to its own end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(Choice::is_closed)
    }

    /// Takes one frame. What may leave now is appended to `out`.
    ///
    /// # Errors
    /// [`GuardError`]: the stream cannot be guarded and has to end here.
    pub fn push(&mut self, frame: &Frame, out: &mut Vec<Bytes>) -> Result<Vec<Blocked>, GuardError> {
        let data = match (frame.kind, &frame.data) {
            (FrameKind::Done, _) => {
                self.is_done = true;
                return Ok(Vec::new());
            }
            (FrameKind::Quiet, _) | (_, None) => {
                // A comment keeps the connection alive; what it says is not passed on unread.
                out.push(Bytes::from_static(b":\n\n"));
                return Ok(Vec::new());
            }
            (FrameKind::Data, Some(data)) => data,
        };
        let seen = read(data)?;
        self.names.check(&self.setup.rules, &seen)?;
        if seen.error.is_some() {
            self.pass_error(data, &seen)?;
            return Ok(Vec::new());
        }
        if !self.has_head && seen.id.is_some() {
            self.setup.head = Head::from_scan(data, &seen, &self.setup.head);
            self.has_head = true;
        }
        if let Some(usage) = &seen.usage {
            self.usage = Some(usage.clone());
        }
        for choice in &seen.choices {
            let begins = |slot: &Slot<'_>| {
                slot.choice == choice.index && is_answer(&slot.path) && !slot.text.is_empty()
            };
            let state = self.choice(choice.index)?;
            if !state.goes_on_in(&seen.slots) {
                return Err(unreadable("an answer goes on in another place"));
            }
            state.has_begun |= seen.slots.iter().any(begins);
            state.is_tool_first |= choice.has_tool_calls && !state.has_begun;
        }
        self.refuse_too_many(&seen)?;
        match self.queue_with_logprobs(data, &seen, out)? {
            Some(blocked) => Ok(blocked),
            None => self.guard_data(data, frame, &seen, out),
        }
    }

    /// Refuses a chunk with more new texts than can be recorded, before any of it counts as delivered.
    fn refuse_too_many(&self, seen: &Scan<'_>) -> Result<(), GuardError> {
        let room = CHANNELS_MAX.saturating_sub(self.channels.len());
        if seen.slots.len() <= room {
            return Ok(());
        }
        let new: HashSet<(u32, &ChannelPath)> = seen
            .slots
            .iter()
            .filter(|slot| !slot.text.is_empty() && !self.is_declared_tool(slot))
            .filter(|slot| !self.channels.iter().any(|channel| channel.is_of(slot.choice, &slot.path)))
            .map(|slot| (slot.choice, &slot.path))
            .collect();
        if new.len() > room { Err(GuardError::TooManyChannels) } else { Ok(()) }
    }

    /// An error of the upstream in mid-stream passes, and nothing after it. Its text is the provider's and stands alone; what else the
    /// chunk says belongs to an answer that broke off.
    fn pass_error(&mut self, data: &[u8], seen: &Scan<'_>) -> Result<(), GuardError> {
        self.has_failed = true;
        let texts = error_texts(&self.setup.rules, seen);
        let mut edits = edits_of(&texts);
        edits.extend(seen.shadows.iter().map(|shadow| (shadow.value.clone(), NULL)));
        let json = rendered(data, edits)?;
        self.keep_back(sse_frame(&json))
    }

    fn guard_data(
        &mut self,
        data: &Bytes,
        frame: &Frame,
        seen: &Scan<'_>,
        out: &mut Vec<Bytes>,
    ) -> Result<Vec<Blocked>, GuardError> {
        let mut blocked = Vec::new();
        let mut texts = Texts::new();
        for slot in &seen.slots {
            if slot.text.is_empty() {
                continue;
            }
            if slot.path.root() != ChannelRoot::Envelope && self.is_closed(slot.choice) {
                texts.push((slot.literal.clone(), String::new()));
                continue;
            }
            if self.is_declared_tool(slot) {
                continue;
            }
            let (released, found) = self.push_text(slot, seen, &mut texts, out)?;
            if released != slot.text || slot.is_lossy {
                texts.push((slot.literal.clone(), released));
            }
            blocked.extend(found);
        }
        // The choices that end here: what they still hold, then the label, then this frame, kept back.
        let mut ended = Vec::new();
        for choice in seen.choices.iter().filter(|choice| choice.finish_reason.is_some()) {
            if !self.is_closed(choice.index) {
                blocked.extend(self.finish_choice(choice.index, seen, &mut texts, out)?);
            }
            if !self.is_blocked(choice.index) {
                ended.push(choice.index);
            }
        }
        let mut edits = edits_of(&texts);
        if texts.is_empty() {
            let other = logprobs::other(data, seen, &self.setup.rules);
            edits.extend(other.map(|shadow| (shadow.value.clone(), NULL)));
        } else {
            edits.extend(seen.shadows.iter().map(|shadow| (shadow.value.clone(), NULL)));
        }
        // The end of a blocked choice is told by a chunk of ours.
        let ends = |is_meant: &dyn Fn(u32) -> bool| {
            seen.choices
                .iter()
                .filter(|choice| choice.finish_reason.is_some() && is_meant(choice.index))
                .filter_map(|choice| choice.finish_range.clone().map(|range| (range, NULL)))
                .collect::<Vec<_>>()
        };
        edits.extend(ends(&|index| self.is_blocked(index)));
        let is_all_blocked =
            !seen.choices.is_empty() && seen.choices.iter().all(|choice| self.is_blocked(choice.index));
        if is_all_blocked
            && seen.usage.is_none()
            && seen.slots.iter().all(|slot| says(slot, &texts).is_empty())
        {
            return Ok(blocked);
        }
        let is_after = seen.choices.is_empty() && self.is_complete();
        if ended.is_empty() && !is_after {
            let bytes = self.edited(data, frame, edits, Leaves::Now)?;
            out.push(bytes);
            return Ok(blocked);
        }
        let is_last = !ended.is_empty() && self.is_complete();
        let later = if is_last { Leaves::Last } else { Leaves::Later };
        let says_more = seen.choices.iter().any(|choice| !ended.contains(&choice.index))
            || seen
                .slots
                .iter()
                .any(|slot| slot.path.root() == ChannelRoot::Envelope && !says(slot, &texts).is_empty());
        if !says_more {
            let bytes = self.edited(data, frame, edits, later)?;
            self.keep_back(bytes)?;
            return Ok(blocked);
        }
        // It ends one choice and continues another, or says something outside the choices: its texts leave now, in their order, and the
        // end is kept back.
        let mut now = edits;
        now.extend(ends(&|index| ended.contains(&index)));
        let bytes = self.edited(data, frame, now, Leaves::Now)?;
        out.push(bytes);
        let silent: Texts = seen.slots.iter().map(|slot| (slot.literal.clone(), String::new())).collect();
        let mut end = edits_of(&silent);
        end.extend(seen.shadows.iter().map(|shadow| (shadow.value.clone(), NULL)));
        end.extend(ends(&|index| self.is_blocked(index)));
        let bytes = self.edited(data, frame, end, later)?;
        self.keep_back(bytes)?;
        Ok(blocked)
    }

    /// A frame after its edits; the bytes as they came where there are none and the frame is nothing but its data.
    fn edited(
        &mut self,
        data: &Bytes,
        frame: &Frame,
        edits: Edits<'_>,
        leaves: Leaves,
    ) -> Result<Bytes, GuardError> {
        let json =
            if edits.is_empty() { Cow::Borrowed(&data[..]) } else { Cow::Owned(rendered(data, edits)?) };
        match self.with_members(json, leaves)? {
            Cow::Borrowed(_) if frame.is_complete && frame.raw.len() == data.len() + DATA_FRAME_BYTES => {
                Ok(frame.raw.clone())
            }
            json => Ok(sse_frame(&json)),
        }
    }

    /// Adds our members to the first chunk and to the last.
    fn with_members<'j>(&mut self, json: Cow<'j, [u8]>, leaves: Leaves) -> Result<Cow<'j, [u8]>, GuardError> {
        if self.has_no_members() || (self.has_sent_members && leaves != Leaves::Last) {
            return Ok(json);
        }
        // What is kept back is not first where anything else leaves.
        self.has_sent_members |= leaves == Leaves::Now;
        let members = extension::with_notices(&self.setup.members, &self.setup.notices);
        Ok(Cow::Owned(insert_before_closing_brace(&json, &members).map_err(unreadable)?))
    }

    const fn has_no_members(&self) -> bool {
        self.setup.members.is_empty() && self.setup.notices.is_empty()
    }

    /// A chunk of ours that continues a channel.
    pub(super) fn chunk(&mut self, place: usize, text: &str) -> Result<Bytes, GuardError> {
        let Some(channel) = self.channels.get(place) else { return Ok(Bytes::new()) };
        let json = synth_delta(&self.setup.head, channel.choice, &channel.path, text);
        let leaves = if self.is_closing { Leaves::Last } else { Leaves::Now };
        Ok(sse_frame(&self.with_members(Cow::Owned(json), leaves)?))
    }

    pub(super) fn keep_back(&mut self, frame: Bytes) -> Result<(), GuardError> {
        self.tail_bytes = self.tail_bytes.saturating_add(frame.len());
        if self.tail_bytes > TAIL_BYTES_MAX {
            return Err(GuardError::TailTooLong);
        }
        self.tail.push(frame);
        Ok(())
    }

    /// A chunk with one text and log probabilities is held until all its text may leave.
    fn queue_with_logprobs(
        &mut self,
        data: &Bytes,
        seen: &Scan<'_>,
        out: &mut Vec<Bytes>,
    ) -> Result<Option<Vec<Blocked>>, GuardError> {
        let mut spoken = seen.slots.iter().filter(|slot| !slot.text.is_empty());
        let (Some(slot), None) = (spoken.next(), spoken.next()) else { return Ok(None) };
        let is_first = !self.has_no_members() && !self.has_sent_members;
        if seen.shadows.is_empty()
            || seen.has_finish()
            || is_first
            || self.is_closed(slot.choice)
            || self.is_declared_tool(slot)
            || slot.is_lossy
            || !logprobs::repeat(data, seen, &self.setup.rules)
        {
            return Ok(None);
        }
        let place = self.channel(slot.choice, &slot.path)?;
        let Some(channel) = self.channels.get_mut(place) else { return Ok(None) };
        let is_held = self.flows.get(channel.flow).is_some_and(|flow| !flow.stream.held().is_empty());
        if channel.queue.is_empty() && is_held {
            // Text held from chunks without log probabilities does not belong to this chunk.
            return Ok(None);
        }
        channel.queue.push(data.clone(), seen, slot);
        let flow = channel.flow;
        let mut released = Released::new();
        let (step, own) = self.release(place, slot, &mut released)?;
        released.push((place, own));
        for (at, mut text) in released {
            self.deliver(at, &mut text, out)?;
            if let Some(channel) = self.channels.get_mut(at) {
                channel.queue.release(&text, out);
            }
        }
        let found = self.after_step(flow, &step)?;
        if found.is_some() {
            self.flush_queues(slot.choice, out)?;
        }
        Ok(Some(found.into_iter().collect()))
    }

    /// What may leave of chunks that wait, said in chunks of ours: their own will not come.
    pub(super) fn flush_queues(&mut self, choice: u32, out: &mut Vec<Bytes>) -> Result<(), GuardError> {
        for place in 0..self.channels.len() {
            let Some(channel) = self.channels.get_mut(place).filter(|channel| channel.choice == choice)
            else {
                continue;
            };
            let rest = channel.queue.take_rest();
            if !rest.is_empty() {
                let chunk = self.chunk(place, &rest)?;
                out.push(chunk);
            }
        }
        Ok(())
    }

    fn is_declared_tool(&self, slot: &Slot<'_>) -> bool {
        slot.is_name && self.setup.tools.iter().any(|tool| *tool == *slot.text)
    }

    fn is_closed(&self, index: u32) -> bool {
        self.choices.iter().any(|choice| choice.index == index && choice.is_closed())
    }

    fn is_blocked(&self, index: u32) -> bool {
        self.choices.iter().any(|choice| choice.index == index && choice.is_blocked)
    }

    pub(super) fn choice(&mut self, index: u32) -> Result<&mut Choice, GuardError> {
        let place = match self.choices.iter().position(|choice| choice.index == index) {
            Some(place) => place,
            None => {
                if self.choices.len() >= CHOICES_MAX {
                    return Err(GuardError::TooManyChoices);
                }
                self.choices.push(Choice::new(index, self.setup.rules.is_structured));
                self.choices.len() - 1
            }
        };
        self.choices.get_mut(place).ok_or(GuardError::TooManyChoices)
    }

    /// The hits so far after which something follows.
    fn followed(&self) -> Vec<Finding> {
        let findings = self.flows.iter().flat_map(|flow| &flow.stream.verdict().findings);
        findings.filter(|finding| finding.then != FollowUps::NONE).cloned().collect()
    }

    /// What was delivered of the answers after whose hits something follows, for evidence. Bounded.
    #[must_use]
    pub fn delivered_with_follow_ups(&self) -> String {
        let follows = |flow: &&Flow| flow.stream.verdict().then != FollowUps::NONE;
        let mut choices: Vec<u32> = self.flows.iter().filter(follows).map(|flow| flow.choice).collect();
        choices.dedup();
        choices.into_iter().map(|choice| self.delivered(choice)).collect()
    }

    /// Takes up the texts that the answer's own hits give the person: in the members of the last chunk, and where the
    /// label of an answer comes after it, before that.
    pub(super) fn take_notices(&mut self) {
        let is_none = |flow: &Flow| flow.stream.verdict().then == FollowUps::NONE;
        if self.flows.iter().all(is_none) {
            return;
        }
        let mut new: Vec<Notice> = Vec::new();
        for flow in &self.flows {
            let findings = &flow.stream.verdict().findings;
            let given = self.operations.notices(&self.setup.rules.engine, findings, flow.stream.situation());
            new.extend(given.into_iter().filter(|notice| !self.setup.notices.contains(notice)));
        }
        for notice in new {
            if !self.setup.notices.contains(&notice) {
                self.setup.notices.push(notice);
            }
        }
    }

    /// The end: what was kept back, and what the ledger records. Call after [`StreamGuard::end`].
    #[must_use]
    pub fn into_tail(mut self) -> Tail {
        let mut findings: Vec<String> = self
            .flows
            .iter()
            .flat_map(|flow| flow.stream.verdict().findings.iter().map(|finding| finding.rule.to_string()))
            .collect();
        findings.sort();
        findings.dedup();
        let followed = self.followed();
        let label = self.label_outcome();
        let operations = &self.operations;
        for flow in &self.flows {
            operations.lexicon_count(Direction::Output, flow.stream.verdict());
        }
        let contents = self
            .channels
            .drain(..)
            .filter(|channel| channel.has_delivered)
            .map(|channel| operations.content_finish(channel.hasher))
            .collect();
        Tail { frames: self.tail, contents, label, usage: self.usage, findings, followed }
    }
}

/// When a frame leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// Now.
    Now,
    /// When the end is recorded.
    Later,
    /// Then, as the last one of the answer.
    Last,
}

/// What a frame says in place of `slot`.
pub(super) fn says<'t>(slot: &'t Slot<'_>, texts: &'t Texts) -> &'t str {
    texts.iter().find(|(range, _)| *range == slot.literal).map_or(slot.text.as_ref(), |(_, text)| text)
}

type Edits<'t> = Vec<(Range<usize>, Replacement<'t>)>;

const NULL: Replacement<'static> = Replacement::Raw("null");

fn edits_of(texts: &Texts) -> Edits<'_> {
    texts.iter().map(|(range, text)| (range.clone(), Replacement::Text(text))).collect()
}

fn rendered(data: &[u8], mut edits: Edits<'_>) -> Result<Vec<u8>, GuardError> {
    edits.sort_by_key(|(range, _)| range.start);
    render(data, &edits).map_err(unreadable)
}

/// Reads an event or a whole answer.
///
/// # Errors
/// [`GuardError::Unreadable`] also for what readers read in more than one way.
pub(super) fn read(data: &[u8]) -> Result<Scan<'_>, GuardError> {
    let seen = scan(data).map_err(unreadable)?;
    if seen.has_duplicate_keys {
        return Err(unreadable("an object has a key twice"));
    }
    if seen.has_other_case {
        return Err(unreadable("a key differs in its case alone from one that is read"));
    }
    if seen.has_odd_index {
        return Err(unreadable("an `index` is no small whole number"));
    }
    Ok(seen)
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> GuardError {
    GuardError::Unreadable(error.to_string())
}

/// `data: ` and the blank line.
const DATA_FRAME_BYTES: usize = "data: \n\n".len();
