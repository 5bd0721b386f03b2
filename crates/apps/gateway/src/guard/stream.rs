//! [`StreamGuard`]: guards and labels a stream, frame by frame.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use label::text::{Ending as TextEnding, Placement, Shape, ShapeSniffer};
use operations::{Content, FindingNote, LabelOutcome, Operations};
use safety::Engine;
use terms::{Direction, ProduceId};
use wire::{
    ChannelPath, ChannelRoot, Frame, FrameKind, Head, Replacement, Scan, Slot, Usage, finish_chunk,
    insert_before_closing_brace, render, scan, sse_frame, synth_delta,
};

use super::{
    channel::{Channel, Step},
    logprobs::Queue,
};
use crate::prompt;

/// Most channels of one stream: choices, fields and tool calls together. An upstream that sends more is cut off.
const CHANNELS_MAX: usize = 4096;

/// What a stream is guarded with.
pub struct StreamSetup {
    /// The rules.
    pub engine: Arc<Engine>,
    /// The number on the label.
    pub produce_id: ProduceId,
    /// Where the visible label goes.
    pub placement: Placement,
    /// Whether the answer has to be JSON (`response_format`).
    pub is_structured: bool,
    /// The tools the request declared: their names pass.
    pub tools: Vec<String>,
    /// How many choices were asked for.
    pub choices: u32,
    /// Members for the first and the last chunk: `"aigc":{…},"cinnabar":{…}`; may be empty.
    pub members: String,
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
}

/// Why a stream cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// An event is not JSON, or has a key twice.
    #[error("an event of the stream cannot be read: {0}")]
    Unreadable(String),
    /// More channels than any real answer has.
    #[error("the stream has more than {CHANNELS_MAX} text channels")]
    TooManyChannels,
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
}

struct ChoiceState {
    index: u32,
    sniffer: ShapeSniffer,
    is_labelled: bool,
    is_waived: bool,
    is_finished: bool,
    is_blocked: bool,
    has_tool_calls: bool,
}

/// Guards one stream.
pub struct StreamGuard {
    setup: StreamSetup,
    operations: Operations,
    label_suffix: String,
    label_prefix: String,
    channels: Vec<Channel>,
    queues: Vec<(u32, ChannelPath, Queue)>,
    choices: Vec<ChoiceState>,
    has_head: bool,
    has_sent_members: bool,
    tail: Vec<Bytes>,
    usage: Option<Usage>,
    is_done: bool,
    released: String,
}

impl StreamGuard {
    /// A guard that has seen nothing.
    #[must_use]
    pub fn new(operations: &Operations, setup: StreamSetup) -> Self {
        let label = operations.visible_label();
        Self {
            label_suffix: label.render_suffix(&setup.produce_id),
            label_prefix: label.render_prefix(&setup.produce_id),
            operations: operations.clone(),
            setup,
            channels: Vec::new(),
            queues: Vec::new(),
            choices: Vec::new(),
            has_head: false,
            has_sent_members: false,
            tail: Vec::new(),
            usage: None,
            is_done: false,
            released: String::new(),
        }
    }

