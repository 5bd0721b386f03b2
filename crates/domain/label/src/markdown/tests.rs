//! Tests of the front matter label.

use proptest::prelude::*;
use terms::ProduceId;

use super::*;
use crate::ProviderCode;

fn sample() -> AigcLabel {
    AigcLabel::new(&ProviderCode::parse("001191110102MACQD9K64010000").unwrap(), &ProduceId::from_u128(7))
}

const BLOCK: &str = "AIGC:
  Label: \"1\"
  ContentProducer: \"001191110102MACQD9K64010000\"
  ProduceID: \"00000000000000000000000007\"
  ReservedCode1: \"\"
  ContentPropagator: \"\"
  PropagateID: \"\"
  ReservedCode2: \"\"
";

#[test]
fn the_label_is_written_into_the_front_matter() {
    let check = |document: &str, expected: String| {
        let written = write(document, &sample()).unwrap();
        assert_eq!(written, expected);
        assert_eq!(read(&written).conformance, Conformance::Conforming);
        assert_eq!(write(&written, &sample()), Err(MarkdownError::AlreadyLabelled));
    };
    check("# 题\n", format!("---\n{BLOCK}---\n# 题\n"));
    check("", format!("---\n{BLOCK}---\n"));
    check("---\ntitle: x # y\n\n---\n正文", format!("---\ntitle: x # y\n\n{BLOCK}---\n正文"));
    check("---\n---\n", format!("---\n{BLOCK}---\n"));
    // Two rules in a text are no front matter.
    check("---\n一句话\n---\n", format!("---\n{BLOCK}---\n---\n一句话\n---\n"));
    check("\u{feff}x", format!("\u{feff}---\n{BLOCK}---\nx"));
    check("---\r\na: b\r\n---\r\n", format!("---\r\na: b\r\n{}---\r\n", BLOCK.replace('\n', "\r\n")));
}

#[test]
fn other_front_matter_is_left_alone() {
    assert_eq!(write("+++\na = 1\n+++\n", &sample()), Err(MarkdownError::OtherFrontMatter("TOML")));
    assert_eq!(write("---\n{\"a\": 1}\n---\n", &sample()), Err(MarkdownError::OtherFrontMatter("JSON")));
}

#[test]
fn forms_of_real_files_are_read() {
    let check = |matter: &str| {
        let document = format!("---\ntitle: a\n{matter}\ntags: [b]\n---\n正文");
        let reading = read(&document);
        assert_eq!(reading.conformance, Conformance::Conforming, "{matter}");
        let label = reading.label.unwrap();
        assert_eq!(label.label(), "1", "{matter}");
        assert_eq!(label.content_producer(), "001191110102MACQD9K64010000", "{matter}");
        assert_eq!(label.produce_id(), "a-7", "{matter}");
        assert_eq!(reading.body, "正文");
    };
    check(
        "AIGC:\n    ContentProducer: 001191110102MACQD9K64010000\n    ProduceID: a-7\n    Label: '1'\n    Other: 3\n",
    );
    check(
        "AIGC: # ours\n  # more\n  Label: \"1\" # is\n  ProduceID: a-7 # id\n  ContentProducer: '001191110102MACQD9K64010000'",
    );
    check(
        "\"AIGC\": {\"Label\":\"1\",\"ContentProducer\":\"001191110102MACQD9K64010000\",\"ProduceID\":\"a-7\"}",
    );
    check(
        "AIGC: '{\"Label\":\"1\",\"ContentProducer\":\"001191110102MACQD9K64010000\",\"ProduceID\":\"a-7\"}'",
    );
    check(
        "AIGC: |\n  {\"Label\":\"1\",\n  \"ContentProducer\":\"001191110102MACQD9K64010000\",\"ProduceID\":\"a-7\"}",
    );
    check(
        "AIGC:\n  Label: >-\n    1\n  ProduceID:\n    a-7\n  ContentProducer: 001191110102MACQD9K64010000"
            .replace("ProduceID:\n    a-7", "ProduceID: |-\n    a-7")
            .as_str(),
    );
    check(
        "AIGC:\n  Label: \"\\u0031\"\n  ProduceID: \"\\x61-7\"\n  ContentProducer: 001191110102MACQD9K64010000\n  ReservedCode1: null",
    );
}

