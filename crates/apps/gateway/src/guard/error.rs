//! Errors that an upstream tells: their text is the provider's, and anything may stand in it.

use wire::{ChannelRoot, Replacement, Scan, Step, render};

use super::{
    names::Names,
    rules::Rules,
    stream::{Texts, read},
};

/// What takes the place of the texts of an error. What else it says belongs to an answer that broke off and is left out.
pub(super) fn error_texts(rules: &Rules, seen: &Scan<'_>) -> Texts {
    let mut texts = Texts::new();
    for slot in &seen.slots {
        let is_error = slot.path.root() == ChannelRoot::Envelope
            && slot.path.steps().first() == Some(&Step::key("error"));
        let checked = is_error.then(|| rules.check(&slot.text));
        match checked {
            Some(checked) if !checked.verdict.is_blocked() => {
                let lossy = || slot.is_lossy.then(|| slot.text.clone().into_owned());
                texts.extend(checked.text.or_else(lossy).map(|text| (slot.literal.clone(), text)));
            }
            _ => texts.push((slot.literal.clone(), String::new())),
        }
    }
    texts
}

/// The body of an upstream's error as it may be passed on; `None` where it is not an error in OpenAI's shape.
pub(crate) fn error_body(rules: &Rules, body: &[u8]) -> Option<Vec<u8>> {
    let seen = read(body).ok().filter(|seen| seen.error.is_some())?;
    Names::default().check(rules, &seen).ok()?;
    let texts = error_texts(rules, &seen);
    let mut edits: Vec<_> =
        texts.iter().map(|(range, text)| (range.clone(), Replacement::Text(text.as_str()))).collect();
    edits.extend(seen.shadows.iter().map(|shadow| (shadow.value.clone(), Replacement::Raw("null"))));
    edits.sort_by_key(|(range, _)| range.start);
    render(body, &edits).ok()
}
