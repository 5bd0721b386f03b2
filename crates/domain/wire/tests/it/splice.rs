//! Edits that touch nothing else.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use wire::{Replacement, SpliceError, insert_before_closing_brace, render, scan};

#[test]
fn members_are_inserted_with_the_right_comma() {
    for (json, members, expected) in [
        ("{\"a\":1}", "\"b\":2", "{\"a\":1,\"b\":2}"),
        ("{}", "\"b\":2", "{\"b\":2}"),
        ("{ \n}", "\"b\":2", "{ \n\"b\":2}"),
        ("{\"a\":{}} \n", "\"b\":2,\"c\":3", "{\"a\":{},\"b\":2,\"c\":3} \n"),
        ("{\"a\":1}", "", "{\"a\":1}"),
    ] {
        assert_eq!(insert_before_closing_brace(json.as_bytes(), members).unwrap(), expected.as_bytes());
    }
    assert_eq!(insert_before_closing_brace(b"[]", "\"b\":2"), Err(SpliceError::NoObject));
}

#[test]
fn edits_out_of_order_are_refused() {
    let raw = || Replacement::Raw("x");
    assert!(render(b"abcdef", &[(0..1, raw()), (1..1, raw()), (3..6, raw())]).is_ok());
    assert_eq!(
        render(b"abcdef", &[(2..4, raw()), (3..5, raw())]),
        Err(SpliceError::Range { start: 3, end: 5 })
    );
    assert_eq!(render(b"abcdef", &[(5..7, raw())]), Err(SpliceError::Range { start: 5, end: 7 }));
    let backwards = std::ops::Range { start: 4, end: 3 };
    assert!(render(b"abcdef", &[(backwards, raw())]).is_err());
}

proptest! {
    #[test]
    fn replaced_texts_read_back_and_the_rest_stays(vendor in super::document::any_json(), texts: Vec<String>) {
        let chunk = json!({"choices": [{"index": 0, "delta": {"content": "x", "v": vendor}}], "n": 1.50}).to_string();
        let found = scan(chunk.as_bytes()).unwrap();
        let edits: Vec<_> = found
            .slots
            .iter()
            .zip(&texts)
            .map(|(slot, text)| (slot.literal.clone(), Replacement::Text(text)))
            .collect();
        let edited = render(chunk.as_bytes(), &edits).unwrap();
        let again = scan(&edited).unwrap();
        prop_assert_eq!(found.slots.len(), again.slots.len());
        let mut rest = (Vec::new(), Vec::new());
        let mut at = (0, 0);
        for (number, (before, after)) in found.slots.iter().zip(&again.slots).enumerate() {
            prop_assert_eq!(&before.path, &after.path);
            prop_assert_eq!(after.text.as_ref(), texts.get(number).map_or(before.text.as_ref(), String::as_str));
            rest.0.extend_from_slice(&chunk.as_bytes()[at.0..before.literal.start]);
            rest.1.extend_from_slice(&edited[at.1..after.literal.start]);
            at = (before.literal.end, after.literal.end);
        }
        prop_assert_eq!(&rest.0, &rest.1);
        prop_assert_eq!(&chunk.as_bytes()[at.0..], &edited[at.1..]);
        prop_assert!(serde_json::from_slice::<Json>(&edited).is_ok());
    }
}
