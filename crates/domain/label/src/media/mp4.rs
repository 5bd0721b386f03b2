//! MP4, QuickTime and M4A: the label is the key `AIGC` of `moov.udta.meta`, handler `mdta`, its value the bare JSON
//! (TC260-PG-20257A). Also read: a `meta` right under `moov`, a list without keys (handler `mdir`), a box of user data.

mod list;
pub(super) mod offsets;
#[cfg(test)]
mod tests;

use super::{
    Broken, Edits, Format, Found, Hint, HintKind, Marks, Reading, WriteError,
    boxes::{self, BoxAt, Boxes, Resized},
};

use list::{Entry, List};

const KIND: [u8; 4] = *b"AIGC";
/// Texts of metadata that are looked at for the name of a maker.
const MAKERS_MAX: usize = 256;
/// The boxes of Content Credentials (C2PA 2.2, A.5) and of XMP (XMP part 3, 1.2.7).
const CREDENTIALS: &[u8] = &0xd8fe_c3d6_1b0e_483c_9297_5828_877e_c481_u128.to_be_bytes();
const XMP: &[u8] = &0xbe7a_cfcb_97a9_42e8_9c71_9994_91e3_afac_u128.to_be_bytes();
const TOO_LONG: WriteError = WriteError::NoPlace("a box of the file would become too long");

/// Brands of pictures in the same boxes, which are no concern of this module.
const PICTURES: [&[u8; 4]; 12] = [
    b"avci", b"avcs", b"avif", b"avis", b"crx ", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevx",
    b"mif1",
];
/// Boxes that QuickTime files of before the brands begin with.
const FIRST_BOXES: [&[u8; 4]; 3] = [b"mdat", b"moov", b"wide"];

/// Which of the three a file is by its brand.
pub(super) fn sniff(bytes: &[u8]) -> Option<Format> {
    let kind = bytes.get(4..8)?;
    if kind != b"ftyp" {
        return FIRST_BOXES.iter().any(|first| kind == &first[..]).then_some(Format::Mov);
    }
    match bytes.get(8..12)? {
        b"qt  " => Some(Format::Mov),
        b"M4A " | b"M4B " => Some(Format::M4a),
        b"msf1" | b"miaf" => None,
        brand if PICTURES.iter().any(|picture| brand == &picture[..]) => None,
        _ => Some(Format::Mp4),
    }
}

/// A label, with the boxes that its text is in, from the outermost.
struct Slot {
    found: Found,
    path: Vec<BoxAt>,
    form: Form,
}

/// How a text stands in the innermost box.
#[derive(Clone, Copy)]
enum Form {
    /// As the body of `data`: a type, a locale, the text.
    Data,
    /// The same, in a field for something else: wrapped, so that it can be told.
    Wrapped,
    /// As the whole body.
    Bare,
}

/// What is looked at of the movie header.
struct Movie {
    moov: BoxAt,
    /// The user data of the movie; the first where there are several.
    udta: Option<BoxAt>,
    /// The lists of metadata in it, right under `moov` and in its user data.
    lists: Vec<List>,
    slots: Vec<Slot>,
    /// Texts that can name a maker.
    makers: Vec<String>,
}

/// Every label of the movie header, and what it and the boxes of other makers beside it say.
pub(super) fn read(bytes: &[u8]) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    for found in Boxes::within(bytes, 0..bytes.len()) {
        let found = found?;
        match &found.kind {
            b"moov" => {
                let movie = Movie::read(bytes, found)?;
                for Slot { found, .. } in movie.slots {
                    reading.label(found.place, found.range, found.text);
                }
                movie.makers.iter().for_each(|text| reading.maker("MP4 metadata", text));
            }
            b"uuid" => match found.data(bytes).split_at_checked(16) {
                Some((CREDENTIALS, _)) => {
                    reading.hint(Hint::new(HintKind::ContentCredentials, "MP4 uuid box", ""));
                }
                Some((XMP, packet)) => reading.packet_hints(packet),
                _ => {}
            },
            _ => {}
        }
    }
    Ok(reading)
}

/// Replaces the text in its place, or adds a key and a value to the list of the standard, which is made where it is
/// missing. What lies behind the header then moves, and every offset to it with it.
pub(super) fn write(bytes: &[u8], present: Option<&Found>, marks: &Marks<'_>) -> Result<Edits, WriteError> {
    let text = marks.label.to_json();
    let moov = Boxes::within(bytes, 0..bytes.len()).first(*b"moov")?;
    let moov = moov.ok_or(WriteError::NoPlace("the file has no movie header"))?;
    let movie = Movie::read(bytes, moov)?;
    let (edits, moov) = match present {
        Some(found) => (movie.replace(bytes, found, &text)?, movie.moov),
        None => (movie.add(bytes, &text)?, movie.moov),
    };
    let growth = edits.growth();
    offsets::shift(bytes, &moov, growth)?
        .into_iter()
        .try_fold(edits, |edits, edit| Ok(edits.and(edit.range, edit.bytes)))
}

impl Movie {
    fn read(bytes: &[u8], moov: BoxAt) -> Result<Self, Broken> {
        let mut movie =
            Self { moov: moov.clone(), udta: None, lists: Vec::new(), slots: Vec::new(), makers: Vec::new() };
        for child in moov.children(bytes) {
            let child = child?;
            match &child.kind {
                b"cmov" => {
                    return Err(Broken::Malformed {
                        what: "a compressed movie header",
                        at: child.whole.start,
                    });
                }
                b"meta" => movie.take_list(bytes, vec![moov.clone()], child)?,
                b"udta" => movie.take_user_data(bytes, &moov, child)?,
                _ => {}
            }
        }
        Ok(movie)
    }

