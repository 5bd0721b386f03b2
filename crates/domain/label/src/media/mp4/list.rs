//! A list of metadata: `meta` with a handler, keys and values (QuickTime File Format, "Metadata"; iTunes' `mdir`).

use super::super::{
    Broken,
    boxes::{self, BoxAt, Boxes, u32_at},
    iloc::children_of_meta,
};

/// Keys of one list; cameras write some twenty.
const KEYS_MAX: usize = 65_536;
/// The well-known types of values that are text.
const UTF8: u32 = 1;
const UTF16: u32 = 2;

/// One list of metadata.
pub(super) struct List {
    /// The boxes in which it stands.
    outer: Vec<BoxAt>,
    meta: BoxAt,
    handler: [u8; 4],
    keys_box: Option<BoxAt>,
    ilst: Option<BoxAt>,
    /// The names of the keys: an item's kind counts into them from one.
    pub(super) keys: Vec<String>,
    /// Where the last key ends.
    pub(super) keys_end: usize,
}

/// One text of a list.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) item: BoxAt,
    pub(super) data: BoxAt,
    pub(super) text: String,
}

impl List {
    /// Reads what `meta` in `outer` is made of.
    pub(super) fn read(bytes: &[u8], outer: Vec<BoxAt>, meta: BoxAt) -> Result<Self, Broken> {
        let mut list = Self {
            outer,
            handler: [0; 4],
            keys_box: None,
            ilst: None,
            keys: Vec::new(),
            keys_end: 0,
            meta: meta.clone(),
        };
        for child in children_of_meta(bytes, &meta) {
            let child = child?;
            match &child.kind {
                b"hdlr" => {
                    let at = child.body.start.saturating_add(8);
                    list.handler = bytes
                        .get(at..at.saturating_add(4))
                        .and_then(|kind| kind.try_into().ok())
                        .ok_or(Broken::Truncated { what: "a handler", at: child.whole.start })?;
                }
                b"keys" => list.read_keys(bytes, child)?,
                b"ilst" => list.ilst = Some(child),
                _ => {}
            }
        }
        Ok(list)
    }

    fn read_keys(&mut self, bytes: &[u8], keys: BoxAt) -> Result<(), Broken> {
        let malformed =
            Broken::Malformed { what: "a table of keys that does not add up", at: keys.whole.start };
        let count = u32_at(keys.data(bytes), 4).ok_or(malformed.clone())? as usize;
        if count > KEYS_MAX {
            return Err(Broken::Limit { what: "keys of metadata", limit: KEYS_MAX });
        }
        let first = keys.body.start.saturating_add(8);
        self.keys_end = first;
        for key in Boxes::within(bytes, first..keys.body.end).take(count) {
            let key = key?;
            self.keys.push(String::from_utf8_lossy(key.data(bytes)).into_owned());
            self.keys_end = key.whole.end;
        }
        if self.keys.len() != count {
            return Err(malformed);
        }
        self.keys_box = Some(keys);
        Ok(())
    }

    /// Every text, with the key that it has: by its number, by the name of a free item, or its kind itself.
    pub(super) fn entries(&self, bytes: &[u8]) -> Result<Vec<Entry>, Broken> {
        let Some(ilst) = &self.ilst else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for item in ilst.children(bytes) {
            let item = item?;
            let mut key = self.key_of(item.kind);
            for part in item.children(bytes) {
                let part = part?;
                let body = part.data(bytes);
                match &part.kind {
                    b"name" => key = String::from_utf8_lossy(body.get(4..).unwrap_or_default()).into_owned(),
                    b"data" => {
                        let value = body.get(8..).unwrap_or_default();
                        let text = match u32_at(body, 0) {
                            Some(UTF16) => utf16(value),
                            // Writers are seen that leave the type at zero.
                            Some(UTF8 | 0) => String::from_utf8_lossy(value).into_owned(),
                            _ => continue,
                        };
                        entries.push(Entry { key: key.clone(), item: item.clone(), data: part, text });
                    }
                    _ => {}
                }
            }
        }
        Ok(entries)
    }

    fn key_of(&self, kind: [u8; 4]) -> String {
        let number = (u32::from_be_bytes(kind) as usize).checked_sub(1);
        match number.and_then(|number| self.keys.get(number)) {
            Some(key) => key.clone(),
            None => String::from_utf8_lossy(&kind).into_owned(),
        }
    }

    /// The parts of a list in user data that can take a key as the standard has it.
    pub(super) fn standard(&self) -> Option<(&Self, &BoxAt, &BoxAt)> {
        let is_in_user_data = self.outer.last().is_some_and(|outer| &outer.kind == b"udta");
        let (keys, ilst) = (self.keys_box.as_ref()?, self.ilst.as_ref()?);
        (is_in_user_data && &self.handler == b"mdta").then_some((self, keys, ilst))
    }

    /// The boxes down to `meta`.
    pub(super) fn outer(&self) -> Vec<BoxAt> {
        [self.outer.as_slice(), std::slice::from_ref(&self.meta)].concat()
    }

    /// The boxes down to the items.
    pub(super) fn path(&self) -> Vec<BoxAt> {
        self.outer().into_iter().chain(self.ilst.clone()).collect()
    }

    /// The place of its items.
    pub(super) fn place(&self) -> &'static str {
        match (self.outer.len(), &self.handler) {
            (2, b"mdta") => "moov.udta.meta key AIGC",
            (2, _) => "moov.udta.meta item",
            (_, b"mdta") => "moov.meta key AIGC",
            _ => "moov.meta item",
        }
    }
}

/// A whole list with one key and its text.
pub(super) fn new(name: [u8; 4], text: &str) -> Option<Vec<u8>> {
    // Version and flags, a predefined field, the handler, three reserved fields, an empty name.
    let handler = boxes::whole(*b"hdlr", &[&[0; 8][..], b"mdta", &[0; 13]].concat())?;
    let keys = boxes::whole(*b"keys", &[&[0; 4][..], &1_u32.to_be_bytes(), &key(name)?].concat())?;
    let ilst = boxes::whole(*b"ilst", &item(1, text)?)?;
    boxes::whole(*b"meta", &[&[0; 4][..], &handler, &keys, &ilst].concat())
}

/// A key of the namespace `mdta`.
pub(super) fn key(name: [u8; 4]) -> Option<Vec<u8>> {
    boxes::whole(*b"mdta", &name)
}

/// The item of the key with that number, counted from one.
pub(super) fn item(number: u32, text: &str) -> Option<Vec<u8>> {
    boxes::whole(number.to_be_bytes(), &boxes::whole(*b"data", &text_body(text))?)
}

/// The body of `data` for a text: its type, no locale, the text.
pub(super) fn text_body(text: &str) -> Vec<u8> {
    [&UTF8.to_be_bytes()[..], &[0; 4], text.as_bytes()].concat()
}

fn utf16(value: &[u8]) -> String {
    let (units, _) = value.as_chunks::<2>();
    let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
