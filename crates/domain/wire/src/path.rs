//! Which text channel of an answer a string belongs to.
//!
//! Chunks of a stream carry pieces of several texts: the answer, the reasoning, the arguments of each tool call,
//! whatever a vendor invents. Two pieces belong together when choice and [`ChannelPath`] are equal.

use std::fmt;
use std::sync::Arc;

/// The object in which a channel's path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelRoot {
    /// `choices[*].delta`, of a stream.
    Delta,
    /// `choices[*].message`, of a whole answer.
    Message,
    /// The choice itself: `text` of the old completions, and vendors' fields.
    Choice,
    /// The top level of the answer: vendors' fields outside `choices`.
    Envelope,
}

impl ChannelRoot {
    /// The key of the object, where it is below a choice.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        match self {
            Self::Delta => Some("delta"),
            Self::Message => Some("message"),
            Self::Choice | Self::Envelope => None,
        }
    }
}

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into a member of an object.
    Key(Arc<str>),
    /// Into an item of an array: the item's own `index`, else its position.
    Index(u32),
}

impl Step {
    /// A step into a member.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self::Key(Arc::from(key))
    }
}

/// What a channel's text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelKind {
    /// What the person reads as the answer: `content`, also in parts, and `text` of the old completions.
    Content,
    /// What the model says to itself: `reasoning_content`, `reasoning`, `thinking`.
    Reasoning,
    /// `refusal`.
    Refusal,
    /// The arguments of a tool or function call.
    ToolArguments,
    /// The name of a tool or function.
    ToolName,
    /// Anything else.
    Other,
}

/// The way from a [`ChannelRoot`] to a string.
///
/// The usual paths cost no allocation, and each path has one form only, so it serves as a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelPath {
    root: ChannelRoot,
    steps: Steps,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Steps {
    Content,
    ReasoningContent,
    Reasoning,
    Refusal,
    Text,
    ToolArguments(u32),
    ToolName(u32),
    Other(Arc<[Step]>),
}

/// A step that borrows its key, while a path is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StepRef<'a> {
    Key(&'a str),
    Index(u32),
}

impl ChannelPath {
    /// The path of those steps.
    #[must_use]
    pub fn new(root: ChannelRoot, steps: &[Step]) -> Self {
        let borrowed: Vec<StepRef<'_>> = steps
            .iter()
            .map(|step| match step {
                Step::Key(key) => StepRef::Key(key),
                Step::Index(index) => StepRef::Index(*index),
            })
            .collect();
        Self::from_refs(root, &borrowed)
    }

    /// The path of the answer's text in a stream: `delta.content`.
    #[must_use]
    pub const fn delta_content() -> Self {
        Self { root: ChannelRoot::Delta, steps: Steps::Content }
    }

    /// The path of the answer's text in a whole answer: `message.content`.
    #[must_use]
    pub const fn message_content() -> Self {
        Self { root: ChannelRoot::Message, steps: Steps::Content }
    }

    pub(crate) fn from_refs(root: ChannelRoot, steps: &[StepRef<'_>]) -> Self {
        use StepRef::{Index, Key};
        let steps = match steps {
            [Key("content")] => Steps::Content,
            [Key("reasoning_content")] => Steps::ReasoningContent,
            [Key("reasoning")] => Steps::Reasoning,
            [Key("refusal")] => Steps::Refusal,
            [Key("text")] => Steps::Text,
            [Key("tool_calls"), Index(call), Key("function"), Key("arguments")] => {
                Steps::ToolArguments(*call)
            }
            [Key("tool_calls"), Index(call), Key("function"), Key("name")] => Steps::ToolName(*call),
            other => Steps::Other(
                other
                    .iter()
                    .map(|step| match step {
                        Key(key) => Step::key(key),
                        Index(index) => Step::Index(*index),
                    })
                    .collect(),
            ),
        };
        Self { root, steps }
    }

    /// Where the path begins.
    #[must_use]
    pub const fn root(&self) -> ChannelRoot {
        self.root
    }

    /// The steps from the root to the string.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let key = |key: &str| vec![Step::key(key)];
        let call = |index: u32, last: &str| {
            vec![Step::key("tool_calls"), Step::Index(index), Step::key("function"), Step::key(last)]
        };
        match &self.steps {
            Steps::Content => key("content"),
            Steps::ReasoningContent => key("reasoning_content"),
            Steps::Reasoning => key("reasoning"),
            Steps::Refusal => key("refusal"),
            Steps::Text => key("text"),
            Steps::ToolArguments(index) => call(*index, "arguments"),
            Steps::ToolName(index) => call(*index, "name"),
            Steps::Other(steps) => steps.to_vec(),
        }
    }

    /// What the channel's text is for.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        match &self.steps {
            Steps::Content => ChannelKind::Content,
            Steps::ReasoningContent | Steps::Reasoning => ChannelKind::Reasoning,
            Steps::Refusal => ChannelKind::Refusal,
            Steps::Text if self.root == ChannelRoot::Choice => ChannelKind::Content,
            Steps::Text => ChannelKind::Other,
            Steps::ToolArguments(_) => ChannelKind::ToolArguments,
            Steps::ToolName(_) => ChannelKind::ToolName,
            Steps::Other(steps) => kind_of(steps),
        }
    }

    /// Whether its text is a tool's name, which cannot be masked and still call the tool.
    #[must_use]
    pub fn is_name(&self) -> bool {
        self.kind() == ChannelKind::ToolName
    }

    /// Which part of `content` it lies in, where that comes in parts.
    #[must_use]
    pub fn part(&self) -> Option<u32> {
        match &self.steps {
            Steps::Other(steps) => match steps.as_ref() {
                [Step::Key(key), Step::Index(index), ..] if key.as_ref() == "content" => Some(*index),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether its text is the answer that the person reads.
    #[must_use]
    pub fn is_content(&self) -> bool {
        self.kind() == ChannelKind::Content
    }
}

fn kind_of(steps: &[Step]) -> ChannelKind {
    let key = |at: usize| match steps.get(at) {
        Some(Step::Key(key)) => key.as_ref(),
        _ => "",
    };
    let last = key(steps.len().saturating_sub(1));
    match key(0) {
        "content" if steps.len() == 2 && matches!(steps.get(1), Some(Step::Index(_))) => ChannelKind::Content,
        "content" if steps.len() == 3 && last == "text" => ChannelKind::Content,
        "content" if steps.len() == 4 && key(2) == "text" && last == "value" => ChannelKind::Content,
        "content" if steps.len() == 3 && last == "refusal" => ChannelKind::Refusal,
        "content" if steps.len() == 3 && matches!(last, "thinking" | "reasoning") => ChannelKind::Reasoning,
        "thinking" | "reasoning_details" | "reasoning" | "thinking_blocks" => ChannelKind::Reasoning,
        "function_call" if steps.len() == 2 && last == "name" => ChannelKind::ToolName,
        "function_call" => ChannelKind::ToolArguments,
        "tool_calls" if steps.len() == 4 && last == "name" => ChannelKind::ToolName,
        "tool_calls" => ChannelKind::ToolArguments,
        _ => ChannelKind::Other,
    }
}

impl fmt::Display for ChannelPath {
    /// `delta.tool_calls[0].function.arguments`; for logs and error messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.root {
            ChannelRoot::Delta => "delta",
            ChannelRoot::Message => "message",
            ChannelRoot::Choice => "choice",
            ChannelRoot::Envelope => "answer",
        })?;
        for step in self.steps() {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
