//! The reading loop of [`super::Document`].

use std::borrow::Cow;
use std::collections::HashSet;

use super::string::{scan_literal, syntax};
use super::{DEPTH_MAX, Document, DocumentError, DocumentLimits, Kind, NONE, Node, Value};

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    FirstItem,
    FirstKey,
    Key,
    AfterValue,
}

struct Reader<'a> {
    document: Document<'a>,
    bytes: &'a [u8],
    at: usize,
    parent: u32,
    depth: usize,
    /// The key of the value that comes next.
    key: (u32, u32, bool),
    limits: DocumentLimits,
}

pub(super) fn parse(json: &[u8], limits: DocumentLimits) -> Result<Document<'_>, DocumentError> {
    let text = std::str::from_utf8(json).map_err(|error| DocumentError::Utf8 { at: error.valid_up_to() })?;
    if u32::try_from(json.len()).is_err() {
        return Err(DocumentError::TooLarge { limit: limits.values_max });
    }
    // A typical chunk has 20 to 30 values in 250 bytes.
    let nodes = Vec::with_capacity((json.len() / 8).clamp(8, 4096));
    let document = Document { text, nodes, duplicate: None };
    let reader = Reader { document, bytes: json, at: 0, parent: NONE, depth: 0, key: (0, 0, false), limits };
    reader.read()
}

impl<'a> Reader<'a> {
    fn read(mut self) -> Result<Document<'a>, DocumentError> {
        let mut expect = Expect::Value;
        loop {
            self.skip_white();
            expect = match expect {
                Expect::Value => self.value()?,
                Expect::FirstItem if self.peek() == Some(b']') => self.close(),
                Expect::FirstItem => self.value()?,
                Expect::FirstKey if self.peek() == Some(b'}') => self.close(),
                Expect::FirstKey | Expect::Key => self.key()?,
                Expect::AfterValue if self.parent == NONE => break,
                Expect::AfterValue => self.after_value()?,
            };
        }
        if self.at < self.bytes.len() { Err(syntax(self.at, "the end")) } else { Ok(self.document) }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_white(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Expect, DocumentError> {
        let start = self.at;
        match self.peek() {
            Some(b'{') => return self.open(Kind::Object, Expect::FirstKey),
            Some(b'[') => return self.open(Kind::Array, Expect::FirstItem),
            Some(b'"') => {
                let (end, is_escaped) = scan_literal(self.bytes, start)?;
                self.at = end;
                self.push(Kind::String, start, is_escaped)?;
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.push(Kind::Number, start, false)?;
            }
            Some(b't') => self.word("true", Kind::True)?,
            Some(b'f') => self.word("false", Kind::False)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(syntax(start, "a value")),
        }
        Ok(Expect::AfterValue)
    }

    fn word(&mut self, word: &'static str, kind: Kind) -> Result<(), DocumentError> {
        let start = self.at;
        let end = start + word.len();
        if self.bytes.get(start..end) != Some(word.as_bytes()) {
            return Err(syntax(start, word));
        }
        self.at = end;
        self.push(kind, start, false)?;
        Ok(())
    }

    fn number(&mut self) -> Result<(), DocumentError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), DocumentError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(syntax(start, "a digit")) } else { Ok(()) }
    }

    fn open(&mut self, kind: Kind, next: Expect) -> Result<Expect, DocumentError> {
        let limit = self.limits.depth_max.min(DEPTH_MAX);
        if self.depth >= limit {
            return Err(DocumentError::TooDeep { at: self.at, limit });
        }
        let start = self.at;
        self.at += 1;
        self.parent = self.push(kind, start, false)?;
        self.depth += 1;
        Ok(next)
    }

    fn push(&mut self, kind: Kind, start: usize, is_escaped: bool) -> Result<u32, DocumentError> {
        let too_large = DocumentError::TooLarge { limit: self.limits.values_max };
        if self.document.nodes.len() >= self.limits.values_max {
            return Err(too_large);
        }
        let Ok(at) = u32::try_from(self.document.nodes.len()) else { return Err(too_large) };
        let mut position = 0;
        if let Some(parent) = self.document.nodes.get_mut(self.parent as usize) {
            position = parent.children;
            parent.children += 1;
        }
        let (key_start, key_end, is_key_escaped) = std::mem::take(&mut self.key);
        self.document.nodes.push(Node {
            kind,
            is_escaped,
            is_key_escaped,
            start: offset(start),
            end: offset(self.at),
            key_start,
            key_end,
            parent: self.parent,
            after: at + 1,
            position,
            children: 0,
            own_index: NONE,
        });
        Ok(at)
    }

    fn key(&mut self) -> Result<Expect, DocumentError> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(syntax(start, "a key"));
        }
        let (end, is_escaped) = scan_literal(self.bytes, start)?;
        self.key = (offset(start + 1), offset(end - 1), is_escaped);
        self.at = end;
        self.skip_white();
        if self.peek() != Some(b':') {
            return Err(syntax(self.at, "a colon"));
        }
        self.at += 1;
        Ok(Expect::Value)
    }

    fn after_value(&mut self) -> Result<Expect, DocumentError> {
        let kind = self.document.nodes.get(self.parent as usize).map(|node| node.kind);
        match (self.peek(), kind) {
            (Some(b','), Some(Kind::Object)) => {
                self.at += 1;
                Ok(Expect::Key)
            }
            (Some(b','), _) => {
                self.at += 1;
                Ok(Expect::Value)
            }
            (Some(b'}'), Some(Kind::Object)) | (Some(b']'), Some(Kind::Array)) => Ok(self.close()),
            (_, Some(Kind::Object)) => Err(syntax(self.at, "a comma or `}`")),
            _ => Err(syntax(self.at, "a comma or `]`")),
        }
    }

    /// Ends the container at a closing bracket that the caller has seen.
    fn close(&mut self) -> Expect {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
        let at = self.parent;
        let is_object = self.document.nodes.get(at as usize).is_some_and(|node| node.kind == Kind::Object);
        let after = offset(self.document.nodes.len());
        if let Some(node) = self.document.nodes.get_mut(at as usize) {
            node.end = offset(self.at);
            node.after = after;
            self.parent = node.parent;
        }
        if is_object {
            let (own_index, duplicate) = look_at_keys(Value { document: &self.document, at });
            if self.document.duplicate.is_none() {
                self.document.duplicate = duplicate;
            }
            if let Some(node) = self.document.nodes.get_mut(at as usize) {
                node.own_index = own_index;
            }
        }
        Expect::AfterValue
    }
}