#[test]
fn faults_are_listed() {
    let check = |matter: &str, expected: &[&str]| {
        let document = format!("---\n{matter}\n---\n");
        let reading = read(&document);
        let codes: Vec<_> = reading.conformance.reasons().iter().map(Reason::code).collect();
        assert_eq!(codes, expected, "{matter}: {:?}", reading.conformance);
    };
    let good = "AIGC:\n  Label: '1'\n  ContentProducer: MiniMax\n  ProduceID: x";
    check(&format!("{good}\na: b\n{good}"), &["duplicate_label"]);
    check(
        "AIGC:\n  Label: 1\n  ContentProducer: MiniMax\n  ProduceID: 14256",
        &["not_a_string", "not_a_string"],
    );
    check(
        "AIGC:\n  Label: AIGC\n  ContentProducer: Minimax Agent AI\n  ProduceID: '00000000000000000000000000000000'",
        &["label_value", "characters", "zero_id"],
    );
    check(&format!("{good}\n  Label: '2'"), &["duplicate_field"]);
    check(&format!("{good}\n  ReservedCode1:\n    SecurityData: 1"), &["not_a_string"]);
    check("AIGC:", &["unreadable"]);
    check("AIGC: yes", &["unreadable"]);
    check("AIGC:\n  - Label", &["unreadable"]);
    check("AIGC:\n  Label: \"1", &["unreadable"]);
    check("AIGC:\n  Label: '1'\n ProduceID: x", &["unreadable"]);
    check("AIGC: {}", &["unreadable"]);
    assert_eq!(read("---\nAIGC:x: 1\n---\n").conformance, Conformance::NotFound);
    assert_eq!(read("---\nx:\n  AIGC:\n    Label: '1'\n---\n").conformance, Conformance::NotFound);
    assert_eq!(read("AIGC:\n  Label: '1'\n").conformance, Conformance::NotFound);
}

#[test]
fn a_propagator_is_filled_in_and_nothing_else_changes() {
    let document =
        "---\na: b\nAIGC:\n  ProduceID: x\n  Label: '1'\n  ContentProducer: MiniMax\n\nc: d\n---\n正文";
    let spread = ProviderCode::parse("00119144030008867405X220001").unwrap();
    let label = read(document).label.unwrap().propagated(&spread, "p");
    let replaced = replace(document, &label).unwrap();
    assert!(replaced.starts_with("---\na: b\nAIGC:\n  Label: \"1\"\n"));
    assert!(replaced.ends_with("\"\"\n\nc: d\n---\n正文"));
    assert_eq!(read(&replaced).label, Some(label.clone()));
    assert_eq!(replace("正文", &label), Err(MarkdownError::NotLabelled));
}

/// Documents made of the things that matter here.
fn odd_document() -> impl Strategy<Value = String> {
    let lines = prop_oneof![
        Just("---\n"),
        Just("---\r\n"),
        Just("...\n"),
        Just("AIGC:\n"),
        Just("AIGC: \""),
        Just("AIGC: {"),
        Just("  Label: '1'\n"),
        Just("  ProduceID: \"\\u"),
        Just("   x\n"),
        Just("title: 题\n"),
        Just("'"),
        Just("\u{feff}"),
        Just("\n"),
        Just("正文"),
    ];
    proptest::collection::vec(lines, 0..12).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn reading_undoes_writing(
        values in proptest::collection::vec(any::<String>(), 7),
        document in prop_oneof![any::<String>(), odd_document()],
    ) {
        let label = AigcLabel::from_parts(Field::ALL.into_iter().zip(values).collect(), Vec::new());
        let Ok(written) = write(&document, &label) else { return Ok(()) };
        let reading = read(&written);
        prop_assert_eq!(reading.label.as_ref(), Some(&label));
        // What was there is there still, byte for byte.
        let block = mapping(&label, line_end_of(&document));
        let (head, tail) = written.split_once(&block).unwrap();
        if FrontMatter::of(&document).is_some() {
            prop_assert_eq!([head, tail].concat(), document);
        } else {
            prop_assert_eq!(reading.body, document.strip_prefix('\u{feff}').unwrap_or(&document));
        }
    }

    #[test]
    fn hostile_documents_never_panic(document in prop_oneof![any::<String>(), odd_document()]) {
        let _ = read(&document);
        let _ = replace(&document, &sample());
    }
}
