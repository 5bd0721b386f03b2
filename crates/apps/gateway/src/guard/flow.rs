//! One text as it is read: that of one channel, or the parts of an answer one after the other.
//!
//! A person reads the parts of an answer as one text, so one safety stream reads them so (and each part by itself). Parts of
//! one text are `content` and `content[…].text` of one choice and one object. What is *not* one text:
//!
//! - `content` and `reasoning_content`: programs show them in two places;
//! - `delta.content` and `text` of the choice, or `message` in a stream: providers repeat the whole answer there, and a reader
//!   takes one of them (chunks that alternate between the first two end the stream: `Choice::goes_on_in`);
//! - two strings in the arguments of a tool call: what a tool makes of them is its own, and each is read as it stands.

use std::collections::VecDeque;

use operations::LexiconProbe;
use safety::{Status, Stream};
use wire::{ChannelPath, ChannelRoot};

use super::structured::JsonText;

/// What a flow lets go.
pub(super) enum Step {
    /// The text may leave.
    Open,
    /// A rule blocks: what was released lies before the span and may leave, nothing after it.
    Blocked,
    /// A mask would break the JSON it stands in (design 9.9): nothing of what was released may leave.
    BrokenJson,
}

/// Text that may leave, by channel in the guard's list, in order.
pub(super) type Released = Vec<(usize, String)>;

/// The state of one text.
pub(super) struct Flow {
    pub(super) choice: u32,
    /// It lies outside the choices.
    pub(super) is_envelope: bool,
    pub(super) stream: Stream,
    /// For text that is JSON: whether a mask still leaves it JSON.
    json: Option<JsonText>,
    /// The channel that goes on, by its place in the guard's list.
    place: Option<usize>,
    /// The channels before it whose text is not out yet.
    earlier: VecDeque<usize>,
    /// The part of `content` that goes on, the highest so far.
    part: u32,
    finished: bool,
    /// For a text that a candidate list checks too.
    probe: Option<Box<LexiconProbe>>,
}

impl Flow {
    pub(super) fn new(
        choice: u32,
        path: &ChannelPath,
        stream: Stream,
        is_json: bool,
        probe: Option<Box<LexiconProbe>>,
    ) -> Self {
        Self {
            choice,
            is_envelope: path.root() == ChannelRoot::Envelope,
            stream,
            json: is_json.then(JsonText::default),
            place: None,
            earlier: VecDeque::new(),
            part: 0,
            finished: false,
            probe,
        }
    }

    /// Whether text of that path may come now. Clients put a part that has an `index` where its earlier text is; text for a
    /// part before the last one would be read in another order than it was checked in.
    pub(super) fn takes(&mut self, path: &ChannelPath) -> bool {
        let part = path.part().unwrap_or(self.part);
        let takes = part >= self.part;
        self.part = self.part.max(part);
        takes
    }

    /// Takes the next piece of channel `place`, and gives what may leave of that channel. What may leave of the ones before it is
    /// appended to `earlier`, in order.
    pub(super) fn push(&mut self, place: usize, piece: &str, earlier: &mut Released) -> (Step, String) {
        let mut text = String::new();
        if self.finished {
            // Text after its end is dropped: the span check ended with it.
            return (Step::Open, text);
        }
        if let Some(probe) = &mut self.probe {
            probe.push(piece);
        }
        if let Some(last) = self.place.replace(place)
            && last != place
        {
            let is_blocked = self.stream.next_part(&mut text) == Status::Blocked;
            self.earlier.push_back(last);
            let step = self.decide(&mut text, is_blocked, earlier);
            if !matches!(step, Step::Open) {
                return (step, text);
            }
            if self.stream.held().is_empty() {
                self.earlier.clear();
            }
        }
        let is_blocked = self.stream.push(piece, &mut text) == Status::Blocked;
        (self.decide(&mut text, is_blocked, earlier), text)
    }

    /// No more comes: decides what was held. What may leave is appended to `released`, in order.
    pub(super) fn finish(&mut self, released: &mut Released) -> Step {
        if self.finished {
            return Step::Open;
        }
        self.finished = true;
        let mut text = String::new();
        let is_blocked = self.stream.finish(&mut text).is_blocked();
        let step = self.decide(&mut text, is_blocked, released);
        released.extend(self.place.map(|place| (place, text)));
        step
    }

    /// Leaves in `text` what may leave of the present channel.
    fn decide(&mut self, text: &mut String, is_blocked: bool, earlier: &mut Released) -> Step {
        if let Some(json) = &mut self.json
            && !json.push(text)
        {
            text.clear();
            self.finished = true;
            return Step::BrokenJson;
        }
        let mut reached = 0;
        for crossing in self.stream.crossings() {
            let piece = text.get(reached..crossing).unwrap_or_default().to_owned();
            earlier.extend(self.earlier.pop_front().map(|place| (place, piece)));
            reached = crossing;
        }
        if reached > 0 {
            text.drain(..reached);
        }
        if let Some(place) = self.earlier.front()
            && !text.is_empty()
        {
            earlier.push((*place, std::mem::take(text)));
        }
        self.finished |= is_blocked;
        if is_blocked { Step::Blocked } else { Step::Open }
    }
}
