//! Just enough of an HTML reader to check our own pages.

/// The start tags of a page, in order: name and what stands between the angle brackets.
pub(crate) fn tags(html: &str) -> Vec<(String, String)> {
    html.split('<')
        .skip(1)
        .filter_map(|piece| piece.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|tag| (tag.split_whitespace().next().unwrap().to_ascii_lowercase(), tag.to_owned()))
        .collect()
}

/// The value of an attribute.
pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\"")).or_else(|| tag.find(&format!("\n {name}=\"")))?;
    let rest = &tag[start + 1..];
    let value = rest.split_once('"')?.1;
    value.split_once('"').map(|(value, _)| value.to_owned())
}

/// Whether a tag has a bare attribute such as `hidden`.
pub(crate) fn has(tag: &str, name: &str) -> bool {
    tag.split_whitespace().any(|word| word == name || word.starts_with(&format!("{name}=")))
}
