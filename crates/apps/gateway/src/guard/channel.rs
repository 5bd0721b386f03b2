//! One channel: a string that grows over the chunks of a stream.

use operations::ContentHasher;
use safety::{Status, Stream, Verdict};
use wire::{ChannelKind, ChannelPath, ChannelRoot};

use super::{logprobs::Queue, structured::JsonText};

/// Whether a channel is the answer that the person reads: what a label belongs to.
pub(super) fn is_answer(path: &ChannelPath) -> bool {
    path.is_content() && path.root() != ChannelRoot::Envelope
}

/// The state of one channel.
pub(super) struct Channel {
    pub(super) choice: u32,
    pub(super) path: ChannelPath,
    pub(super) stream: Stream,
    pub(super) hasher: ContentHasher,
    /// Chunks that wait for their text.
    pub(super) queue: Queue,
    /// For channels that hold JSON: whether a mask still leaves it JSON.
    json: Option<JsonText>,
    /// Whether anything left.
    pub(super) has_delivered: bool,
    /// The beginning of what was delivered, for the evidence of a decision.
    pub(super) delivered: String,
    finished: bool,
}

/// Most of an answer that is remembered for evidence, in bytes. Part of the memory of each open stream.
const DELIVERED_BYTES_MAX: usize = 16 * 1024;

/// What a channel lets go.
pub(super) enum Step {
    /// The text in the buffer may leave.
    Open,
    /// A rule blocks: what is in the buffer lies before the span and may leave, nothing after it.
    Blocked,
    /// A mask would break the JSON it stands in (design 9.9): nothing of the buffer may leave.
    BrokenJson,
}

impl Channel {
    pub(super) fn new(
        choice: u32,
        path: ChannelPath,
        stream: Stream,
        hasher: ContentHasher,
        is_json: bool,
    ) -> Self {
        let json = (is_json || path.kind() == ChannelKind::ToolArguments).then(JsonText::default);
        Self {
            choice,
            path,
            stream,
            hasher,
            queue: Queue::default(),
            json,
            has_delivered: false,
            delivered: String::new(),
            finished: false,
        }
    }

    /// Takes the next piece; what may leave is appended to `released`.
    pub(super) fn push(&mut self, piece: &str, released: &mut String) -> Step {
        if self.finished {
            // Text after its end is dropped: the span check ended with it.
            return Step::Open;
        }
        let from = released.len();
        let status = self.stream.push(piece, released);
        self.decide(released, from, matches!(status, Status::Blocked))
    }

    /// No more comes: decides what was held.
    pub(super) fn finish(&mut self, released: &mut String) -> Step {
        if self.finished {
            return Step::Open;
        }
        self.finished = true;
        let from = released.len();
        let is_blocked = self.stream.finish(released).is_blocked();
        self.decide(released, from, is_blocked)
    }

    fn decide(&mut self, released: &mut String, from: usize, is_blocked: bool) -> Step {
        if let Some(json) = &mut self.json
            && !json.push(released.get(from..).unwrap_or_default())
        {
            released.truncate(from);
            self.finished = true;
            return Step::BrokenJson;
        }
        if is_blocked {
            self.finished = true;
            return Step::Blocked;
        }
        Step::Open
    }

    /// Takes `text` as delivered: into the commitment, and into what evidence remembers. Called in the order of delivery.
    pub(super) fn sent(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.hasher.push(text);
        self.has_delivered = true;
        let room = DELIVERED_BYTES_MAX.saturating_sub(self.delivered.len());
        if room > 0 {
            self.delivered.push_str(&crate::prompt::cut(text, room));
        }
    }

    /// Takes our label as delivered.
    pub(super) fn labelled(&mut self, label: &str) {
        self.hasher.push_label(label);
        self.has_delivered = true;
    }

    pub(super) fn is_of(&self, choice: u32, path: &ChannelPath) -> bool {
        self.choice == choice && self.path == *path
    }

    pub(super) fn verdict(&self) -> &Verdict {
        self.stream.verdict()
    }

    /// The channel's name in entries and proofs.
    pub(super) fn name(path: &ChannelPath) -> String {
        let mut name = String::new();
        for step in path.steps() {
            match step {
                wire::Step::Key(key) => {
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(&key);
                }
                wire::Step::Index(index) => name.push_str(&format!("[{index}]")),
            }
        }
        // The ledger takes names of at most 256 bytes.
        crate::prompt::cut(&name, 200)
    }
}
