//! The answer of `images/generations` and `images/edits`: where its pictures stand, and the same with others in their place.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{Document, DocumentError, DocumentLimits, Kind, Value};
use crate::splice::{Replacement, SpliceError, render};

/// An answer with pictures, borrowed from its body.
#[derive(Clone, Debug)]
pub struct PictureAnswer<'a> {
    json: &'a [u8],
    /// Its pictures, in order.
    pub items: Vec<PictureItem<'a>>,
    /// Tokens read and made, as the model provider counts them.
    pub tokens: (Option<u64>, Option<u64>),
    /// The array of the pictures.
    data: Range<usize>,
    /// The strings beside the pictures' own: each with its literal.
    pub texts: Vec<(Range<usize>, Cow<'a, str>)>,
}

/// One picture of an answer.
#[derive(Clone, Debug)]
pub struct PictureItem<'a> {
    /// Where it is.
    pub place: PicturePlace<'a>,
    /// What a model says beside it, such as `revised_prompt`: each with its literal.
    pub texts: Vec<(Range<usize>, Cow<'a, str>)>,
    /// The object.
    whole: Range<usize>,
    /// The members `b64_json` (true) and `url`, with their keys.
    members: Vec<(bool, Range<usize>)>,
}

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PicturePlace<'a> {
    /// In the answer, as base64.
    Base64(Cow<'a, str>),
    /// At an address.
    Address(Cow<'a, str>),
}

impl<'a> PictureAnswer<'a> {
    /// Reads an answer; `None` where it has no pictures in the places that are known.
    ///
    /// # Errors
    /// [`DocumentError`] where it is no JSON within the limits.
    pub fn parse(json: &'a [u8]) -> Result<Option<Self>, DocumentError> {
        let document = Document::parse(json, DocumentLimits::default())?;
        let root = document.root();
        let Some(data) = root.get("data").filter(|data| data.kind() == Kind::Array) else { return Ok(None) };
        // A reader could believe the other of two.
        if document.duplicate_key().is_some() {
            return Ok(None);
        }
        let Some(items) = data.children().map(item).collect::<Option<Vec<_>>>() else { return Ok(None) };
        let count = |name: &str| root.get("usage").and_then(|usage| usage.get(name)).and_then(Value::as_u64);
        let tokens = (count("input_tokens"), count("output_tokens"));
        let texts = root.children().filter(|member| !member.is_same(data)).flat_map(texts_of).collect();
        Ok(Some(Self { json, items, tokens, data: data.range(), texts }))
    }

    /// The answer with `items` as its pictures, `texts` in place of literals beside them, and `members` at its end.
    ///
    /// # Errors
    /// [`SpliceError`] where the edits overlap.
    pub fn with(
        &self,
        items: &[String],
        texts: &[(Range<usize>, String)],
        members: &str,
    ) -> Result<Vec<u8>, SpliceError> {
        let array = format!("[{}]", items.join(","));
        let mut edits = vec![(self.data.clone(), Replacement::Raw(array.as_str()))];
        edits.extend(texts.iter().map(|(range, text)| (range.clone(), Replacement::Text(text))));
        edits.sort_by_key(|(range, _)| range.start);
        let rendered = render(self.json, &edits)?;
        crate::splice::insert_before_closing_brace(&rendered, members)
    }

    /// A picture's object with the picture at `place`, `texts` in place of literals, and `members` at its end.
    ///
    /// # Errors
    /// [`SpliceError`] where the edits overlap.
    pub fn item(
        &self,
        item: &PictureItem<'_>,
        place: &PicturePlace<'_>,
        texts: &[(Range<usize>, String)],
        members: &str,
    ) -> Result<String, SpliceError> {
        let base = item.whole.start;
        let moved = |range: &Range<usize>| range.start.saturating_sub(base)..range.end.saturating_sub(base);
        let whole = self.json.get(item.whole.clone()).unwrap_or_default();
        let mut edits: Vec<(Range<usize>, Replacement<'_>)> = Vec::new();
        let delivered = delivered(place);
        let is_base64 = matches!(place, PicturePlace::Base64(_));
        // Of two members that of the same form takes it, and the other one says nothing any more.
        let taking = item.members.iter().position(|(base64, _)| *base64 == is_base64).unwrap_or(0);
        for (number, (base64, member)) in item.members.iter().enumerate() {
            let with = match (number == taking, base64) {
                (true, _) => delivered.as_str(),
                (false, true) => "\"b64_json\":null",
                (false, false) => "\"url\":null",
            };
            edits.push((moved(member), Replacement::Raw(with)));
        }
        edits.extend(texts.iter().map(|(range, text)| (moved(range), Replacement::Text(text))));
        edits.sort_by_key(|(range, _)| range.start);
        let rendered = crate::splice::insert_before_closing_brace(&render(whole, &edits)?, members)?;
        String::from_utf8(rendered).map_err(|_| SpliceError::NoObject)
    }
}

/// The member by which a picture is delivered: `"b64_json":"…"` or `"url":"…"`.
fn delivered(place: &PicturePlace<'_>) -> String {
    // Base64 and our own addresses have nothing to escape.
    match place {
        PicturePlace::Base64(text) => format!("\"b64_json\":\"{text}\""),
        PicturePlace::Address(url) => format!("\"url\":{}", crate::chat::edit::literal(url)),
    }
}

fn item<'a>(value: Value<'_, 'a>) -> Option<PictureItem<'a>> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let place = match (text("b64_json"), text("url")) {
        (Some(base64), _) => PicturePlace::Base64(base64),
        (None, Some(url)) => PicturePlace::Address(url),
        (None, None) => return None,
    };
    let is_place = |member: &Value<'_, '_>| matches!(member.key().as_ref(), "b64_json" | "url");
    let ranged =
        |member: Value<'_, '_>| (member.key() == "b64_json", member.member_start()..member.range().end);
    let members = value.children().filter(is_place).map(ranged).collect();
    let texts = value.children().filter(|member| !is_place(member)).flat_map(texts_of).collect();
    Some(PictureItem { place, texts, whole: value.range(), members })
}

fn texts_of<'a>(member: Value<'_, 'a>) -> Vec<(Range<usize>, Cow<'a, str>)> {
    member.strings().map(|string| (string.range(), string.as_str().unwrap_or_default())).collect()
}
