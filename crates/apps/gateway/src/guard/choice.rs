//! One choice of a stream: where it stands, and what becomes of its label.

use label::text::{Placement, Shape, ShapeSniffer};
use wire::{ChannelRoot, Slot};

/// Text before an answer's first readable character that waits for the decision about a label, in bytes. An answer that begins with
/// more space than that is taken for prose.
const WAITING_BYTES_MAX: usize = 4096;

/// The state of one choice.
pub(super) struct Choice {
    pub(super) index: u32,
    /// It has to be JSON: no label stands in it.
    is_structured: bool,
    pub(super) is_finished: bool,
    pub(super) is_blocked: bool,
    /// Text of the answer came in.
    pub(super) has_begun: bool,
    /// A tool call came before any text of the answer.
    pub(super) is_tool_first: bool,
    /// Where each chunk says the answer; nothing before the first one that does.
    said_in: Option<SaidIn>,
    /// Its answers, one for each object that one stands in: providers repeat the answer, a reader takes one of them, and each
    /// has its label.
    pub(super) answers: Vec<Answer>,
}

/// In which of the places that readers of a stream take the answer from a chunk says some of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SaidIn {
    delta: bool,
    choice: bool,
}

/// One answer of a choice. Channels are named by their place in the guard's list.
pub(super) struct Answer {
    root: ChannelRoot,
    pub(super) sniffer: ShapeSniffer,
    pub(super) is_labelled: bool,
    pub(super) is_waived: bool,
    /// The last channel of it that delivered anything: a label after the answer follows it.
    pub(super) last: usize,
    /// Its beginning that does not tell yet whether a label stands before it, by channel.
    pub(super) waiting: Vec<(usize, String)>,
}

/// What the beginning of an answer says about a label before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing to decide, or it was decided.
    Settled,
    /// More has to be seen.
    Wait,
    /// The label goes here.
    Label,
    /// No label: JSON, code or a tool call.
    Waive,
}

impl Choice {
    pub(super) const fn new(index: u32, is_structured: bool) -> Self {
        Self {
            index,
            is_structured,
            is_finished: false,
            is_blocked: false,
            has_begun: false,
            is_tool_first: false,
            said_in: None,
            answers: Vec::new(),
        }
    }

    /// Whether a chunk says the answer where those before it did. A program that takes `delta.content` from one chunk and
    /// `text` from the next puts together what nobody read as one text: a provider that repeats the answer repeats all of it.
    pub(super) fn goes_on_in(&mut self, slots: &[Slot<'_>]) -> bool {
        let says = |root| {
            slots.iter().any(|slot| {
                slot.choice == self.index
                    && slot.path.root() == root
                    && slot.path.is_content()
                    && !slot.text.is_empty()
            })
        };
        let now = SaidIn { delta: says(ChannelRoot::Delta), choice: says(ChannelRoot::Choice) };
        !(now.delta || now.choice) || *self.said_in.get_or_insert(now) == now
    }

    /// Whether nothing more of it is delivered.
    pub(super) const fn is_closed(&self) -> bool {
        self.is_finished || self.is_blocked
    }

    /// Whether it has an answer and each answer has its label.
    pub(super) fn is_labelled(&self) -> bool {
        !self.answers.is_empty() && self.answers.iter().all(|answer| answer.is_labelled)
    }

    /// Its answer in that object.
    pub(super) fn answer(&mut self, root: ChannelRoot) -> Option<&mut Answer> {
        self.answers.iter_mut().find(|answer| answer.root == root)
    }

    /// Follows `text` of the answer in channel `place`.
    pub(super) fn follow(
        &mut self,
        root: ChannelRoot,
        place: usize,
        text: &str,
        placement: Placement,
    ) -> Before {
        let is_tool_first = self.is_tool_first;
        let found = self.answers.iter().position(|answer| answer.root == root);
        let answer = match found {
            Some(at) => self.answers.get_mut(at),
            None => Some(self.answers.push_mut(Answer::new(root, place, self.is_structured))),
        };
        answer.map_or(Before::Settled, |answer| answer.follow(place, text, placement, is_tool_first))
    }
}

impl Answer {
    fn new(root: ChannelRoot, place: usize, is_waived: bool) -> Self {
        Self {
            root,
            sniffer: ShapeSniffer::new(),
            is_labelled: false,
            is_waived,
            last: place,
            waiting: Vec::new(),
        }
    }

    /// The object it stands in.
    pub(super) const fn root(&self) -> ChannelRoot {
        self.root
    }

    fn follow(&mut self, place: usize, text: &str, placement: Placement, is_tool_first: bool) -> Before {
        self.sniffer.push(text);
        self.last = self.last.max(place);
        if placement != Placement::Prefix || self.is_labelled || self.is_waived {
            return Before::Settled;
        }
        let waiting: usize = self.waiting.iter().map(|(_, text)| text.len()).sum();
        match self.sniffer.shape() {
            _ if is_tool_first => Before::Waive,
            Some(Shape::Prose) => Before::Label,
            Some(Shape::Structured) => Before::Waive,
            None if waiting.saturating_add(text.len()) > WAITING_BYTES_MAX => Before::Label,
            None => Before::Wait,
        }
    }

    /// The decision about a label before the answer, now that no more of it comes.
    pub(super) fn settle(&self, is_tool_first: bool) -> Before {
        if self.waiting.is_empty() {
            Before::Settled
        } else if self.sniffer.has_text() && !is_tool_first {
            Before::Label
        } else {
            Before::Waive
        }
    }

    /// Keeps text until the decision.
    pub(super) fn wait(&mut self, place: usize, text: &str) {
        match self.waiting.iter_mut().find(|(at, _)| *at == place) {
            Some((_, waiting)) => waiting.push_str(text),
            None => self.waiting.push((place, text.to_owned())),
        }
    }
}
