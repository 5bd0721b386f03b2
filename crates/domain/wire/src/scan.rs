//! What a gateway must know of an answer: every readable string, and the few fields that steer.
//!
//! [`scan`] reads one chunk of a stream or one whole answer. Every string in it is a [`Slot`], unless it is one of the
//! non-text fields of [`field`]: so a field that a vendor invents tomorrow is guarded without a change here. Log
//! probabilities and token lists repeat the text in another form; they are reported as [`Shadow`]s, to be held back
//! or blanked with it.

pub mod field;

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{DEPTH_MAX, Document, DocumentError, DocumentLimits, Kind, Value};
use crate::path::{ChannelPath, ChannelRoot, StepRef};

/// The largest number of readable strings in one answer. A chunk has one or two; the search results that some
/// vendors attach have hundreds.
pub const SLOTS_MAX: usize = 16_384;

/// Why an answer cannot be guarded, and so must not be passed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// It is not JSON within the limits.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is JSON, but not an object.
    #[error("answer is not a JSON object")]
    NotAnObject,
    /// It has more readable strings than are followed.
    #[error("more than {limit} strings in one answer")]
    TooManySlots {
        /// The limit.
        limit: usize,
    },
}

/// One readable string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// The `index` of its choice, else the choice's position; 0 for the envelope.
    pub choice: u32,
    /// Which text it continues.
    pub path: ChannelPath,
    /// The string literal with its quotes.
    pub literal: Range<usize>,
    /// The decoded text.
    pub text: Cow<'a, str>,
    /// It is the name of a tool.
    pub is_name: bool,
    /// The literal has half a surrogate pair, which is U+FFFD in `text`. A reader that joins texts by their UTF-16 units
    /// could make a character of two halves that nobody checked: do not pass on the literal as it is.
    pub is_lossy: bool,
}

/// A value that repeats text in another form: `logprobs`, token ids, token bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// The choice it lies in; `None` at the top level.
    pub choice: Option<u32>,
    /// The value; replacing it by `null` blanks it.
    pub value: Range<usize>,
}

/// What steers in one choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// Its `index`, else its position.
    pub index: u32,
    /// The object.
    pub range: Range<usize>,
    /// The value of `delta` or `message`, where it is an object.
    pub body: Option<Range<usize>>,
    /// `finish_reason`, where it is a string.
    pub finish_reason: Option<Cow<'a, str>>,
    /// The value of `finish_reason`, also when it is `null`.
    pub finish_range: Option<Range<usize>>,
    /// It carries tool calls or a function call.
    pub has_tool_calls: bool,
}

/// Token counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer.
    pub completion_tokens: Option<u64>,
    /// The value of `usage`.
    pub range: Range<usize>,
}

/// What one chunk or one whole answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan<'a> {
    /// Every readable string, in document order.
    pub slots: Vec<Slot<'a>>,
    /// The choices, in document order.
    pub choices: Vec<Choice<'a>>,
    /// What the non-text fields say beyond the interface's own words: ids, the model's name. Names, not texts; but whoever
    /// writes them may write anything.
    pub names: Vec<Cow<'a, str>>,
    /// The keys that are not the interface's own, likewise. Those of [`Scan::shadows`] are not among them.
    pub keys: Vec<Cow<'a, str>>,
    /// Values to hold back or blank with their text.
    pub shadows: Vec<Shadow>,
    /// Token counts, where the answer has them.
    pub usage: Option<Usage>,
    /// The value of `id`.
    pub id: Option<Range<usize>>,
    /// The value of `model`.
    pub model: Option<Range<usize>>,
    /// The value of `created`.
    pub created: Option<Range<usize>>,
    /// The value of `choices`, where it is an array.
    pub choices_range: Option<Range<usize>>,
    /// The value of a top-level `error` that is not `null`.
    pub error: Option<Range<usize>>,
    /// Where the closing brace of the answer stands.
    pub closing_brace: usize,
    /// Some object has a key twice. Readers differ in which one they show, so neither can be trusted: treat the
    /// answer as broken.
    pub has_duplicate_keys: bool,
    /// A key on the way to a text is the interface's own but for its case (`Content`). Some readers join it with the text of that
    /// key: treat the answer as broken.
    pub has_other_case: bool,
    /// A choice, or an item of a list in a delta, has an `index` that is no small whole number. Clients put pieces together by
    /// it, each in its own way: treat the answer as broken.
    pub has_odd_index: bool,
}

impl Scan<'_> {
    /// Whether the answer has log probabilities or tokens beside its text.
    #[must_use]
    pub fn has_logprobs(&self) -> bool {
        !self.shadows.is_empty()
    }

    /// Whether any choice ends here.
    #[must_use]
    pub fn has_finish(&self) -> bool {
        self.choices.iter().any(|choice| choice.finish_reason.is_some())
    }

    /// Whether nothing of it can be read by a person.
    #[must_use]
    pub fn has_no_text(&self) -> bool {
        self.slots.iter().all(|slot| slot.text.is_empty())
    }
}

