//! One channel: a string that grows over the chunks of a stream.

use operations::ContentHasher;
use wire::{ChannelPath, ChannelRoot};

use super::{logprobs::Queue, restore::Restorer};

/// Whether a channel is the answer that the person reads: what a label belongs to.
pub(super) fn is_answer(path: &ChannelPath) -> bool {
    path.is_content() && path.root() != ChannelRoot::Envelope
}

/// The state of one channel.
pub(super) struct Channel {
    pub(super) choice: u32,
    pub(super) path: ChannelPath,
    /// The text that it is part of, by its place in the guard's list.
    pub(super) flow: usize,
    pub(super) hasher: ContentHasher,
    /// Says values again; boxed, since few prompts have any.
    pub(super) restorer: Option<Box<Restorer>>,
    /// Chunks that wait for their text.
    pub(super) queue: Queue,
    /// Whether anything left.
    pub(super) has_delivered: bool,
    /// The beginning of what was delivered, for the evidence of a decision.
    pub(super) delivered: String,
}

/// Most of an answer that is remembered for evidence, in bytes. Part of the memory of each open stream.
const DELIVERED_BYTES_MAX: usize = 16 * 1024;

impl Channel {
    pub(super) fn new(choice: u32, path: ChannelPath, flow: usize, hasher: ContentHasher) -> Self {
        Self {
            choice,
            path,
            flow,
            hasher,
            restorer: None,
            queue: Queue::default(),
            has_delivered: false,
            delivered: String::new(),
        }
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
