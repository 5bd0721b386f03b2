use proptest::prelude::*;
use terms::ProduceId;

use super::*;
use crate::{Conformance, ProviderCode};

/// Bytes that differ for each seed, and are no secret.
struct Seeded(u8);

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for (n, byte) in buffer.iter_mut().enumerate() {
            *byte = u8::try_from((n * 31 + usize::from(self.0) * 7 + 1) % 251).unwrap();
        }
    }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::generate(&Seeded(seed)).unwrap()
}

fn unsigned() -> AigcLabel {
    AigcLabel::new(&ProviderCode::parse("001191110102MACQD9K64010000").unwrap(), &ProduceId::from_u128(7))
}

/// A label of another maker with that security data.
fn foreign(producer: &str, produce_id: &str, security: &serde_json::Value) -> AigcLabel {
    let label = serde_json::json!({
        "Label": "1", "ContentProducer": producer, "ProduceID": produce_id, "ReservedCode1": security.to_string(),
    });
    AigcLabel::parse(&label.to_string()).unwrap()
}

fn data(kind: &str, signature: &str, key: &str) -> serde_json::Value {
    serde_json::json!({"SecurityData": {"Type": "TC260PG", "Version": 1, "PubSD": [
        {"Type": "DS", "AlgID": SM3_WITH_SM2, "TBSData": {"Type": kind}, "Signature": signature},
        {"Type": "PubKey", "AlgID": SM3_WITH_SM2, "KeyValue": key},
    ]}})
}

