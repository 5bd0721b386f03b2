//! How texts pass through [`StreamGuard`]: into their channel and flow, and out as what is delivered.

use bytes::Bytes;
use safety::FollowUps;
use terms::Direction;
use wire::{ChannelPath, ChannelRoot, Scan, Slot};

use super::{
    channel::{Channel, is_answer},
    choice::Before,
    flow::{Flow, Released, Step},
    restore::Restorer,
    stream::{Blocked, CHANNELS_MAX, GuardError, StreamGuard, Texts, unreadable},
};
use crate::prompt;

impl StreamGuard {
    pub(super) fn channel(&mut self, choice: u32, path: &ChannelPath) -> Result<usize, GuardError> {
        if let Some(place) = self.channels.iter().position(|channel| channel.is_of(choice, path)) {
            return Ok(place);
        }
        if self.channels.len() >= CHANNELS_MAX {
            return Err(GuardError::TooManyChannels);
        }
        let hasher = self.operations.content_hasher(choice, &Channel::name(path));
        let goes_on = |channel: &&Channel| {
            channel.choice == choice && channel.path.root() == path.root() && is_answer(&channel.path)
        };
        let is_json = self.setup.rules.is_json(path);
        let flow = match self.channels.iter().find(goes_on) {
            Some(channel) if is_answer(path) => channel.flow,
            _ => {
                let rules = &self.setup.rules;
                let probe = self.operations.lexicon_probe(Direction::Output, &rules.engine);
                self.flows.push(Flow::new(choice, path, rules.stream(path), is_json, probe));
                self.flows.len() - 1
            }
        };
        let mut channel = Channel::new(choice, path.clone(), flow, hasher);
        if path.root() != ChannelRoot::Envelope {
            let restored = self.setup.restored.as_ref();
            channel.restorer = restored.map(|restored| Box::new(Restorer::new(restored, is_json)));
        }
        self.channels.push(channel);
        Ok(self.channels.len() - 1)
    }

    /// Runs one text through its channel and gives what takes its place, with what chunks that waited had left over. What it lets go
    /// of an earlier part of the answer is said there.
    pub(super) fn push_text(
        &mut self,
        slot: &Slot<'_>,
        seen: &Scan<'_>,
        texts: &mut Texts,
        before: &mut Vec<Bytes>,
    ) -> Result<(String, Option<Blocked>), GuardError> {
        let place = self.channel(slot.choice, &slot.path)?;
        let mut earlier = Released::new();
        let (step, mut own) = self.release(place, slot, &mut earlier)?;
        for (at, text) in earlier {
            self.say_released(at, text, seen, texts, before)?;
        }
        self.deliver(place, &mut own, before)?;
        let Some(channel) = self.channels.get_mut(place) else { return Ok((own, None)) };
        let flow = channel.flow;
        if !channel.queue.is_empty() {
            own.insert_str(0, &channel.queue.take_rest());
        }
        let found = self.after_step(flow, &step)?;
        if found.is_some() {
            self.flush_queues(slot.choice, before)?;
        }
        Ok((own, found))
    }

    /// Pushes one text into its flow and gives what may leave of its channel; what may leave of earlier parts is appended to
    /// `earlier`.
    pub(super) fn release(
        &mut self,
        place: usize,
        slot: &Slot<'_>,
        earlier: &mut Released,
    ) -> Result<(Step, String), GuardError> {
        let flow = self.channels.get(place).and_then(|channel| self.flows.get_mut(channel.flow));
        let Some(flow) = flow else { return Ok((Step::Open, String::new())) };
        if !flow.takes(&slot.path) {
            return Err(unreadable("a part of an answer goes on after a later one"));
        }
        Ok(flow.push(place, &slot.text, earlier))
    }

    /// Counts what leaves a channel as delivered. Where the label stands before the answer, it is put into `before` as soon as the
    /// answer's first characters are prose; until they tell, they wait.
    pub(super) fn deliver(
        &mut self,
        place: usize,
        released: &mut String,
        before: &mut Vec<Bytes>,
    ) -> Result<(), GuardError> {
        if let Some(restorer) = self.channels.get_mut(place).and_then(|channel| channel.restorer.as_mut()) {
            restorer.push(released);
        }
        if released.is_empty() {
            return Ok(());
        }
        let Some(channel) = self.channels.get(place) else { return Ok(()) };
        if is_answer(&channel.path) {
            let (index, root) = (channel.choice, channel.path.root());
            let placement = self.setup.placement;
            let choice = self.choice(index)?;
            match choice.follow(root, place, released, placement) {
                Before::Settled => {}
                Before::Wait => {
                    if let Some(answer) = choice.answer(root) {
                        answer.wait(place, released);
                    }
                    released.clear();
                }
                decided => {
                    let waiting = self.decide_before((index, root), decided, place, before)?;
                    released.insert_str(0, &waiting);
                }
            }
        }
        if let Some(channel) = self.channels.get_mut(place) {
            channel.sent(released);
        }
        Ok(())
    }

    /// Puts the label before an answer of a choice, or waives it. What waited for that is said, and what waited of channel `place` is
    /// given back.
    pub(super) fn decide_before(
        &mut self,
        (index, root): (u32, ChannelRoot),
        decided: Before,
        place: usize,
        before: &mut Vec<Bytes>,
    ) -> Result<String, GuardError> {
        let Some(answer) = self.choice(index)?.answer(root) else { return Ok(String::new()) };
        let waiting = std::mem::take(&mut answer.waiting);
        if decided == Before::Label {
            answer.is_labelled = true;
            // The first part of an answer in parts, whichever may leave first.
            let is_answer_of = |channel: &Channel| {
                channel.choice == index && channel.path.root() == root && is_answer(&channel.path)
            };
            let first = self.channels.iter().position(is_answer_of).unwrap_or(place);
            let label = self.operations.visible_label().render_prefix(&self.setup.produce_id);
            if let Some(channel) = self.channels.get_mut(first) {
                channel.labelled(&label);
            }
            let chunk = self.chunk(first, &label)?;
            before.push(chunk);
        } else {
            answer.is_waived = true;
        }
        let mut own = String::new();
        for (at, text) in waiting {
            if at == place {
                own = text;
                continue;
            }
            if let Some(channel) = self.channels.get_mut(at) {
                channel.sent(&text);
            }
            let chunk = self.chunk(at, &text)?;
            before.push(chunk);
        }
        Ok(own)
    }

    pub(super) fn after_step(&mut self, flow: usize, step: &Step) -> Result<Option<Blocked>, GuardError> {
        let Some(flow) = self.flows.get(flow) else { return Ok(None) };
        let verdict = flow.stream.verdict();
        let (rule, category) = match step {
            Step::Open => return Ok(None),
            Step::Blocked => match verdict.blocking().next() {
                Some(finding) => (finding.rule.to_string(), finding.category.name().to_owned()),
                None => ("limit.hold".to_owned(), "hold-limit".to_owned()),
            },
            Step::BrokenJson => ("personal-data.structured".to_owned(), "personal-data".to_owned()),
        };
        let index = flow.choice;
        let found = Blocked {
            choice: index,
            rule,
            category,
            findings: prompt::notes(&verdict.findings),
            held: flow.stream.held().to_owned(),
            ends_session: verdict.then.contains(FollowUps::END_SESSION),
        };
        let choice = self.choice(index)?;
        if std::mem::replace(&mut choice.is_blocked, true) {
            // One decision a choice.
            return Ok(None);
        }
        // It leads up to what is blocked, and nobody has seen it.
        for answer in &mut choice.answers {
            answer.waiting.clear();
        }
        Ok(Some(found))
    }
}
