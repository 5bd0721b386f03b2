//! The rules that an answer is guarded with, and in which situation its texts are.

use std::sync::Arc;

use safety::{Audience, Capability, Checked, Engine, Situation, Stream};
use terms::Direction;
use wire::{ChannelKind, ChannelPath};

/// The engine and for whom the answer is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The rules.
    pub engine: Arc<Engine>,
    /// For whom the answer is.
    pub audience: Audience,
    /// Whether the answer has to be JSON (`response_format`), so that a program reads it.
    pub is_structured: bool,
    /// Whether a stream blocks what a guard model would be asked about.
    pub blocks_asked: bool,
}

impl Rules {
    /// Rules for an answer in prose that anyone may read, which asks no guard.
    #[must_use]
    pub const fn new(engine: Arc<Engine>) -> Self {
        Self { engine, audience: Audience::Adult, is_structured: false, blocks_asked: false }
    }

    /// The situation of the text at a path of the answer.
    pub(super) fn situation(&self, path: &ChannelPath) -> Situation {
        let is_tool = path.kind() == ChannelKind::ToolArguments || (self.is_structured && path.is_content());
        self.of(if is_tool { Capability::Tool } else { Capability::Text })
    }

    /// Whether the text at that path is JSON.
    pub(super) fn is_json(&self, path: &ChannelPath) -> bool {
        self.situation(path).capability == Capability::Tool
    }

    /// A guard for the text at a path of a stream.
    pub(super) fn stream(&self, path: &ChannelPath) -> Stream {
        let stream = self.engine.stream(self.situation(path));
        if self.blocks_asked { stream.without_guard() } else { stream }
    }

    /// Checks a text that stands by itself: a name, a token, an error.
    pub(super) fn check(&self, text: &str) -> Checked {
        self.engine.check(text, self.of(Capability::Text))
    }

    const fn of(&self, capability: Capability) -> Situation {
        Situation { direction: Direction::Output, audience: self.audience, capability }
    }
}
