//! One choice of a stream: where it stands, and what becomes of its label.

use label::text::{Placement, Shape, ShapeSniffer};

/// Text before an answer's first readable character that waits for the decision about a label, in bytes. An answer that begins with
/// more space than that is taken for prose.
const WAITING_BYTES_MAX: usize = 4096;

/// The state of one choice. Channels are named by their place in the guard's list.
pub(super) struct Choice {
    pub(super) index: u32,
    pub(super) sniffer: ShapeSniffer,
    pub(super) is_labelled: bool,
    pub(super) is_waived: bool,
    pub(super) is_finished: bool,
    pub(super) is_blocked: bool,
    /// Text of the answer came in.
    pub(super) has_begun: bool,
    /// A tool call came before any text of the answer.
    pub(super) is_tool_first: bool,
    /// The last channel of the answer that delivered anything: a label after the answer follows it.
    pub(super) answer: Option<usize>,
    /// The beginning of an answer that does not tell yet whether a label stands before it, by channel.
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
    pub(super) fn new(index: u32, is_waived: bool) -> Self {
        Self {
            index,
            sniffer: ShapeSniffer::new(),
            is_labelled: false,
            is_waived,
            is_finished: false,
            is_blocked: false,
            has_begun: false,
            is_tool_first: false,
            answer: None,
            waiting: Vec::new(),
        }
    }

    /// Whether nothing more of it is delivered.
    pub(super) const fn is_closed(&self) -> bool {
        self.is_finished || self.is_blocked
    }

    /// Follows `text` of the answer in channel `place`.
    pub(super) fn follow(&mut self, place: usize, text: &str, placement: Placement) -> Before {
        self.sniffer.push(text);
        self.answer = self.answer.max(Some(place));
        if placement != Placement::Prefix || self.is_labelled || self.is_waived {
            return Before::Settled;
        }
        let waiting: usize = self.waiting.iter().map(|(_, text)| text.len()).sum();
        match self.sniffer.shape() {
            _ if self.is_tool_first => Before::Waive,
            Some(Shape::Prose) => Before::Label,
            Some(Shape::Structured) => Before::Waive,
            None if waiting.saturating_add(text.len()) > WAITING_BYTES_MAX => Before::Label,
            None => Before::Wait,
        }
    }

    /// The decision about a label before the answer, now that no more of it comes.
    pub(super) fn settle(&self) -> Before {
        if self.waiting.is_empty() {
            Before::Settled
        } else if self.sniffer.has_text() && !self.is_tool_first {
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
