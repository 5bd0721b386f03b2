use ledger::{
    Checkpoint, ContentOpening, Entry, EventKind, NoteSigner, Opening, ProofError, ProofExtra, SignedNote,
    TlogProof, TreeState, check_file, inclusion_proof, integrate, salted_content_hash,
};
use proptest::prelude::*;
use terms::{ActorRole, EntryId, ProduceId, TenantId, Timestamp};

const TEXT: &str = "你好，世界 (AI)";

fn signer() -> NoteSigner {
    NoteSigner::new("log.example", &[9; 32]).unwrap()
}

fn entry(number: u64) -> Entry {
    let time = Timestamp::from_micros(1_790_000_000_000_000).unwrap();
    let id = EntryId::from_u128(u128::from(number));
    Entry {
        content: vec![salted_content_hash(&[3; 32], TEXT.as_bytes())],
        ..Entry::new(id, EventKind::GenerationEnded, time, TenantId::DEFAULT, ActorRole::User)
    }
}

fn proof(count: u64, index: u64) -> TlogProof {
    let bytes: Vec<_> = (0..count).map(|number| entry(number).to_bytes().unwrap()).collect();
    let grown = integrate(&TreeState::new(), &bytes).unwrap();
    let tiles = grown.tiles.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let opening = Opening {
        produce_id: ProduceId::from_u128(5),
        model: "demo".to_owned(),
        contents: vec![ContentOpening { choice: 0, channel: "content".to_owned(), salt: [3; 32] }],
    };
    let extra = ProofExtra { entry: entry(index), opening: Some(opening) };
    TlogProof {
        extra: Some(extra.to_bytes().unwrap()),
        index,
        hashes: inclusion_proof(&tiles, index, count).unwrap(),
        checkpoint: Checkpoint::new("log.example", count, grown.state.root()).sign(&signer()).unwrap(),
    }
}

fn check(proof: &TlogProof, content: Option<&[u8]>) -> Result<ledger::ProofReport, ProofError> {
    check_file(proof.to_string().as_bytes(), signer().verifier(), content)
}

#[test]
fn a_proof_file_needs_nothing_but_the_key() {
    let proof = proof(300, 123);
    let report = check(&proof, Some(TEXT.as_bytes())).unwrap();
    assert_eq!((report.index, report.size, report.origin.as_str()), (123, 300, "log.example"));
    assert_eq!(report.entry, entry(123));
    assert_eq!(report.content.unwrap().channel, "content");
    assert_eq!(check(&proof, None).unwrap().content, None);
    assert_eq!(check(&proof, Some(b"other")), Err(ProofError::ContentDiffers { index: 123 }));
}

#[test]
fn a_false_claim_is_refused() {
    let good = proof(300, 123);
    assert!(matches!(
        check(&TlogProof { index: 124, ..good.clone() }, None),
        Err(ProofError::NotIncluded { .. })
    ));
    assert!(matches!(check(&TlogProof { extra: None, ..good.clone() }, None), Err(ProofError::NoEntry)));
    assert!(matches!(
        check(&TlogProof { extra: Some(b"{}".to_vec()), ..good.clone() }, None),
        Err(ProofError::Extra(_))
    ));
    let other = ProofExtra { entry: entry(124), opening: None }.to_bytes().unwrap();
    assert!(matches!(
        check(&TlogProof { extra: Some(other), ..good.clone() }, None),
        Err(ProofError::NotIncluded { .. })
    ));
    let stranger = NoteSigner::new("log.example", &[8; 32]).unwrap();
    let text = good.checkpoint.text().to_owned();
    let forged = SignedNote::new(text.clone(), vec![stranger.sign(&text)]).unwrap();
    assert!(matches!(
        check(&TlogProof { checkpoint: forged, ..good.clone() }, None),
        Err(ProofError::Checkpoint(_))
    ));
    assert!(check_file(good.to_string().as_bytes(), stranger.verifier(), None).is_err());
    let elsewhere = NoteSigner::new("other.example", &[9; 32]).unwrap();
    assert!(check_file(good.to_string().as_bytes(), elsewhere.verifier(), None).is_err());
    assert!(good.verify(&entry(123).to_bytes().unwrap(), signer().verifier(), "log.example").is_ok());
    assert!(good.verify(&entry(123).to_bytes().unwrap(), signer().verifier(), "other.example").is_err());
}

#[test]
fn the_file_has_the_lines_of_the_specification() {
    let text = proof(5, 4).to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra ey"));
    assert_eq!(lines[2], "index 4");
    assert_eq!((lines[3].len(), lines[4], lines[5], lines[6]), (44, "", "log.example", "5"));
    let alone = TlogProof { extra: None, ..proof(1, 0) };
    assert!(alone.to_string().starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example\n1\n"));
    for wrong in [
        text.replace("@v1", "@v2"),
        text.replace("index 4", "index 04"),
        text.replace("index 4\n", ""),
        text.replace("extra ", "extra  "),
        text.replace("extra ", "Extra "),
        text.replacen("\n\n", "\n", 1),
        text.replace('\n', "\r\n"),
        format!("{text}\n"),
        text.replacen(&format!("{}\n", lines[3]), &format!("{}\n", lines[3]).repeat(65), 1),
    ] {
        assert!(TlogProof::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

#[test]
fn extra_data_has_one_spelling() {
    let bytes = ProofExtra::parse(&proof(2, 1).extra.unwrap()).unwrap().to_bytes().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("{\"v\":1,\"entry\":\"{\\\"schema\\\":1,"), "{text}");
    assert!(
        text.ends_with(&format!(
            "\"contents\":[{{\"choice\":0,\"channel\":\"content\",\"salt\":\"{}\"}}]}}}}",
            "03".repeat(32)
        )),
        "{text}"
    );
    for wrong in [
        text.replace("\"v\":1", "\"v\":2"),
        text.replace("\"v\":1,", "\"v\":1,\"x\":0,"),
        text.replace("{\"v\"", "{ \"v\""),
        text.replace("0303", "03"),
        text.replace("demo", "d\\u0065mo"),
        text.replace("\"choice\":0", "\"choice\":-1"),
        text.replace("\\\"schema\\\"", " \\\"schema\\\""),
    ] {
        assert_ne!(wrong, text);
        assert!(ProofExtra::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_round_trip(extra in proptest::option::of(any::<Vec<u8>>()), index: u64, hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..=64)) {
        let checkpoint = Checkpoint::new("log.example", 1, ledger::Hash([1; 32])).sign(&signer()).unwrap();
        let proof = TlogProof { extra, index, hashes: hashes.into_iter().map(ledger::Hash).collect(), checkpoint };
        prop_assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof));
    }

    #[test]
    fn a_changed_byte_is_refused_or_prints_back(at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = proof(5, 2).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = TlogProof::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn foreign_bytes_never_panic(bytes: Vec<u8>, text: String) {
        let _ = TlogProof::parse(&bytes);
        let _ = ProofExtra::parse(&bytes);
        let _ = TlogProof::parse(format!("c2sp.org/tlog-proof@v1\n{text}").as_bytes());
        let _ = TlogProof::parse(format!("c2sp.org/tlog-proof@v1\nindex 0\n{text}").as_bytes());
    }
}
