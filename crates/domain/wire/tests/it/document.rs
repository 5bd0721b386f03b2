//! The JSON reader against serde_json.

use proptest::prelude::*;
use serde_json::Value as Json;
use wire::document::{Document, DocumentError, DocumentLimits, Kind, Value, unescape, write_escaped};

fn parse(json: &[u8]) -> Result<Document<'_>, DocumentError> {
    Document::parse(json, DocumentLimits::default())
}

/// The slow, obvious reading of a value.
fn to_serde(value: Value<'_, '_>) -> Json {
    match value.kind() {
        Kind::Null => Json::Null,
        Kind::True => Json::Bool(true),
        Kind::False => Json::Bool(false),
        Kind::Number => serde_json::from_str(value.raw()).unwrap(),
        Kind::String => Json::String(value.as_str().unwrap().into_owned()),
        Kind::Array => value.children().map(to_serde).collect(),
        Kind::Object => Json::Object(
            value.children().map(|member| (member.key().into_owned(), to_serde(member))).collect(),
        ),
    }
}

pub(crate) fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(Json::from),
        (-1e9..1e9_f64).prop_map(Json::from),
        any::<String>().prop_map(Json::String),
        "[a-z\"\\\\/\n\u{0}-\u{1f}朱砂😀]{0,40}".prop_map(Json::String),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::hash_map("[a-c\"\\\\朱]{0,3}|index|id", inner, 0..6)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn what_is_not_json_is_refused() {
    for wrong in [
        "",
        " ",
        "{",
        "}",
        "[",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "-",
        "1.",
        "1e",
        ".5",
        "+1",
        "tru",
        "truee",
        "nul",
        "'a'",
        "\"",
        "\"a",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "1 2",
        "{} {}",
        "[1}",
        "{\"a\":1]",
        "[1 2]",
        "NaN",
        "\u{feff}{}",
    ] {
        assert!(parse(wrong.as_bytes()).is_err(), "{wrong:?}");
        assert!(serde_json::from_str::<Json>(wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(parse(b"\"a\xff\"").unwrap_err(), DocumentError::Utf8 { at: 2 });
}

#[test]
fn control_character_behind_a_long_run_is_found() {
    let text = format!("\"{}\u{1}\"", "x".repeat(100));
    assert_eq!(
        parse(text.as_bytes()).unwrap_err(),
        DocumentError::Syntax { at: 101, expected: "an escaped control character" }
    );
}

#[test]
fn nesting_and_size_are_bounded() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(deep(64).as_bytes()).is_ok());
    assert_eq!(parse(deep(65).as_bytes()).unwrap_err(), DocumentError::TooDeep { at: 64, limit: 64 });
    assert!(matches!(parse("[".repeat(1_000_000).as_bytes()), Err(DocumentError::TooDeep { .. })));
    let limits = DocumentLimits { values_max: 3, ..DocumentLimits::default() };
    assert!(Document::parse(b"[1,2]", limits).is_ok());
    assert_eq!(Document::parse(b"[1,2,3]", limits).unwrap_err(), DocumentError::TooLarge { limit: 3 });
}

#[test]
fn surrogates_decode_and_lone_ones_become_replacements() {
    for (inner, text) in [
        (r"\ud83d\ude00", "😀"),
        (r"a\ud83db", "a\u{fffd}b"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (r"\ud83d\u0041", "\u{fffd}A"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r#"\"\\\/\b\f\n\r\t\u6731"#, "\"\\/\u{8}\u{c}\n\r\t朱"),
    ] {
        assert_eq!(unescape(inner), text, "{inner}");
        let json = format!("\"{inner}\"");
        assert_eq!(parse(json.as_bytes()).unwrap().root().as_str().unwrap(), text);
    }
}

#[test]
fn keys_that_stand_twice_are_found_in_small_and_large_objects() {
    let at = |json: &str| parse(json.as_bytes()).unwrap().duplicate_key();
    assert_eq!(at(r#"{"a":1,"b":{"a":2}}"#), None);
    assert_eq!(at(r#"{"a":1,"b":2,"a":3}"#), Some(13));
    assert_eq!(at(r#"{"a":1,"\u0061":3}"#), Some(7));
    let many: Vec<String> = (0..100).map(|key| format!("\"k{key}\":0")).collect();
    assert_eq!(at(&format!("{{{}}}", many.join(","))), None);
    assert!(at(&format!("{{{},\"k7\":1}}", many.join(","))).is_some());
}

proptest! {
    #[test]
    fn reads_what_serde_json_reads(json in any_json(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) }.unwrap();
        let document = parse(text.as_bytes()).unwrap();
        let theirs: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(to_serde(document.root()), theirs);
        prop_assert_eq!(document.duplicate_key(), None);
    }

    #[test]
    fn refuses_what_serde_json_refuses(json in any_json(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = serde_json::to_vec(&json).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let ours = parse(&bytes);
        // Differences by intent: lone surrogates pass here, and numbers out of range are numbers here.
        match (serde_json::from_slice::<Json>(&bytes), ours) {
            (Ok(theirs), Ok(ours)) => prop_assert_eq!(to_serde(ours.root()), theirs),
            (Err(error), Ok(_)) => prop_assert!(
                error.to_string().contains("surrogate")
                    || error.to_string().contains("hex escape")
                    || error.to_string().contains("number out of range"),
                "{}", error
            ),
            (Ok(_), Err(error)) => prop_assert!(false, "{}", error),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn garbage_does_not_panic(bytes: Vec<u8>) {
        let _ = parse(&bytes);
    }

    #[test]
    fn written_strings_read_back(text: String) {
        let mut out = Vec::new();
        write_escaped(&text, &mut out);
        prop_assert_eq!(&serde_json::from_slice::<String>(&out).unwrap(), &text);
        prop_assert_eq!(parse(&out).unwrap().root().as_str().unwrap(), text);
    }
}