/// The document is shorter than 4 GiB, which [`parse`] has checked.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

/// Up to how many keys are compared with each other. A larger object gets a set, so that a hostile one does not cost
/// the square of its size.
const FEW_KEYS: usize = 16;

/// The object's own `index`, and where a key stands that it already had.
fn look_at_keys(object: Value<'_, '_>) -> (u32, Option<usize>) {
    let mut own_index = NONE;
    let mut few = [""; FEW_KEYS];
    let mut is_plain = object.len() <= FEW_KEYS;
    let mut duplicate = None;
    for (count, member) in object.children().enumerate() {
        let Cow::Borrowed(key) = member.key() else {
            is_plain = false;
            break;
        };
        if key == "index" && own_index == NONE {
            own_index = index_of(member);
        }
        if let Some((slot, earlier)) = few.get_mut(..=count).and_then(<[&str]>::split_last_mut) {
            if duplicate.is_none() && earlier.contains(&key) {
                duplicate = Some(member.member_start());
            }
            *slot = key;
        }
    }
    if is_plain { (own_index, duplicate) } else { look_at_many_keys(object) }
}

/// The same for objects with many keys or with escapes in them.
fn look_at_many_keys(object: Value<'_, '_>) -> (u32, Option<usize>) {
    let mut own_index = NONE;
    let mut duplicate = None;
    let mut seen = HashSet::with_capacity(object.len());
    for member in object.children() {
        let key = member.key();
        if key == "index" && own_index == NONE {
            own_index = index_of(member);
        }
        if !seen.insert(key) && duplicate.is_none() {
            duplicate = Some(member.member_start());
        }
    }
    (own_index, duplicate)
}

fn index_of(member: Value<'_, '_>) -> u32 {
    member.as_u64().and_then(|index| u32::try_from(index).ok()).unwrap_or(NONE)
}