    fn take_user_data(&mut self, bytes: &[u8], moov: &BoxAt, udta: BoxAt) -> Result<(), Broken> {
        for child in udta.children(bytes) {
            let child = child?;
            let path = vec![moov.clone(), udta.clone()];
            match child.kind {
                [b'm', b'e', b't', b'a'] => self.take_list(bytes, path, child)?,
                KIND => {
                    let text = String::from_utf8_lossy(child.data(bytes)).into_owned();
                    let found = Found { place: "moov.udta.AIGC", range: child.whole.clone(), text };
                    self.slots.push(Slot { found, path: [path, vec![child]].concat(), form: Form::Bare });
                }
                // QuickTime's texts: a length, a language, the text.
                [0xa9, ..] if self.makers.len() < MAKERS_MAX => {
                    let text = child.data(bytes).get(4..).unwrap_or_default();
                    self.makers.push(String::from_utf8_lossy(text).into_owned());
                }
                _ => {}
            }
        }
        self.udta.get_or_insert(udta);
        Ok(())
    }

    fn take_list(&mut self, bytes: &[u8], path: Vec<BoxAt>, meta: BoxAt) -> Result<(), Broken> {
        let list = List::read(bytes, path, meta)?;
        for Entry { key, item, data, text } in list.entries(bytes)? {
            let form = if key.eq_ignore_ascii_case("AIGC") || key.ends_with(".AIGC") {
                Form::Data
            } else if looks_like_label(&text) {
                Form::Wrapped
            } else {
                if self.makers.len() < MAKERS_MAX {
                    self.makers.push(text);
                }
                continue;
            };
            let path = [list.path(), vec![item.clone(), data]].concat();
            let found = Found { place: list.place(), range: item.whole, text };
            self.slots.push(Slot { found, path, form });
        }
        self.lists.push(list);
        Ok(())
    }

    fn replace(&self, bytes: &[u8], found: &Found, text: &str) -> Result<Edits, WriteError> {
        let slot = self.slots.iter().find(|slot| slot.found.range == found.range);
        let slot = slot.ok_or(WriteError::NoPlace("the label is not in the first movie header"))?;
        let inner = slot.path.last().ok_or(TOO_LONG)?;
        let body = match slot.form {
            Form::Data => list::text_body(text),
            Form::Wrapped => list::text_body(&format!("{{\"AIGC\":{text}}}")),
            Form::Bare => text.as_bytes().to_vec(),
        };
        let edits = Edits::replace(inner.body.clone(), body);
        let growth = edits.growth();
        grow(bytes, &slot.path, growth, edits)
    }

    fn add(&self, bytes: &[u8], text: &str) -> Result<Edits, WriteError> {
        if let Some((list, keys, ilst)) = self.lists.iter().find_map(List::standard) {
            let number = list
                .keys
                .len()
                .checked_add(1)
                .and_then(|number| u32::try_from(number).ok())
                .ok_or(TOO_LONG)?;
            let key = list::key(KIND).ok_or(TOO_LONG)?;
            let item = list::item(number, text).ok_or(TOO_LONG)?;
            let (by_key, by_item) = (growth_of(&key), growth_of(&item));
            let count = keys.body.start.saturating_add(4);
            let edits = Edits::insert(list.keys_end, key)
                .and(ilst.body.end..ilst.body.end, item)
                .and(count..count.saturating_add(4), number.to_be_bytes().to_vec());
            let edits = grow(bytes, std::slice::from_ref(keys), by_key, edits)?;
            let edits = grow(bytes, std::slice::from_ref(ilst), by_item, edits)?;
            return grow(bytes, &list.outer(), by_key.saturating_add(by_item), edits);
        }
        let meta = list::new(KIND, text).ok_or(TOO_LONG)?;
        let (at, new, path) = match &self.udta {
            Some(udta) => (end_of_list(bytes, udta)?, meta, vec![self.moov.clone(), udta.clone()]),
            None => {
                let udta = boxes::whole(*b"udta", &meta).ok_or(TOO_LONG)?;
                (end_of_list(bytes, &self.moov)?, udta, vec![self.moov.clone()])
            }
        };
        let growth = growth_of(&new);
        grow(bytes, &path, growth, Edits::insert(at, new))
    }
}

/// A label that stands in a field for comments, wrapped or with its name before it.
fn looks_like_label(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("AIGC{") || (text.starts_with('{') && text.contains("\"AIGC\""))
}

fn growth_of(new: &[u8]) -> i64 {
    i64::try_from(new.len()).unwrap_or(i64::MAX)
}

/// Where the last box of a list ends: before the zeros that QuickTime puts there.
fn end_of_list(bytes: &[u8], list: &BoxAt) -> Result<usize, Broken> {
    list.children(bytes).try_fold(list.body.start, |_, child| Ok(child?.whole.end))
}

/// Makes the boxes of `path` longer. Insertions come first, so that none falls behind a length at the same place.
fn grow(bytes: &[u8], path: &[BoxAt], growth: i64, edits: Edits) -> Result<Edits, WriteError> {
    path.iter().try_fold(edits, |edits, outer| match outer.resized(bytes, growth) {
        Resized::Open => Ok(edits),
        Resized::To(range, length) => Ok(edits.and(range, length)),
        Resized::TooLong => Err(TOO_LONG),
    })
}

#[cfg(test)]
pub(super) use tests::samples;
