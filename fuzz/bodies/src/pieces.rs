//! Cutting an input into pieces whose lengths come from the input too.

/// Parts an input into up to four lengths (from its first byte on) and the rest.
pub(crate) fn lengths_and_rest(data: &[u8]) -> (Vec<usize>, &[u8]) {
    let Some((head, rest)) = data.split_at_checked(4) else { return (vec![1], data) };
    (head.iter().map(|byte| usize::from(byte % 13) + 1).collect(), rest)
}

/// Cuts bytes into pieces of these lengths, over and over.
pub(crate) fn cut<'d>(mut data: &'d [u8], lengths: &[usize]) -> Vec<&'d [u8]> {
    let mut pieces = Vec::new();
    for length in lengths.iter().copied().cycle() {
        if data.is_empty() || length == 0 {
            break;
        }
        let (piece, rest) = data.split_at_checked(length).unwrap_or((data, &[]));
        pieces.push(piece);
        data = rest;
    }
    pieces
}

/// Cuts a text into pieces of so many characters, over and over.
pub(crate) fn cut_text<'t>(mut text: &'t str, lengths: &[usize]) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    for length in lengths.iter().copied().cycle() {
        if text.is_empty() || length == 0 {
            break;
        }
        let at = text.char_indices().nth(length).map_or(text.len(), |(at, _)| at);
        let (piece, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        pieces.push(piece);
        text = rest;
    }
    pieces
}
