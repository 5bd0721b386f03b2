//! The edits that a request needs on its way to the upstream, as splices.

use std::ops::Range;

use super::ChatRequest;
use crate::document::{Kind, Value};
use crate::splice::{Replacement, SpliceError, render};

/// What becomes of `user` and `safety_identifier`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EndUser<'e> {
    /// They pass as they came.
    Keep,
    /// They are taken out.
    #[default]
    Remove,
    /// Each that is there becomes this pseudonym; none is added.
    Pseudonym(&'e str),
}

/// The edits towards the upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamEdits<'e> {
    /// The model's name at the upstream, added where the request names none.
    pub model: Option<&'e str>,
    /// What becomes of the end user's name.
    pub end_user: EndUser<'e>,
    /// New texts for literals of [`ChatRequest::texts`], in ascending order: an earlier answer without our label.
    pub texts: &'e [(Range<usize>, String)],
    /// Ask for token counts at the end of a stream, though the client did not: the caller then keeps them back.
    pub must_include_usage: bool,
}

impl ChatRequest<'_> {
    /// The request's bytes with those edits; all other bytes as they came.
    ///
    /// # Errors
    /// [`SpliceError`] for text edits that are not ascending, or that overlap.
    pub fn to_upstream(&self, edits: &UpstreamEdits<'_>) -> Result<Vec<u8>, SpliceError> {
        let root = self.document.root();
        let mut list: Vec<(Range<usize>, Replacement<'_>)> = Vec::new();
        let mut added = String::new();
        if let Some(model) = edits.model {
            match root.get("model") {
                Some(value) => list.push((value.range(), Replacement::Text(model))),
                None => add_member(&mut added, "model", &literal(model)),
            }
        }
        match edits.end_user {
            EndUser::Keep => {}
            EndUser::Remove => {
                let gone = |key: &str| matches!(key, "user" | "safety_identifier");
                list.extend(removals(root, gone).into_iter().map(|range| (range, Replacement::Raw(""))));
            }
            EndUser::Pseudonym(name) => {
                for text in [&self.user, &self.safety_identifier].into_iter().flatten() {
                    list.push((text.literal.clone(), Replacement::Text(name)));
                }
            }
        }
        for (range, text) in edits.texts {
            list.push((range.clone(), Replacement::Text(text)));
        }
        if edits.must_include_usage && self.is_stream && !self.includes_usage {
            match ask_for_usage(root) {
                Some(edit) => list.push(edit),
                None => add_member(&mut added, "stream_options", "{\"include_usage\":true}"),
            }
        }
        if !added.is_empty() {
            // The request has `messages`, so it is not empty, and a comma is right whatever was removed.
            let brace = root.range().end.saturating_sub(1);
            list.push((brace..brace, Replacement::Raw(&added)));
        }
        list.sort_by_key(|(range, _)| range.start);
        render(self.json, &list)
    }
}

pub(crate) fn literal(text: &str) -> String {
    let mut out = Vec::new();
    crate::document::write_escaped(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn add_member(members: &mut String, key: &str, value: &str) {
    members.push_str(&format!(",\"{key}\":{value}"));
}

/// The edit that sets `include_usage` where there are `stream_options`.
fn ask_for_usage(root: Value<'_, '_>) -> Option<(Range<usize>, Replacement<'static>)> {
    let options = root.get("stream_options")?;
    if options.kind() != Kind::Object || options.is_empty() {
        return Some((options.range(), Replacement::Raw("{\"include_usage\":true}")));
    }
    if let Some(value) = options.get("include_usage") {
        return Some((value.range(), Replacement::Raw("true")));
    }
    let brace = options.range().end.saturating_sub(1);
    Some((brace..brace, Replacement::Raw(",\"include_usage\":true")))
}

/// The ranges whose removal takes those members out and leaves the commas right.
pub(crate) fn removals(object: Value<'_, '_>, is_gone: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let members: Vec<Value<'_, '_>> = object.children().collect();
    let mut ranges = Vec::new();
    let mut has_kept = false;
    for (at, member) in members.iter().enumerate() {
        if !is_gone(&member.key()) {
            has_kept = true;
            continue;
        }
        let previous = at.checked_sub(1).and_then(|at| members.get(at));
        let range = match (has_kept, previous, members.get(at + 1)) {
            // Behind something that stays: from its end, with the comma.
            (true, Some(previous), _) => previous.range().end..member.range().end,
            // In front of everything that stays: up to the next key, with the comma.
            (_, _, Some(next)) => member.member_start()..next.member_start(),
            (_, _, None) => member.member_start()..member.range().end,
        };
        ranges.push(range);
    }
    ranges
}
