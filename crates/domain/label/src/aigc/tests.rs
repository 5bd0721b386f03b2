//! Tests of the hidden label.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::CodeError;

const REAL: &str = r#"{"Label":"1","ContentProducer":"001191110102MACQD9K64010000","ProduceID":"cc75f5e99aae4210960acb722f10974e","ReservedCode1":"","ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#;

fn sample() -> AigcLabel {
    AigcLabel::new(&ProviderCode::parse("001191110102MACQD9K64010000").unwrap(), &ProduceId::from_u128(7))
}

fn reasons(json: &str) -> Vec<Reason> {
    AigcLabel::parse(json).unwrap().conformance().reasons().to_vec()
}

#[test]
fn the_serialisation_is_fixed_to_the_byte() {
    assert_eq!(
        sample().to_json(),
        r#"{"Label":"1","ContentProducer":"001191110102MACQD9K64010000","ProduceID":"00000000000000000000000007","ReservedCode1":"","ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
    );
    assert_eq!(AigcLabel::parse(REAL).unwrap().to_json(), REAL);
    assert_eq!(sample().conformance(), Conformance::Conforming);
}

#[test]
fn forms_of_real_files_are_read() {
    let expected = AigcLabel::parse(REAL).unwrap();
    let check = |text: &str| assert_eq!(AigcLabel::parse(text).as_ref(), Ok(&expected), "{text}");
    check(&format!(r#"{{"AIGC":{REAL}}}"#));
    check(&format!("AIGC{REAL}"));
    check(&format!(" \u{feff}{REAL}\0\n"));
    check(&REAL.replace('"', "&quot;"));
    check(&serde_json::to_string(REAL).unwrap());
    check(&format!(r#"{{"AIGC":{}}}"#, serde_json::to_string(REAL).unwrap()));
    check(
        r#"{ "ProduceID":"cc75f5e99aae4210960acb722f10974e", "Other": 3, "ContentProducer":"001191110102MACQD9K64010000", "Label":"1" }"#,
    );
}

#[test]
fn what_is_no_label_is_refused() {
    assert_eq!(AigcLabel::parse("{}"), Err(LabelError::NoLabel));
    assert_eq!(AigcLabel::parse(r#"{"AIGC":{"AIGC":{"AIGC":{"AIGC":{}}}}}"#), Err(LabelError::NoLabel));
    assert!(matches!(AigcLabel::parse("AIGC"), Err(LabelError::NotJson(_))));
    assert!(matches!(AigcLabel::parse(&" ".repeat(70_000)), Err(LabelError::TooLong(_))));
    assert!(AigcLabel::parse(&"[".repeat(60_000)).is_err());
}

#[test]
fn each_fault_is_listed() {
    assert_eq!(
        reasons(
            r#"{"Label":"AIGC","ContentProducer":"Minimax Agent AI","ProduceID":"00000000000000000000000000000000"}"#
        ),
        [
            Reason::LabelValue("AIGC".into()),
            Reason::Characters { field: Field::ContentProducer, found: ' ' },
            Reason::ZeroId(Field::ProduceId),
        ]
    );
    assert_eq!(
        reasons(r#"{"Label":1,"ContentProducer":"TRIAL"}"#),
        [
            Reason::NotAString(Field::Label),
            Reason::Trial(Field::ContentProducer),
            Reason::Missing(Field::ProduceId)
        ]
    );
    assert_eq!(
        reasons(
            r#"{"Label":"1","Label":"2","ContentProducer":"001191110102MACQD9K65010000","ProduceID":"x"}"#
        ),
        [
            Reason::DuplicateField(Field::Label),
            Reason::Code {
                field: Field::ContentProducer,
                error: CodeError::CreditCode("91110102MACQD9K650".into())
            }
        ]
    );
    let twice = format!(r#"{{"AIGC":{REAL},"AIGC":{REAL}}}"#);
    assert_eq!(reasons(&twice), [Reason::DuplicateLabel]);
    // A name may stand instead of a code.
    assert_eq!(reasons(r#"{"Label":"1","ContentProducer":"MiniMax","ProduceID":"x"}"#), []);
    assert_eq!(
        AigcLabel::new(&ProviderCode::trial(), &ProduceId::from_u128(7)).conformance().reasons(),
        [Reason::Trial(Field::ContentProducer)]
    );
}

#[test]
fn a_propagator_leaves_the_producer_alone() {
    let spread = ProviderCode::parse("00119144030008867405X220001").unwrap();
    let label = AigcLabel::parse(REAL).unwrap().propagated(&spread, "p-1");
    assert_eq!(label.content_producer(), "001191110102MACQD9K64010000");
    assert_eq!(label.get(Field::ContentPropagator), spread.as_str());
    assert_eq!(label.get(Field::PropagateId), "p-1");
    assert_eq!(label.conformance(), Conformance::Conforming);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads the shared vectors where they are")]
fn the_shared_vectors_hold() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/vectors/aigc/labels.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let vectors: Value = serde_json::from_str(&text).unwrap();
    for code in vectors["provider_codes_that_parse"].as_array().unwrap() {
        assert!(ProviderCode::parse(code.as_str().unwrap()).is_ok(), "{code}");
    }
    let xmp = vectors["png_itxt_xmp"].as_str().unwrap();
    let inner = xmp.split("<TC260:AIGC>").nth(1).unwrap().split("</TC260:AIGC>").next().unwrap();
    assert_eq!(AigcLabel::parse(inner).unwrap().conformance(), Conformance::Conforming);
    for bad in vectors["must_be_reported_as_non_conforming"].as_array().unwrap() {
        let mut label = serde_json::json!({"Label": "1", "ContentProducer": "x", "ProduceID": "y"});
        for (key, value) in bad.as_object().unwrap() {
            label[key] = value.clone();
        }
        assert_eq!(reasons(&label.to_string()).len(), 1, "{bad}");
    }
}

proptest! {
    #[test]
    fn reading_undoes_writing(values in proptest::collection::vec(any::<String>(), 7)) {
        let label = AigcLabel::from_parts(Field::ALL.into_iter().zip(values).collect(), Vec::new());
        prop_assert_eq!(AigcLabel::parse(&label.to_json()).unwrap(), label);
    }

    #[test]
    fn hostile_text_never_panics(text in "\\PC{0,200}|[{}\"\\\\AIGC:&quot;label, 0]{0,200}") {
        if let Ok(label) = AigcLabel::parse(&text) {
            let _ = label.conformance();
            let _ = label.to_json();
        }
    }
}

#[test]
fn a_platform_names_no_producer() {
    let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    let label = AigcLabel::by_propagator(State::Suspected, &platform, "post-7").unwrap();
    assert_eq!((label.label(), label.content_producer(), label.get(Field::PropagateId)), ("3", "", "post-7"));
    assert_eq!(label.conformance(), Conformance::Conforming);
    assert_eq!(AigcLabel::by_propagator(State::NoSign, &platform, "post-7"), None);
    // Who says that a thing is generated names its producer.
    let is = AigcLabel::by_propagator(State::Confirmed, &platform, "post-7").unwrap();
    let missing = [Field::ContentProducer, Field::ProduceId].map(Reason::Missing);
    assert_eq!(is.conformance().reasons(), missing);
}
