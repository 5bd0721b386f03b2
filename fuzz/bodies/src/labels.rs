//! Marks: what is read prints to the same label, our own label is found and taken out, chunks do not matter.

use std::sync::LazyLock;

use label::{AigcLabel, Field, ProviderCode, ShapeSniffer, VisibleLabel, contains_elements};
use terms::ProduceId;

use crate::pieces::{cut_text, lengths_and_rest};

static OURS: LazyLock<Option<VisibleLabel>> =
    LazyLock::new(|| VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE).ok());

/// Runs the target.
pub fn run(data: &[u8]) {
    let (lengths, rest) = lengths_and_rest(data);
    let text = String::from_utf8_lossy(rest);
    hidden(&text);
    visible(&text);
    shape(&text, &lengths);
    if let Ok(code) = text.parse::<ProviderCode>() {
        assert_eq!(code.as_str().parse().as_ref(), Ok(&code), "a code prints otherwise");
        let _ = (code.form(), code.credit_code(), code.service_type());
    }
}

fn hidden(text: &str) {
    let Ok(found) = AigcLabel::parse(text) else { return };
    let _ = found.conformance();
    let printed = found.to_json();
    let Ok(again) = AigcLabel::parse(&printed) else { unreachable!("our own JSON cannot be read") };
    for field in Field::ALL {
        assert_eq!(again.get(field), found.get(field), "a field prints otherwise");
    }
    assert_eq!(again.to_json(), printed);
}

fn visible(text: &str) {
    let Some(ours) = &*OURS else { unreachable!("the default template is a template") };
    for found in ours.find_all(text) {
        assert!(text.get(found.range).is_some(), "a label outside the text");
    }
    let stripped = ours.strip(text);
    assert!(stripped.len() <= text.len());
    let id = ProduceId::from_u128(0x0193_0000_0000_0000_0000_0000_0000_0042);
    let labelled = format!("{text}{}", ours.render_suffix(&id));
    assert_eq!(ours.find(&labelled).and_then(|found| found.produce_id), Some(id), "our label is not found");
    assert!(contains_elements(&labelled), "the label has no elements");
    // A template from outside either refuses or does what the default does.
    if let Ok(theirs) = VisibleLabel::new(text) {
        let rendered = theirs.render(&id);
        assert!(theirs.find(&rendered).is_some(), "a label of an own template is not found");
        assert!(contains_elements(&rendered), "an own template without elements");
    }
}

fn shape(text: &str, lengths: &[usize]) {
    let mut whole = ShapeSniffer::new();
    whole.push(text);
    let mut pieced = ShapeSniffer::new();
    for piece in cut_text(text, lengths) {
        pieced.push(piece);
    }
    assert_eq!(whole.shape(), pieced.shape());
    assert_eq!(whole.shape_at_end(), pieced.shape_at_end());
    assert_eq!(whole.ending(), pieced.ending());
    assert_eq!(whole.is_in_fence(), pieced.is_in_fence());
    assert_eq!(whole.is_code_only(), pieced.is_code_only());
}
