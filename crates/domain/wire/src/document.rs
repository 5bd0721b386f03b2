//! A strict, non-recursive JSON reader that keeps the byte range of every value.
//!
//! The document is a flat list of nodes in document order: a container's descendants follow it without a gap, so
//! "everything below this value" is a range. Nesting is bounded by [`DocumentLimits::depth_max`] and kept in parent
//! links, not on the call stack.

mod reader;
mod string;

use std::borrow::Cow;
use std::ops::Range;

pub use string::{unescape, write_escaped};

/// How much of a document is read before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// The deepest nesting of arrays and objects.
    pub depth_max: usize,
    /// The largest number of values. It bounds memory: a value costs about 40 bytes.
    pub values_max: usize,
}

impl Default for DocumentLimits {
    /// 64 levels are twice what any known chat interface nests, and 262 144 values hold a long conversation with
    /// large tool schemas in about 10 MiB.
    fn default() -> Self {
        Self { depth_max: DEPTH_MAX, values_max: 262_144 }
    }
}

/// The deepest nesting that any limit may allow; paths are kept in arrays of this length.
pub const DEPTH_MAX: usize = 64;

/// Why bytes are not a document that we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The bytes are not UTF-8.
    #[error("invalid UTF-8 at byte {at}")]
    Utf8 {
        /// Where the first wrong byte lies.
        at: usize,
    },
    /// The bytes are not JSON.
    #[error("invalid JSON at byte {at}: expected {expected}")]
    Syntax {
        /// Where reading stopped.
        at: usize,
        /// What would have been right there.
        expected: &'static str,
    },
    /// Arrays and objects are nested too deeply.
    #[error("nested deeper than {limit} levels at byte {at}")]
    TooDeep {
        /// Where the level too many begins.
        at: usize,
        /// The limit.
        limit: usize,
    },
    /// There are too many values, or the document is 4 GiB or longer.
    #[error("more than {limit} values")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// No node: the parent of the root, and the `own_index` of what has none.
const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    /// The string, or its key, has a backslash and must be decoded.
    is_escaped: bool,
    is_key_escaped: bool,
    start: u32,
    end: u32,
    /// The key's literal without quotes; empty outside objects.
    key_start: u32,
    key_end: u32,
    parent: u32,
    /// The first node after this one and all its descendants.
    after: u32,
    /// Which child of its parent this is.
    position: u32,
    /// Containers: how many children.
    children: u32,
    /// Objects: the value of a member `index` that is a small integer.
    own_index: u32,
}

/// A read document over borrowed bytes.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    duplicate: Option<usize>,
}

impl<'a> Document<'a> {
    /// Reads `json`, which must be exactly one value with white space around it.
    ///
    /// # Errors
    /// [`DocumentError`] for everything that RFC 8259 does not allow, and past the limits. A surrogate escape
    /// without its pair is allowed, since real models send them; it decodes as U+FFFD.
    pub fn parse(json: &'a [u8], limits: DocumentLimits) -> Result<Self, DocumentError> {
        reader::parse(json, limits)
    }

    /// The one value that the document is.
    #[must_use]
    pub fn root(&self) -> Value<'_, 'a> {
        Value { document: self, at: 0 }
    }

    /// The byte position of a key that its object already had, where there is one.
    ///
    /// Readers differ in which of the two they believe, so text could hide behind the other one.
    #[must_use]
    pub fn duplicate_key(&self) -> Option<usize> {
        self.duplicate
    }

    /// The document's text.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    fn slice(&self, start: u32, end: u32) -> &'a str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }
}

/// One value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d, 'a> {
    document: &'d Document<'a>,
    at: u32,
}

impl<'d, 'a> Value<'d, 'a> {
    fn node(self) -> Option<&'d Node> {
        self.document.nodes.get(self.at as usize)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().map_or(Kind::Null, |node| node.kind)
    }

    /// Its bytes: a string's with the quotes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.node().map_or(0..0, |node| node.start as usize..node.end as usize)
    }

    /// Its bytes as text.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.node().map_or("", |node| self.document.slice(node.start, node.end))
    }

    /// The decoded text of a string.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let node = self.node().filter(|node| node.kind == Kind::String)?;
        let inner = self.document.slice(node.start.saturating_add(1), node.end.saturating_sub(1));
        Some(if node.is_escaped { unescape(inner) } else { Cow::Borrowed(inner) })
    }

    /// A whole number without sign, fraction or exponent.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        if self.kind() == Kind::Number { self.raw().parse().ok() } else { None }
    }

    /// A truth value.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The members of an object or the items of an array, in order; nothing for other values.
    #[must_use]
    pub fn children(self) -> Children<'d, 'a> {
        let end = self.node().map_or(self.at, |node| node.after);
        Children { document: self.document, next: self.at.saturating_add(1), end }
    }

    /// How many children it has.
    #[must_use]
    pub fn len(self) -> usize {
        self.node().map_or(0, |node| node.children as usize)
    }

    /// Whether it has no children.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The first member of that name.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'d, 'a>> {
        if self.kind() != Kind::Object {
            return None;
        }
        self.children().find(|member| member.key() == key)
    }

    /// Its decoded key; empty for what is not a member of an object.
    #[must_use]
    pub fn key(self) -> Cow<'a, str> {
        let Some(node) = self.node() else { return Cow::Borrowed("") };
        let inner = self.document.slice(node.key_start, node.key_end);
        if node.is_key_escaped { unescape(inner) } else { Cow::Borrowed(inner) }
    }

    /// Where the member begins: the opening quote of its key, or the value itself outside objects.
    #[must_use]
    pub fn member_start(self) -> usize {
        let Some(node) = self.node() else { return 0 };
        if node.key_start == 0 { node.start as usize } else { (node.key_start as usize).saturating_sub(1) }
    }

    /// Which child of its parent it is.
    #[must_use]
    pub fn position(self) -> u32 {
        self.node().map_or(0, |node| node.position)
    }

    /// What an object calls its own place: its member `index`, where that is a small whole number.
    #[must_use]
    pub fn own_index(self) -> Option<u32> {
        self.node().map(|node| node.own_index).filter(|index| *index != NONE)
    }

    /// The array or object it lies in.
    #[must_use]
    pub fn parent(self) -> Option<Value<'d, 'a>> {
        let parent = self.node()?.parent;
        (parent != NONE).then_some(Value { document: self.document, at: parent })
    }

    /// It and everything below it that is a string, in document order.
    pub fn strings(self) -> impl Iterator<Item = Value<'d, 'a>> {
        let first = std::iter::once(self);
        first.chain(self.descendants()).filter(|value| value.kind() == Kind::String)
    }

    /// Everything below it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Value<'d, 'a>> {
        let end = self.node().map_or(self.at, |node| node.after);
        let document = self.document;
        (self.at.saturating_add(1)..end).map(move |at| Value { document, at })
    }

    /// Whether both are the same value of the same document.
    #[must_use]
    pub fn is_same(self, other: Value<'_, '_>) -> bool {
        self.at == other.at
    }
}

/// The children of a value.
#[derive(Clone, Debug)]
pub struct Children<'d, 'a> {
    document: &'d Document<'a>,
    next: u32,
    end: u32,
}

impl<'d, 'a> Iterator for Children<'d, 'a> {
    type Item = Value<'d, 'a>;

    fn next(&mut self) -> Option<Value<'d, 'a>> {
        if self.next >= self.end {
            return None;
        }
        let value = Value { document: self.document, at: self.next };
        self.next = value.node().map_or(self.end, |node| node.after);
        Some(value)
    }
}
