//! How a choice ends in [`StreamGuard`]: what is held is decided, the label follows the answer, a block is told.

use bytes::Bytes;
use label::text::{Ending as TextEnding, Placement};
use operations::{LabelOutcome, Notice};
use terms::Locale;
use wire::{ChannelRoot, Scan, finish_chunk, insert_before_closing_brace, scan, sse_frame, synth_delta};

use super::{
    choice::{Before, Choice},
    flow::{Released, Step},
    stream::{Blocked, GuardError, StreamGuard, Texts, says, unreadable},
};
use crate::extension;

impl StreamGuard {
    /// Ends a choice: its channels decide what they hold, and the label follows.
    pub(super) fn finish_choice(
        &mut self,
        index: u32,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<Option<Blocked>, GuardError> {
        for flow in 0..self.flows.len() {
            if self.flows.get(flow).is_none_or(|flow| flow.choice != index || flow.is_envelope) {
                continue;
            }
            if let Some(found) = self.finish_flow(flow, seen, texts, before)? {
                self.flush_queues(index, before)?;
                return Ok(Some(found));
            }
        }
        let choice = self.choice(index)?;
        choice.is_finished = true;
        let is_tool_first = choice.is_tool_first;
        let settled: Vec<_> = choice
            .answers
            .iter()
            .map(|answer| (answer.root(), answer.settle(is_tool_first), answer.last))
            .filter(|(_, decided, _)| matches!(decided, Before::Label | Before::Waive))
            .collect();
        for (root, decided, place) in settled {
            let waiting = self.decide_before((index, root), decided, place, before)?;
            if let Some(channel) = self.channels.get_mut(place) {
                channel.sent(&waiting);
            }
            self.say(place, &waiting, seen, texts, before)?;
        }
        self.take_notices();
        self.label_choice(index, seen, texts, before)?;
        Ok(None)
    }

    /// Decides what a text holds, and says what may leave of it.
    fn finish_flow(
        &mut self,
        flow: usize,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<Option<Blocked>, GuardError> {
        let mut released = Released::new();
        let Some(ending) = self.flows.get_mut(flow) else { return Ok(None) };
        let step = ending.finish(&mut released);
        for (place, text) in released {
            self.say_released(place, text, seen, texts, before)?;
        }
        if matches!(step, Step::Open) {
            self.end_restoring(flow, seen, texts, before)?;
        }
        self.after_step(flow, &step)
    }

    /// Says what was held of a text as the beginning of a placeholder.
    fn end_restoring(
        &mut self,
        flow: usize,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        for place in 0..self.channels.len() {
            let channel = self.channels.get_mut(place).filter(|channel| channel.flow == flow);
            if let Some(restorer) = channel.and_then(|channel| channel.restorer.as_mut()) {
                let rest = restorer.end();
                self.say_released(place, rest, seen, texts, before)?;
            }
        }
        Ok(())
    }

    /// Delivers what a channel's text released after its frame.
    pub(super) fn say_released(
        &mut self,
        place: usize,
        mut text: String,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        self.deliver(place, &mut text, before)?;
        if let Some(channel) = self.channels.get_mut(place)
            && !channel.queue.is_empty()
        {
            channel.queue.release(&text, before);
            text = channel.queue.take_rest();
        }
        self.say(place, &text, seen, texts, before)
    }

    /// Says the rest of a channel: in this very frame where that continues the channel, else in a chunk before it.
    fn say(
        &mut self,
        place: usize,
        rest: &str,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        if rest.is_empty() {
            return Ok(());
        }
        let own = self
            .channels
            .get(place)
            .and_then(|channel| seen.slots.iter().rfind(|slot| channel.is_of(slot.choice, &slot.path)));
        match own {
            Some(slot) => append(texts, slot, rest),
            None => {
                let chunk = self.chunk(place, rest)?;
                before.push(chunk);
            }
        }
        Ok(())
    }

    /// Puts the label after each answer, as a delta of its own before the frame that ends it (design 9.9).
    fn label_choice(
        &mut self,
        index: u32,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        if self.setup.placement != Placement::Suffix {
            return Ok(());
        }
        for at in 0..self.choice(index)?.answers.len() {
            self.label_answer(index, at, seen, texts, before)?;
        }
        Ok(())
    }

    fn label_answer(
        &mut self,
        index: u32,
        at: usize,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        let Some(answer) = self.choice(index)?.answers.get_mut(at) else { return Ok(()) };
        if answer.is_labelled || answer.is_waived {
            return Ok(());
        }
        let TextEnding::Label(closing) = answer.sniffer.ending() else {
            answer.is_waived = true;
            return Ok(());
        };
        answer.is_labelled = true;
        let place = answer.last;
        let suffix = self.operations.visible_label().render_suffix(&self.setup.produce_id);
        let closing = format!("{closing}{}", before_label(&self.setup.notices, self.setup.locale));
        let label = format!("{closing}{suffix}");
        let Some(channel) = self.channels.get_mut(place) else { return Ok(()) };
        channel.sent(&closing);
        channel.labelled(&suffix);
        // Where this frame itself still says something, the label follows that.
        match seen.slots.iter().rfind(|slot| channel.is_of(slot.choice, &slot.path)) {
            Some(slot) if !says(slot, texts).is_empty() => append(texts, slot, &label),
            _ => {
                let chunk = self.chunk(place, &label)?;
                before.push(chunk);
            }
        }
        Ok(())
    }

    /// The last chunk of a blocked choice, after the label of what had been delivered of it. `members` tell the decision.
    ///
    /// # Errors
    /// [`GuardError`] as [`StreamGuard::push`].
    pub fn close_blocked(
        &mut self,
        index: u32,
        members: &str,
        out: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        let nothing = nothing()?;
        self.take_notices();
        self.label_choice(index, &nothing, &mut Texts::new(), out)?;
        let members = &extension::with_notices(members, &self.setup.notices);
        let head = &self.setup.head;
        let json = if self.choices.iter().any(|choice| choice.index == index && choice.is_finished) {
            // It came to its end before: only the decision is left to be told.
            let silent = synth_delta(head, index, &wire::ChannelPath::delta_content(), "");
            insert_before_closing_brace(&silent, members).map_err(unreadable)?
        } else {
            finish_chunk(head, index, "content_filter", members)
        };
        self.keep_back(sse_frame(&json))
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

    /// No more comes from the upstream. Choices without an end of their own decide what they hold and are labelled; what may still
    /// leave is appended to `out`.
    ///
    /// # Errors
    /// [`GuardError`] as [`StreamGuard::push`].
    pub fn end(&mut self, out: &mut Vec<Bytes>) -> Result<Vec<Blocked>, GuardError> {
        self.is_closing = true;
        let nothing = nothing()?;
        let open: Vec<u32> =
            self.choices.iter().filter(|choice| !choice.is_closed()).map(|choice| choice.index).collect();
        let mut blocked = Vec::new();
        for index in open {
            blocked.extend(self.finish_choice(index, &nothing, &mut Texts::new(), out)?);
        }
        if self.is_all_blocked() {
            // We ended it: what is undecided outside the choices stays so.
            return Ok(blocked);
        }
        for flow in 0..self.flows.len() {
            if self.flows.get(flow).is_some_and(|flow| flow.is_envelope) {
                blocked.extend(self.finish_flow(flow, &nothing, &mut Texts::new(), out)?);
            }
        }
        Ok(blocked)
    }

    /// The weakest that became of any choice's label: a waiver is recorded even where another choice has its label.
    pub(super) fn label_outcome(&self) -> LabelOutcome {
        if !self.channels.iter().any(|channel| channel.has_delivered) {
            return LabelOutcome::Nothing;
        }
        let has_delivered = |index: u32| {
            self.channels.iter().any(|channel| {
                channel.choice == index
                    && channel.has_delivered
                    && channel.path.root() != ChannelRoot::Envelope
            })
        };
        let mut delivered = self.choices.iter().filter(|choice| has_delivered(choice.index)).peekable();
        if delivered.peek().is_some() && delivered.all(Choice::is_labelled) {
            LabelOutcome::InText
        } else if self.setup.placement == Placement::Interface {
            LabelOutcome::Interface
        } else {
            LabelOutcome::Structured
        }
    }
}

/// The texts for the person as they stand in an answer, before its label.
pub(super) fn before_label(notices: &[Notice], locale: Locale) -> String {
    notices.iter().map(|notice| format!("\n\n{}", notice.get(locale))).collect()
}

fn append(texts: &mut Texts, slot: &wire::Slot<'_>, more: &str) {
    match texts.iter_mut().find(|(range, _)| *range == slot.literal) {
        Some((_, text)) => text.push_str(more),
        None => texts.push((slot.literal.clone(), format!("{}{more}", slot.text))),
    }
}

/// A chunk that says nothing, for what is decided between chunks.
fn nothing() -> Result<Scan<'static>, GuardError> {
    scan(b"{}").map_err(unreadable)
}