/// Reads one chunk or one whole answer.
///
/// # Errors
/// [`ScanError`]; what cannot be read cannot be guarded.
pub fn scan(json: &[u8]) -> Result<Scan<'_>, ScanError> {
    let document = Document::parse(json, DocumentLimits::default())?;
    let root = document.root();
    if root.kind() != Kind::Object {
        return Err(ScanError::NotAnObject);
    }
    let mut scan = Scan {
        slots: Vec::with_capacity(2),
        names: Vec::with_capacity(4),
        keys: Vec::new(),
        choices: Vec::with_capacity(1),
        shadows: Vec::new(),
        usage: None,
        id: None,
        model: None,
        created: None,
        choices_range: None,
        error: None,
        closing_brace: root.range().end.saturating_sub(1),
        has_duplicate_keys: document.duplicate_key().is_some(),
        has_odd_index: false,
        has_other_case: false,
    };
    for member in root.children() {
        scan.envelope_member(root, member)?;
    }
    scan.read_keys(root);
    Ok(scan)
}

impl<'a> Scan<'a> {
    fn envelope_member(&mut self, root: Value<'_, 'a>, member: Value<'_, 'a>) -> Result<(), ScanError> {
        let key = member.key();
        if matches!(key.as_ref(), "id" | "model" | "created") && !is_container(member) {
            self.name(member.as_str());
        }
        match key.as_ref() {
            "id" if !is_container(member) => self.id = Some(member.range()),
            "model" if !is_container(member) => self.model = Some(member.range()),
            "created" if !is_container(member) => self.created = Some(member.range()),
            "choices" if member.kind() == Kind::Array => {
                self.choices_range = Some(member.range());
                for choice in member.children() {
                    self.choice(choice)?;
                }
            }
            "usage" if member.kind() == Kind::Object => {
                let count = |key: &str| member.get(key).and_then(Value::as_u64);
                self.usage = Some(Usage {
                    prompt_tokens: count("prompt_tokens"),
                    completion_tokens: count("completion_tokens"),
                    range: member.range(),
                });
                self.texts(ChannelRoot::Envelope, 0, root, member)?;
            }
            other => {
                if other == "error" && !member.is_null() {
                    self.error = Some(member.range());
                }
                if field::is_shadow(other) {
                    self.shadow(None, member);
                } else {
                    self.texts(ChannelRoot::Envelope, 0, root, member)?;
                }
            }
        }
        Ok(())
    }

    fn choice(&mut self, value: Value<'_, 'a>) -> Result<(), ScanError> {
        let index = value.own_index().unwrap_or(value.position());
        self.has_odd_index |= has_odd_index(value);
        let mut choice = Choice {
            index,
            range: value.range(),
            body: None,
            finish_reason: None,
            finish_range: None,
            has_tool_calls: false,
        };
        if value.kind() == Kind::String {
            self.texts(ChannelRoot::Choice, index, value, value)?;
        }
        for member in value.children() {
            let key = member.key();
            match (key.as_ref(), member.kind()) {
                ("finish_reason", kind) if !is_container(member) => {
                    choice.finish_range = Some(member.range());
                    if kind == Kind::String {
                        choice.finish_reason = member.as_str();
                        self.name(member.as_str());
                    }
                }
                ("delta", Kind::Object) => self.body(&mut choice, ChannelRoot::Delta, member)?,
                ("message", Kind::Object) => self.body(&mut choice, ChannelRoot::Message, member)?,
                (key, _) if field::is_shadow(key) => self.shadow(Some(index), member),
                _ => self.texts(ChannelRoot::Choice, index, value, member)?,
            }
        }
        self.choices.push(choice);
        Ok(())
    }

    fn body(
        &mut self,
        choice: &mut Choice<'a>,
        root: ChannelRoot,
        body: Value<'_, 'a>,
    ) -> Result<(), ScanError> {
        choice.body = Some(body.range());
        for member in body.children() {
            let key = member.key();
            match key.as_ref() {
                "tool_calls" if !member.is_empty() => choice.has_tool_calls = true,
                "function_call" if !member.is_null() => choice.has_tool_calls = true,
                _ => {}
            }
            if field::is_shadow(&key) {
                self.shadow(Some(choice.index), member);
            } else {
                self.texts(root, choice.index, body, member)?;
            }
        }
        Ok(())
    }

    fn shadow(&mut self, choice: Option<u32>, value: Value<'_, 'a>) {
        if !value.is_null() {
            self.shadows.push(Shadow { choice, value: value.range() });
        }
    }

