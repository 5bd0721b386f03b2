//! The words on which the demo model misbehaves.

/// The phrase that the starter rules block, harmless in itself, so that a block can be shown and tested.
pub const BLOCKED_PHRASE: &str = "朱砂测试违禁词";

/// A way to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cue {
    /// Drifts into [`BLOCKED_PHRASE`].
    Drift,
    /// Stops without ending.
    Stall,
    /// Breaks off.
    Break,
    /// Answers with status 500.
    Error,
    /// Sends an event that is not JSON.
    Garbage,
    /// Answers in JSON.
    Json,
    /// Calls a tool.
    Tool,
    /// Answers in code.
    Code,
    /// Reasons first.
    Reasoning,
    /// Answers with the whole handbook.
    Long,
}

impl Cue {
    /// All of them with their words.
    pub const ALL: [(&'static str, Self); 10] = [
        ("demo:drift", Self::Drift),
        ("demo:stall", Self::Stall),
        ("demo:break", Self::Break),
        ("demo:error", Self::Error),
        ("demo:garbage", Self::Garbage),
        ("demo:json", Self::Json),
        ("demo:tool", Self::Tool),
        ("demo:code", Self::Code),
        ("demo:reasoning", Self::Reasoning),
        ("demo:long", Self::Long),
    ];

    /// The first word of the list that stands in `text`, in either case and also with a full-width colon.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let text = text.to_lowercase().replace('：', ":");
        Self::ALL.iter().find(|(word, _)| text.contains(word)).map(|(_, cue)| *cue)
    }
}