fn proof(label: &AigcLabel, pinned: &[VerifyingKey]) -> Proof {
    match label.security(pinned) {
        Security::Verified(proof) => proof,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signed_label_conforms_and_verifies_after_it_was_read_again() {
    let signed = unsigned().with_security(&key(1), &Seeded(9)).unwrap();
    assert_eq!(signed.conformance(), Conformance::Conforming);
    let read = AigcLabel::parse(&signed.to_json()).unwrap();
    let carried = proof(&read, &[]);
    assert_eq!((carried.form, carried.standing), (DigestForm::Standard, KeyStanding::Carried));
    assert_eq!(carried.key, key(1).verifying_key());
    assert_eq!(proof(&read, &[key(1).verifying_key()]).standing, KeyStanding::Pinned);
    // A key that did not sign makes no other verdict.
    assert_eq!(proof(&read, &[key(2).verifying_key()]).standing, KeyStanding::Carried);
    // A propagator changes nothing that the producer signed.
    let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    assert_eq!(proof(&read.propagated(&platform, "P"), &[]).form, DigestForm::Standard);
}

#[test]
fn each_field_of_the_producer_is_signed() {
    let json = unsigned().with_security(&key(1), &Seeded(9)).unwrap().to_json();
    for (from, to) in [
        (r#""Label":"1""#, r#""Label":"2""#),
        ("MACQD9K64010000", "MACQD9K64010001"),
        ("0000007\"", "0000008\""),
    ] {
        let changed = json.replace(from, to);
        assert_ne!(changed, json);
        assert_eq!(AigcLabel::parse(&changed).unwrap().security(&[]), Security::Failed, "{from}");
    }
}

/// Two labels of one vendor, from published files (producer 001191310104MACE0YX63918020).
#[test]
fn labels_of_real_files_verify_in_the_double_form() {
    let key = "3059301306072A8648CE3D020106082A811CCF5501822D034200045728F08C58D9C72150A705693EF7337859F8FF216E802630041AFAE5C036F0A67CB1FDF8C57F5F8B623284AE09E4E545464B7140B26BBDA51BAE965F854C57AA";
    let point = key.get(key.len() - 130..).unwrap();
    let half = point.get(2..66).unwrap();
    for (id, signature) in [
        (
            "142569260085903360",
            "3046022100AE6B84B3342128AE301A597596FCD9EECF3EA0FC2DB6C250BAF234E167298E9002210097223ABB647B786A90D0A1B93CB9382EA879563B2C7F025FA006BE16AE926C14",
        ),
        (
            "147392816552226816",
            "3045022100E816A5872275AE5414E7E0FD3D9B2C30F7B7FD68609D6486A38DF7CFAA1417B902201A510FBBE50819BAFF1FCC7B8527FF23CD40447D41A6776E6BCF1F773AE0DBBC",
        ),
    ] {
        // The forms of a key that are seen: SPKI, a point with and without its tag, half of one with and without `00`.
        for key in [key, point, point.get(2..).unwrap(), half, &format!("00{half}")] {
            let producer = "001191310104MACE0YX63918020";
            let label = foreign(producer, id, &data("LabelMataData", signature, key));
            assert_eq!(proof(&label, &[]).form, DigestForm::Double, "{key}");
            let other = foreign(producer, "142569260085903361", &data("LabelMataData", signature, key));
            assert_eq!(other.security(&[]), Security::Failed);
        }
    }
}

#[test]
fn the_vectors_from_outside_verify_in_the_form_they_name() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/vectors/aigc/labels.json");
    #[expect(clippy::disallowed_methods, reason = "a test reads what may lie beside the project")]
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no test vectors beside the project");
        return;
    };
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let set = &vectors["sm2_signatures"];
    let signed = set["signed"].as_array().unwrap();
    assert!(!signed.is_empty());
    for one in signed {
        let security =
            data("Md", one["signature_der_hex"].as_str().unwrap(), set["key_spki_der_hex"].as_str().unwrap());
        let label =
            foreign(set["producer"].as_str().unwrap(), one["produce_id"].as_str().unwrap(), &security);
        let form = if one["form"] == "prehashed" { DigestForm::Double } else { DigestForm::Standard };
        assert_eq!(proof(&label, &[]).form, form);
    }
}

#[test]
fn a_signed_binding_is_told_from_an_unsigned_one() {
    let binding = r#"{"BType":"0","Hash":"AB"}"#;
    let sign = |message: &str| hex::encode_upper(key(1).sign(message.as_bytes(), &Seeded(3)).unwrap());
    let with = |bound: &str| {
        let mut security = data("Md", &sign(&message(&unsigned())), &key(1).verifying_key().to_spki_hex());
        let entry = serde_json::json!({
            "Type": "DS", "AlgID": SM3_WITH_SM2, "TBSData": {"Type": "Binding"}, "Signature": sign(bound),
        });
        security["SecurityData"]["PubSD"].as_array_mut().unwrap().push(entry);
        security["SecurityData"]["Bindings"] =
            serde_json::json!([serde_json::from_str::<serde_json::Value>(binding).unwrap()]);
        proof(&unsigned().with_reserved_code1(&security.to_string()), &[]).binding
    };
    assert!(with(binding));
    assert!(!with(r#"{"BType":"0","Hash":"AC"}"#));
}

#[test]
fn what_cannot_be_checked_is_no_verdict() {
    let check = |text: &str, expected: Security| {
        assert_eq!(
            unsigned().with_reserved_code1(text).security(&[key(1).verifying_key()]),
            expected,
            "{text}"
        )
    };
    check("", Security::Absent);
    check("L-12", Security::Opaque);
    check(r#"{"SecurityData":{"Type":"OTHER"}}"#, Security::Opaque);
    check(r#"{"SecurityData":{"Type":"TC260PG"}}"#, Security::NoSignature);
    check(r#"{"SecurityData":{"Type":"TC260PG","PubSd":[1,{"Type":"DS"}]}}"#, Security::NoSignature);
    let rsa = r#"{"SecurityData":{"Type":"TC260PG","PubSd":[{"Type":"DS","AlgID":"1.2.840.113549.1.1.11","TBSData":{"Type":"Md"}}]}}"#;
    check(rsa, Security::Unsupported("1.2.840.113549.1.1.11".to_owned()));
    check(&data("Md", "00", "zz").to_string(), Security::Failed);
}

#[test]
fn a_key_is_the_same_after_it_was_written() {
    let text = key(1).to_pkcs8_hex().unwrap();
    let again = SecretKey::from_pkcs8_hex(&format!("{}\n", *text)).unwrap();
    assert_eq!(again.verifying_key(), key(1).verifying_key());
    let spki = key(1).verifying_key().to_spki_hex();
    assert_eq!(spki.len(), 182);
    assert_eq!(VerifyingKey::from_hex(&spki).unwrap(), key(1).verifying_key());
    assert_eq!(SecretKey::from_pkcs8_hex("x").unwrap_err(), KeyError::NotHex);
    assert_eq!(SecretKey::from_pkcs8_hex("00").unwrap_err(), KeyError::NotSecret);
    assert_eq!(VerifyingKey::from_hex("00"), Err(KeyError::NotPublic));
    assert_eq!(format!("{:?}", key(1)), "SecretKey(..)");
}

#[test]
fn a_source_that_gives_no_key_is_refused() {
    struct Ones;
    impl Entropy for Ones {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0xff);
        }
    }
    assert_eq!(SecretKey::generate(&Ones).unwrap_err(), KeyError::Entropy);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn foreign_security_data_never_panics(text: String, hex in "[0-9A-F]{0,200}", kind in "Md|Bnd|x") {
        let _ = unsigned().with_reserved_code1(&text).security(&[]);
        let _ = unsigned().with_reserved_code1(&data(&kind, &hex, &hex).to_string()).security(&[]);
    }
}
