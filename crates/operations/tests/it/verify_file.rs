//! What is this file?

use label::{
    AigcLabel, ProviderCode, SignKind, State, markdown,
    media::{self, DigitalSource, Format, Marks},
    plain,
};
use operations::{EndReason, FILE_CHANNEL, FileQuery, FileVerification, OperationError, Operations};
use terms::ProduceId;

use crate::{
    log::{begun, content, ending},
    site::on_both,
};

/// A second of silence, of one byte a sample.
fn sound() -> Vec<u8> {
    let format = [&b"fmt "[..], &[16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0]];
    let data = [&b"data"[..], &8000_u32.to_le_bytes(), &[128; 8000]];
    let form = [&b"WAVE"[..], &format.concat(), &data.concat()].concat();
    [&b"RIFF"[..], &u32::try_from(form.len()).unwrap().to_le_bytes(), &form].concat()
}

fn labelled(label: &AigcLabel) -> Vec<u8> {
    let marks = Marks { label, source: Some(DigitalSource::TrainedAlgorithmicMedia) };
    media::label(Format::Wav, &sound(), &marks).unwrap()
}

async fn look(operations: &Operations, bytes: &[u8], is_declared: bool) -> FileVerification {
    operations.verify_file(FileQuery { bytes: bytes.to_vec().into(), is_declared }).await.unwrap()
}

fn kinds(found: &FileVerification) -> Vec<SignKind> {
    found.signs.iter().map(|sign| sign.kind).collect()
}

#[tokio::test]
async fn a_file_that_was_delivered_here_is_known_to_the_byte() {
    on_both(|site| async move {
        let operations = &site.operations;
        let generation = begun(&site).await;
        let file = labelled(&operations.aigc_label(generation.produce_id));
        let mut hasher = operations.content_hasher(0, FILE_CHANNEL);
        hasher.push_file(&file);
        let content = operations.content_finish(hasher);
        operations.record_generation(&generation, ending(EndReason::Completed, vec![content])).await.unwrap();

        let exact = look(operations, &file, false).await;
        assert_eq!((exact.format, exact.state), (Some("wav"), State::Confirmed));
        assert_eq!(kinds(&exact), [SignKind::RecordExact, SignKind::LabelIs]);
        let record = exact.record.unwrap().generation.unwrap();
        assert_eq!(record.produce_id, generation.produce_id);

        let mut changed = file.clone();
        *changed.last_mut().unwrap() = 1;
        let altered = look(operations, &changed, false).await;
        assert_eq!(kinds(&altered), [SignKind::RecordAltered, SignKind::LabelIs]);
    })
    .await;
}

#[tokio::test]
async fn each_file_gets_its_state() {
    on_both(|site| async move {
        let operations = &site.operations;
        let bare = look(operations, &sound(), false).await;
        assert_eq!((bare.state, bare.signs.len()), (State::NoSign, 0));
        let declared = look(operations, &sound(), true).await;
        assert_eq!((declared.state, kinds(&declared)), (State::Possible, vec![SignKind::Declared]));

        let other = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
        let foreign = labelled(&AigcLabel::new(&other, &ProduceId::from_u128(9)));
        let foreign = look(operations, &foreign, false).await;
        assert_eq!((foreign.state, kinds(&foreign)), (State::Confirmed, vec![SignKind::LabelIs]));
        assert!(foreign.record.is_none());

        // Our code with a number that we never gave.
        let forged = labelled(&operations.aigc_label(ProduceId::from_u128(9)));
        let forged = look(operations, &forged, false).await;
        assert_eq!(kinds(&forged), [SignKind::RecordMissing, SignKind::LabelIs]);
        assert_eq!(forged.state, State::Suspected);

        let cut = &sound()[..30];
        assert_eq!(look(operations, cut, false).await.state, State::Inconclusive);
        let unknown = look(operations, b"\x00\x01\x02", false).await;
        assert_eq!((unknown.format, unknown.state), (None, State::Inconclusive));
        let text = look(operations, "本文由AI生成".as_bytes(), false).await;
        assert_eq!((text.format, text.state), (Some("txt"), State::Suspected));
    })
    .await;
}

#[tokio::test]
async fn a_text_file_is_known_by_its_words_and_by_its_front_matter() {
    on_both(|site| async move {
        let operations = &site.operations;
        let generation = begun(&site).await;
        let id = generation.produce_id;
        let contents = vec![content(operations, "content", "今天的天气很好。")];
        operations.record_generation(&generation, ending(EndReason::Completed, contents)).await.unwrap();
        let text = plain::write("今天的天气很好。", operations.visible_label(), &id).unwrap();
        let found = look(operations, text.as_bytes(), false).await;
        assert_eq!(kinds(&found), [SignKind::RecordExact, SignKind::Words]);
        let document = markdown::write("# 今天\n", &operations.aigc_label(id)).unwrap();
        let found = look(operations, document.as_bytes(), false).await;
        assert_eq!(kinds(&found), [SignKind::RecordAltered, SignKind::LabelIs]);
    })
    .await;
}

#[tokio::test]
async fn a_platform_writes_what_it_found_and_takes_nothing_out() {
    on_both(|site| async move {
        let operations = &site.operations;
        let pass = async |bytes: Vec<u8>, is_declared: bool, id: Option<&str>| {
            let query = FileQuery { bytes: bytes.into(), is_declared };
            operations.propagate_file(query, id.map(str::to_owned)).await
        };
        let other = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
        let foreign = AigcLabel::new(&other, &ProduceId::from_u128(9)).with_reserved_code1("x");
        let passed = pass(labelled(&foreign), false, Some("post-7")).await.unwrap();
        let ours = &operations.settings().provider_code;
        assert_eq!(passed.label.to_json(), foreign.propagated(ours, "post-7").to_json());
        assert_eq!(
            media::report(Format::Wav, &passed.bytes).label.unwrap().to_json(),
            passed.label.to_json()
        );
        assert_eq!(passed.media_type, "audio/wav");

        let declared = pass(sound(), true, None).await.unwrap();
        assert_eq!((declared.label.label(), declared.label.content_producer()), ("2", ""));
        assert_eq!(look(operations, &declared.bytes, false).await.state, State::Possible);

        for (bytes, id) in [
            (sound(), None),
            (b"text".to_vec(), None),
            (labelled(&AigcLabel::new(&other, &ProduceId::from_u128(9))), Some("a b")),
        ] {
            let refused = pass(bytes, false, id).await;
            assert!(matches!(refused, Err(OperationError::Invalid { .. })), "{refused:?}");
        }
    })
    .await;
}
