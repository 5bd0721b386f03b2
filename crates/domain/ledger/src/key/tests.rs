use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn keys_round_trip(seed: [u8; 32], name in "[^\\s+\\pC]{1,40}") {
        let signer = NoteSigner::new(&name, &seed).unwrap();
        let text = signer.to_private_text();
        let read = NoteSigner::parse(&text).unwrap();
        prop_assert_eq!(&read.to_private_text(), &text);
        let public = read.verifier().to_string();
        prop_assert_eq!(&public.parse::<VerifierKey>().unwrap(), signer.verifier());
        prop_assert!(signer.verifier().verifies("a\n", &read.sign("a\n")));
        prop_assert!(!signer.verifier().verifies("b\n", &read.sign("a\n")));
    }

    #[test]
    fn foreign_text_never_panics(text: String, almost in "(PRIVATE\\+KEY\\+)?x\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{40,48}={0,2}") {
        for text in [text, almost] {
            let _ = text.parse::<VerifierKey>();
            let _ = NoteSigner::parse(&text);
        }
    }
}

#[test]
fn a_published_example_is_read() {
    // The example key of Go's golang.org/x/mod/sumdb/note documentation.
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: VerifierKey = text.parse().unwrap();
    assert_eq!((key.name(), key.to_string().as_str()), ("PeterNeumann", text));
    assert!(matches!(text.replace("c74f", "c74e").parse::<VerifierKey>(), Err(KeyError::IdDiffers { .. })));
    assert!(matches!(text.replace("Peter", "Paul").parse::<VerifierKey>(), Err(KeyError::IdDiffers { .. })));
}

#[test]
fn a_witness_signs_a_time_and_the_text() {
    let key = SigningKey::from_bytes(&[5; 32]);
    let witness =
        VerifierKey::new("witness.example", KeyKind::Cosignature, key.verifying_key().as_bytes()).unwrap();
    assert_eq!(witness.to_string().parse::<VerifierKey>().unwrap(), witness);
    // The same bytes under another kind are another key.
    let plain =
        VerifierKey::new("witness.example", KeyKind::Ed25519, key.verifying_key().as_bytes()).unwrap();
    assert_ne!(plain.id(), witness.id());
    let line = |time: u64| {
        let signed = key.sign(format!("cosignature/v1\ntime {time}\nlog\n0\n").as_bytes()).to_bytes();
        NoteSignature::from_parts(
            "witness.example".to_owned(),
            witness.id(),
            [&time.to_be_bytes(), &signed[..]].concat(),
        )
    };
    assert!(witness.verifies("log\n0\n", &line(1_679_315_147)));
    assert!(!witness.verifies("log\n1\n", &line(1_679_315_147)));
    assert!(!witness.verifies("log\n0\n", &line(1 << 63)));
    assert!(!plain.verifies("log\n0\n", &line(1_679_315_147)));
    let short = NoteSignature::from_parts("witness.example".to_owned(), witness.id(), vec![0; 7]);
    assert!(!witness.verifies("log\n0\n", &short));
}

#[test]
fn printing_for_people_keeps_the_private_bytes_back() {
    let signer = NoteSigner::new("log.example", &[7; 32]).unwrap();
    assert!(!format!("{signer:?}").contains(signer.to_private_text().rsplit_once('+').unwrap().1));
    assert!(matches!(NoteSigner::new("a b", &[7; 32]), Err(KeyError::Name(_))));
}