    /// Whether the upstream has nothing more to say that matters: `[DONE]` came, or every choice is blocked.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_done || self.is_all_blocked()
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
        !self.choices.is_empty() && self.choices.iter().all(|choice| choice.is_finished || choice.is_blocked)
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
        let seen = scan(data).map_err(|error| GuardError::Unreadable(error.to_string()))?;
        if seen.has_duplicate_keys {
            return Err(GuardError::Unreadable("an object has a key twice".to_owned()));
        }
        if !self.has_head && seen.id.is_some() {
            self.setup.head = Head::from_scan(data, &seen, &self.setup.head);
            self.has_head = true;
        }
        if let Some(usage) = &seen.usage {
            self.usage = Some(usage.clone());
        }
        self.guard_data(data, frame, &seen, out)
    }

    fn guard_data(
        &mut self,
        data: &Bytes,
        frame: &Frame,
        seen: &Scan<'_>,
        out: &mut Vec<Bytes>,
    ) -> Result<Vec<Blocked>, GuardError> {
        let mut blocked = Vec::new();
        let mut edits: Vec<(std::ops::Range<usize>, Replacement<'_>)> = Vec::new();
        let mut texts: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        let mut before: Vec<Bytes> = Vec::new();
        for choice in &seen.choices {
            let state = self.choice(choice.index)?;
            state.has_tool_calls |= choice.has_tool_calls;
        }
        if let Some(queued) = self.queue_with_logprobs(data, seen, out)? {
            return Ok(queued);
        }
        for slot in &seen.slots {
            if self
                .choices
                .iter()
                .any(|choice| choice.index == slot.choice && (choice.is_blocked || choice.is_finished))
                && slot.path.root() != ChannelRoot::Envelope
            {
                texts.push((slot.literal.clone(), String::new()));
                continue;
            }
            if slot.text.is_empty() || self.is_declared_tool(slot) {
                continue;
            }
            let mut released = std::mem::take(&mut self.released);
            released.clear();
            let found = self.push_text(slot, &mut released, &mut before)?;
            if released != slot.text {
                texts.push((slot.literal.clone(), released.clone()));
            }
            self.released = released;
            blocked.extend(found);
        }
        // The choices that end here: what they still hold, then the label, then this frame, kept back.
        let mut is_ending = false;
        for choice in &seen.choices {
            if choice.finish_reason.is_none() || blocked.iter().any(|found| found.choice == choice.index) {
                continue;
            }
            is_ending = true;
            blocked.extend(self.finish_choice(choice.index, seen, &mut texts, &mut before)?);
        }
        let all_blocked = !seen.choices.is_empty()
            && seen.choices.iter().all(|choice| {
                self.choices.iter().any(|state| state.index == choice.index && state.is_blocked)
            });
        out.append(&mut before);
        edits.extend(texts.iter().map(|(range, text)| (range.clone(), Replacement::Text(text))));
        if !texts.is_empty() {
            edits.extend(seen.shadows.iter().map(|shadow| (shadow.value.clone(), Replacement::Raw("null"))));
        }
        edits.sort_by_key(|(range, _)| range.start);
        if all_blocked
            && !texts.is_empty()
            && seen
                .slots
                .iter()
                .all(|slot| texts.iter().any(|(range, text)| *range == slot.literal && text.is_empty()))
        {
            // Nothing of it is left to say; the last chunk of a blocked choice is ours.
            return Ok(blocked);
        }
        let mut json = if edits.is_empty() {
            Cow::Borrowed(&data[..])
        } else {
            Cow::Owned(render(data, &edits).map_err(|error| GuardError::Unreadable(error.to_string()))?)
        };
        let is_last = is_ending && self.is_complete();
        if !self.setup.members.is_empty() && (is_last || !self.has_sent_members) {
            self.has_sent_members = true;
            json = Cow::Owned(
                insert_before_closing_brace(&json, &self.setup.members)
                    .map_err(|error| GuardError::Unreadable(error.to_string()))?,
            );
        }
        let bytes = match json {
            // The bytes as they came, where the frame is nothing but its data.
            Cow::Borrowed(_) if frame.is_complete && frame.raw.len() == data.len() + DATA_FRAME_BYTES => {
                frame.raw.clone()
            }
            json => sse_frame(&json),
        };
        if is_ending || (seen.choices.is_empty() && self.choices.iter().any(|choice| choice.is_finished)) {
            self.tail.push(bytes);
        } else {
            out.push(bytes);
        }
        Ok(blocked)
    }

    /// A chunk with one text and log probabilities is held until all its text may leave.
    fn queue_with_logprobs(
        &mut self,
        data: &Bytes,
        seen: &Scan<'_>,
        out: &mut Vec<Bytes>,
    ) -> Result<Option<Vec<Blocked>>, GuardError> {
        let [slot] = seen.slots.as_slice() else { return Ok(None) };
        if seen.shadows.is_empty() || seen.has_finish() || slot.text.is_empty() || !self.has_sent_members {
            return Ok(None);
        }
        if self
            .choices
            .iter()
            .any(|choice| choice.index == slot.choice && (choice.is_blocked || choice.is_finished))
        {
            return Ok(None);
        }
        let place = match self
            .queues
            .iter()
            .position(|(choice, path, _)| *choice == slot.choice && *path == slot.path)
        {
            Some(place) => place,
            None => {
                // Text held from chunks without log probabilities does not belong to this chunk.
                if self
                    .channels
                    .iter()
                    .any(|c| c.is_of(slot.choice, &slot.path) && !c.stream.held().is_empty())
                {
                    return Ok(None);
                }
                self.queues.push((slot.choice, slot.path.clone(), Queue::default()));
                self.queues.len() - 1
            }
        };
        if let Some((_, _, queue)) = self.queues.get_mut(place) {
            queue.push(data.clone(), seen, 0);
        }
        let mut released = String::new();
        let blocked = self.push_text(slot, &mut released, out)?;
        if let Some((_, _, queue)) = self.queues.get_mut(place) {
            queue.release(&released, out);
        }
        Ok(Some(blocked.into_iter().collect()))
    }

    fn is_declared_tool(&self, slot: &Slot<'_>) -> bool {
        slot.is_name && self.setup.tools.iter().any(|tool| *tool == *slot.text)
    }

    fn choice(&mut self, index: u32) -> Result<&mut ChoiceState, GuardError> {
        let place = match self.choices.iter().position(|choice| choice.index == index) {
            Some(place) => place,
            None => {
                if self.choices.len() >= CHANNELS_MAX {
                    return Err(GuardError::TooManyChannels);
                }
                self.choices.push(ChoiceState {
                    index,
                    sniffer: ShapeSniffer::new(),
                    is_labelled: false,
                    is_waived: self.setup.is_structured,
                    is_finished: false,
                    is_blocked: false,
                    has_tool_calls: false,
                });
                self.choices.len() - 1
            }
        };
        self.choices.get_mut(place).ok_or(GuardError::TooManyChannels)
    }

    fn channel(&mut self, choice: u32, path: &ChannelPath) -> Result<usize, GuardError> {
        if let Some(place) = self.channels.iter().position(|channel| channel.is_of(choice, path)) {
            return Ok(place);
        }
        if self.channels.len() >= CHANNELS_MAX {
            return Err(GuardError::TooManyChannels);
        }
        let hasher = self.operations.content_hasher(choice, &Channel::name(path));
        let is_json = self.setup.is_structured && path.is_content();
        let stream = self.setup.engine.stream(Direction::Output);
        self.channels.push(Channel::new(choice, path.clone(), stream, hasher, is_json));
        Ok(self.channels.len() - 1)
    }

    /// Runs one text through its channel. A label that stands before the text is put into `before`.
    fn push_text(
        &mut self,
        slot: &Slot<'_>,
        released: &mut String,
        before: &mut Vec<Bytes>,
    ) -> Result<Option<Blocked>, GuardError> {
        let place = self.channel(slot.choice, &slot.path)?;
        let Some(channel) = self.channels.get_mut(place) else { return Ok(None) };
        let step = channel.push(&slot.text, released);
        let is_content = slot.path.is_content();
        if is_content && !released.is_empty() {
            self.sniff(slot.choice, &slot.path, released, before)?;
        }
        self.after_step(place, step)
    }

    /// Follows the delivered answer; puts the label before it where that was asked for and its first characters are prose.
    fn sniff(
        &mut self,
        choice: u32,
        path: &ChannelPath,
        text: &str,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        let placement = self.setup.placement;
        let state = self.choice(choice)?;
        state.sniffer.push(text);
        if placement != Placement::Prefix || state.is_labelled || state.is_waived {
            return Ok(());
        }
        match state.sniffer.shape() {
            Some(Shape::Prose) if !state.has_tool_calls => {
                state.is_labelled = true;
                before.push(sse_frame(&synth_delta(&self.setup.head, choice, path, &self.label_prefix)));
                let place = self.channel(choice, path)?;
                if let Some(channel) = self.channels.get_mut(place) {
                    channel.hasher.push_label(&self.label_prefix);
                }
            }
            Some(_) => state.is_waived = true,
            None => {}
        }
        Ok(())
    }

    fn after_step(&mut self, place: usize, step: Step) -> Result<Option<Blocked>, GuardError> {
        let Some(channel) = self.channels.get(place) else { return Ok(None) };
        let verdict = channel.verdict();
        let (rule, category) = match step {
            Step::Open => return Ok(None),
            Step::Blocked => match verdict.blocking().next() {
                Some(finding) => (finding.rule.to_string(), finding.category.name().to_owned()),
                None => ("hold-limit".to_owned(), "hold-limit".to_owned()),
            },
            Step::BrokenJson => ("personal-data.structured".to_owned(), "personal-data".to_owned()),
        };
        let index = channel.choice;
        let found = Blocked {
            choice: index,
            rule,
            category,
            findings: prompt::notes(&verdict.findings),
            held: channel.stream.held().to_owned(),
        };
        self.choice(index)?.is_blocked = true;
        Ok(Some(found))
    }

    /// Ends a choice: its channels decide what they hold, and the label follows.
    fn finish_choice(
        &mut self,
        index: u32,
        seen: &Scan<'_>,
        texts: &mut Vec<(std::ops::Range<usize>, String)>,
        before: &mut Vec<Bytes>,
    ) -> Result<Vec<Blocked>, GuardError> {
        let mut blocked = Vec::new();
        for place in 0..self.channels.len() {
            let Some(channel) = self.channels.get_mut(place) else { continue };
            if channel.choice != index || channel.path.root() == ChannelRoot::Envelope {
                continue;
            }
            let path = channel.path.clone();
            let mut rest = String::new();
            let step = channel.finish(&mut rest);
            if path.is_content() && !rest.is_empty() {
                self.sniff(index, &path, &rest, before)?;
            }
            let queued = self
                .queues
                .iter_mut()
                .find(|(choice, of, queue)| *choice == index && *of == path && !queue.is_empty());
            if let Some((_, _, queue)) = queued {
                queue.release(&rest, before);
                rest = queue.take_rest();
            }
            if !rest.is_empty() {
                // The text of this very frame continues before what follows it.
                let own = seen.slots.iter().find(|slot| slot.choice == index && slot.path == path);
                match own {
                    Some(slot) => match texts.iter_mut().find(|(range, _)| *range == slot.literal) {
                        Some((_, text)) => text.push_str(&rest),
                        None => texts.push((slot.literal.clone(), format!("{}{rest}", slot.text))),
                    },
                    None => before.push(sse_frame(&synth_delta(&self.setup.head, index, &path, &rest))),
                }
            }
            blocked.extend(self.after_step(place, step)?);
        }
        if blocked.is_empty() {
            self.choice(index)?.is_finished = true;
            self.label_choice(index, seen, texts, before)?;
        }
        Ok(blocked)
    }

    /// Puts the label after the answer, as a delta of its own before the frame that ends it (design 9.9).
    fn label_choice(
        &mut self,
        index: u32,
        seen: &Scan<'_>,
        texts: &mut Vec<(std::ops::Range<usize>, String)>,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        let placement = self.setup.placement;
        let state = self.choice(index)?;
        if state.is_labelled || state.is_waived || placement == Placement::Interface {
            return Ok(());
        }
        let closing = match state.sniffer.ending() {
            TextEnding::Label(closing) => closing,
            TextEnding::Waive(_) => {
                state.is_waived = state.sniffer.has_text() || state.has_tool_calls;
                return Ok(());
            }
        };
        state.is_labelled = true;
        let Some(channel) =
            self.channels.iter_mut().find(|channel| channel.choice == index && channel.path.is_content())
        else {
            return Ok(());
        };
        channel.hasher.push(&closing);
        channel.hasher.push_label(&self.label_suffix);
        let label = format!("{closing}{}", self.label_suffix);
        let path = channel.path.clone();
        // Where this frame itself still says something, the label follows that.
        match seen
            .slots
            .iter()
            .find(|slot| slot.choice == index && slot.path == path && !slot.text.is_empty())
        {
            Some(slot) => match texts.iter_mut().find(|(range, _)| *range == slot.literal) {
                Some((_, text)) => text.push_str(&label),
                None => texts.push((slot.literal.clone(), format!("{}{label}", slot.text))),
            },
            None => before.push(sse_frame(&synth_delta(&self.setup.head, index, &path, &label))),
        }
        Ok(())
    }

    /// The last chunk of a blocked choice, after the label of what had been delivered of it. `members` tell the decision.
    ///
    /// # Errors
    /// [`GuardError`] as [`StreamGuard::push`].
    pub fn close_blocked(
        &mut self,
        choice: u32,
        members: &str,
        out: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        self.label_rest(choice, out)?;
        self.tail.push(sse_frame(&finish_chunk(&self.setup.head, choice, "content_filter", members)));
        Ok(())
    }

    /// What was delivered of a choice's answer so far, for evidence. Bounded.
    #[must_use]
    pub fn delivered(&self, choice: u32) -> String {
        self.channels
            .iter()
            .filter(|channel| channel.choice == choice && channel.path.is_content())
            .map(|channel| channel.delivered.as_str())
            .collect()
    }

    /// Labels what was delivered of a choice that did not come to its own end.
    fn label_rest(&mut self, choice: u32, out: &mut Vec<Bytes>) -> Result<(), GuardError> {
        let nothing = nothing()?;
        self.label_choice(choice, &nothing, &mut Vec::new(), out)
    }

    /// No more comes from the upstream. Choices without an end of their own decide what they hold and are labelled; what may still
    /// leave is appended to `out`.
    ///
    /// # Errors
    /// [`GuardError`] as [`StreamGuard::push`].
    pub fn end(&mut self, out: &mut Vec<Bytes>) -> Result<Vec<Blocked>, GuardError> {
        let nothing = nothing()?;
        let open: Vec<u32> = self
            .choices
            .iter()
            .filter(|choice| !choice.is_finished && !choice.is_blocked)
            .map(|choice| choice.index)
            .collect();
        let mut blocked = Vec::new();
        for index in open {
            blocked.extend(self.finish_choice(index, &nothing, &mut Vec::new(), out)?);
        }
        Ok(blocked)
    }

    /// The end: what was kept back, and what the ledger records. Call after [`StreamGuard::end`].
    #[must_use]
    pub fn into_tail(mut self) -> Tail {
        let mut findings: Vec<String> = self
            .channels
            .iter()
            .flat_map(|channel| channel.verdict().findings.iter().map(|finding| finding.rule.to_string()))
            .collect();
        findings.sort();
        findings.dedup();
        let delivered = self.channels.iter().any(|channel| channel.has_delivered);
        let label = if !delivered {
            LabelOutcome::Nothing
        } else if self.choices.iter().any(|choice| choice.is_labelled) {
            LabelOutcome::InText
        } else if self.setup.placement == Placement::Interface {
            LabelOutcome::Interface
        } else {
            LabelOutcome::Structured
        };
        let operations = &self.operations;
        let contents = self
            .channels
            .drain(..)
            .filter(|channel| channel.has_delivered)
            .map(|channel| operations.content_finish(channel.hasher))
            .collect();
        Tail { frames: self.tail, contents, label, usage: self.usage, findings }
    }
}

/// A chunk that says nothing, for what is decided between chunks.
fn nothing() -> Result<Scan<'static>, GuardError> {
    scan(b"{}").map_err(|error| GuardError::Unreadable(error.to_string()))
}

/// `data: ` and the blank line.
const DATA_FRAME_BYTES: usize = "data: \n\n".len();
