//! Files with hidden labels: any bytes give a verdict, and what can be labelled reads back as labelled, once and for all.
//!
//! The first byte says the format by its number, or, at zero, that the bytes say it themselves. A new format comes
//! under this by itself; its seeds are small whole files.

use std::sync::LazyLock;

use label::{
    AigcLabel, ProviderCode,
    media::{self, DigitalSource, Format, Marks},
};
use terms::ProduceId;

static LABEL: LazyLock<AigcLabel> =
    LazyLock::new(|| AigcLabel::new(&ProviderCode::trial(), &ProduceId::from_u128(7)));

/// Runs the target.
pub fn run(data: &[u8]) {
    let Some((&number, bytes)) = data.split_first() else { return };
    let format = match usize::from(number).checked_sub(1) {
        None => Format::sniff(bytes),
        Some(index) => Format::ALL.iter().cycle().nth(index).copied(),
    };
    let Some(format) = format else { return };
    let found = media::report(format, bytes);
    for found in &found.found {
        assert!(bytes.get(found.range.clone()).is_some(), "a label outside the file");
    }
    let marks = Marks { label: &LABEL, source: Some(DigitalSource::TrainedAlgorithmicMedia) };
    let Ok(edits) = media::write(format, bytes, &marks) else { return };
    let mut end = 0;
    for edit in edits.as_slice() {
        assert!(
            edit.range.start >= end && edit.range.end >= edit.range.start,
            "edits that overlap: {edits:?}"
        );
        end = edit.range.end;
    }
    assert!(end <= bytes.len(), "an edit outside the file");
    let Ok(labelled) = media::label(format, bytes, &marks) else { return };
    let report = media::report(format, &labelled);
    assert_eq!(report.label.map(|label| label.to_json()), Some(LABEL.to_json()), "the label reads otherwise");
    assert_eq!(report.found.len(), 1, "not the only label");
    assert_eq!(media::label(format, &labelled, &marks).as_ref(), Ok(&labelled), "a second time changes it");
}
