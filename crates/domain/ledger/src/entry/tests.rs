use proptest::prelude::*;

use super::*;

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn entry() -> impl Strategy<Value = Entry> {
    let fixed = (
        any::<u128>(),
        0..EventKind::ALL.len(),
        0_i64..4_102_444_800_000_000,
        any::<u128>(),
        0..ActorRole::ALL.len(),
    );
    let optional = (
        proptest::option::of(hash()),
        proptest::option::of(hash()),
        proptest::option::of("[a-z0-9._-]{1,64}"),
        proptest::option::of(hash()),
        proptest::collection::vec(hash(), 0..4),
        proptest::option::of(hash()),
    );
    (fixed, optional).prop_map(
        |((id, event, time, tenant, actor), (pack, lexicon, decision, subject, content, payload))| {
            let fixed = Entry::new(
                EntryId::from_u128(id),
                EventKind::ALL[event],
                Timestamp::from_micros(time).unwrap(),
                TenantId::from_u128(tenant),
                ActorRole::ALL[actor],
            );
            Entry { pack, lexicon, decision, subject, content, payload, ..fixed }
        },
    )
}

fn small() -> Entry {
    let time = Timestamp::from_micros(1_700_000_000_000_001).unwrap();
    Entry::new(EntryId::from_u128(7), EventKind::GenerationBegun, time, TenantId::DEFAULT, ActorRole::User)
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(entry in entry()) {
        let bytes = entry.to_bytes().unwrap();
        let read = Entry::parse(&bytes).unwrap();
        prop_assert_eq!(&read, &entry);
        prop_assert_eq!(read.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn what_is_read_prints_to_the_same_bytes(entry in entry(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = entry.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(read) = Entry::parse(&bytes) {
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }
    }

    #[test]
    fn foreign_bytes_never_panic(bytes: Vec<u8>) {
        let _ = Entry::parse(&bytes);
    }
}

#[test]
fn the_text_is_compact_and_in_order() {
    let entry =
        Entry { decision: Some("block.fraud".to_owned()), content: vec![Hash([0xab; 32])], ..small() };
    let expected = format!(
        "{{\"schema\":1,\"id\":\"00000000000000000000000007\",\"event\":\"generation.begun\",\"time\":1700000000000001,\
         \"tenant\":\"00000000000000000000000000\",\"actor\":\"user\",\"decision\":\"block.fraud\",\"content\":[\"{}\"]}}",
        "ab".repeat(32)
    );
    assert_eq!(entry.to_text().unwrap(), expected);
}

#[test]
fn other_spellings_are_refused() {
    let text = small().to_text().unwrap();
    let check = |other: String| {
        assert_ne!(other, text, "the case does not change the text");
        assert!(Entry::parse(other.as_bytes()).is_err(), "{other}");
    };
    check(format!(" {text}"));
    check(format!("{text}\n"));
    check(text.replace("\"schema\":1,", "\"schema\":2,"));
    check(text.replace("\"schema\":1,", ""));
    check(text.replace("\"schema\":1,", "\"schema\":1,\"name\":\"x\","));
    check(text.replace("\"schema\":1,", "\"schema\":1,\"schema\":1,"));
    check(text.replace("\"user\"}", "\"user\",\"pack\":null}"));
    check(text.replace("\"user\"}", "\"user\",\"content\":[]}"));
    check(text.replace("\"user\"}", "\"us\\u0065r\"}"));
    check(text.replace("\"user\"}", "\"user\",\"decision\":\"01KAM0000000000000000000DD\"}"));
    check(text.replace(":1700000000000001", ":1700000000000001.0"));
    check(text.replace(":1700000000000001", ":-1"));
    check(text.replace("generation.begun", "generation.dreamt"));
    check(text.replace("0007\"", "000l\""));
}

#[test]
fn a_decision_id_is_no_decision_code() {
    for wrong in ["", "01KAM0000000000000000000DD", "张三", "a b", &"x".repeat(65)] {
        let entry = Entry { decision: Some(wrong.to_owned()), ..small() };
        assert!(matches!(entry.to_text(), Err(EntryError::DecisionCode(_))), "{wrong}");
    }
    let entry = Entry { content: vec![Hash([0; 32]); 257], ..small() };
    assert_eq!(entry.to_text(), Err(EntryError::TooManyContents(257)));
}