    /// Makes a slot of each string in `value`, whose paths begin in `base`.
    fn texts(
        &mut self,
        root: ChannelRoot,
        choice: u32,
        base: Value<'_, 'a>,
        value: Value<'_, 'a>,
    ) -> Result<(), ScanError> {
        for string in value.strings() {
            // Nearly all strings lie directly in the delta, and their path is their key.
            if string.parent().is_some_and(|parent| parent.is_same(base) && parent.kind() == Kind::Object) {
                self.slot(root, choice, string, &[StepRef::Key(&string.key())])?;
                continue;
            }
            let mut keys: [Cow<'_, str>; DEPTH_MAX] = [const { Cow::Borrowed("") }; DEPTH_MAX];
            let mut nodes = [string; DEPTH_MAX];
            let depth = way_up(string, base, &mut nodes);
            for (key, node) in keys.iter_mut().zip(nodes.iter()).take(depth) {
                *key = node.key();
            }
            let mut steps = [StepRef::Index(0); DEPTH_MAX];
            // The way was climbed from the string upwards; the path reads downwards.
            let climbed = nodes.iter().zip(keys.iter()).take(depth).rev();
            for (step, (node, key)) in steps.iter_mut().zip(climbed) {
                let is_member = node.parent().is_some_and(|parent| parent.kind() == Kind::Object);
                *step = if is_member {
                    StepRef::Key(key)
                } else {
                    self.has_odd_index |= root == ChannelRoot::Delta && has_odd_index(*node);
                    StepRef::Index(item_number(root, *node, base))
                };
            }
            self.slot(root, choice, string, steps.get(..depth).unwrap_or(&[]))?;
        }
        Ok(())
    }

    fn slot(
        &mut self,
        root: ChannelRoot,
        choice: u32,
        string: Value<'_, 'a>,
        steps: &[StepRef<'_>],
    ) -> Result<(), ScanError> {
        self.has_other_case |= field::is_in_other_case(root, steps);
        if field::is_not_text(root, steps) {
            self.name(string.as_str());
            return Ok(());
        }
        if field::is_opaque_place(root, steps) {
            self.name(string.as_str().filter(|value| !field::is_encoded(value)));
            return Ok(());
        }
        if self.slots.len() >= SLOTS_MAX {
            return Err(ScanError::TooManySlots { limit: SLOTS_MAX });
        }
        let path = ChannelPath::from_refs(root, steps);
        let text = string.as_str().unwrap_or_default();
        self.slots.push(Slot {
            choice,
            is_name: path.is_name(),
            path,
            literal: string.range(),
            is_lossy: matches!(&text, Cow::Owned(text) if text.contains(char::REPLACEMENT_CHARACTER)),
            text,
        });
        Ok(())
    }

    fn name(&mut self, value: Option<Cow<'a, str>>) {
        self.names.extend(value.filter(|value| !field::is_own_word(value)));
    }

    fn read_keys(&mut self, root: Value<'_, 'a>) {
        let shadows = &self.shadows;
        let is_shadow = |at: usize| shadows.iter().any(|shadow| shadow.value.contains(&at));
        self.keys.extend(
            root.descendants()
                .map(|value| (value.key(), value))
                .filter(|(key, value)| !field::is_own_key(key) && !is_shadow(value.range().start))
                .map(|(key, _)| key),
        );
    }
}

/// Whether an object has an `index` that [`Value::own_index`] does not take.
fn has_odd_index(object: Value<'_, '_>) -> bool {
    object.own_index().is_none() && object.get("index").is_some_and(|index| !index.is_null())
}

fn is_container(value: Value<'_, '_>) -> bool {
    matches!(value.kind(), Kind::Array | Kind::Object)
}

/// What an item of an array is called in paths: its own `index`, else its position.
///
/// A chunk of a stream lists the parts that it adds to `content`. Without an `index` of their own clients append them, so that
/// they continue one text whatever their position in the chunk.
fn item_number(root: ChannelRoot, item: Value<'_, '_>, base: Value<'_, '_>) -> u32 {
    let is_added_part = || {
        root == ChannelRoot::Delta
            && item.parent().is_some_and(|list| {
                list.key() == "content" && list.parent().is_some_and(|parent| parent.is_same(base))
            })
    };
    item.own_index().unwrap_or_else(|| if is_added_part() { 0 } else { item.position() })
}

/// Fills `nodes` with the values from `string` up to, but without, `base`; gives their number.
fn way_up<'d, 'a>(
    string: Value<'d, 'a>,
    base: Value<'_, '_>,
    nodes: &mut [Value<'d, 'a>; DEPTH_MAX],
) -> usize {
    let mut depth = 0;
    let mut at = string;
    for slot in nodes {
        if at.is_same(base) {
            break;
        }
        *slot = at;
        depth += 1;
        let Some(parent) = at.parent() else { break };
        at = parent;
    }
    depth
}
