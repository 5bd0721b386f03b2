//! What holds of asking over a socket.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
};

use label::{
    AigcLabel, Conformance, ProviderCode,
    media::{self, DigitalSource, Format, Marks},
};
use provenance::{Client, ClientError, Limits, RefusalCode, State};
use provenance_worker::{StampsBy, bind};
use terms::ProduceId;

use crate::{
    samples,
    support::{listening, listening_with, request},
};

#[tokio::test]
async fn every_format_is_signed_and_read_by_many_at_once() {
    let worker = listening(StampsBy::Own);
    let one = |format: &'static str, asset: Vec<u8>| {
        let client = &worker.client;
        async move {
            let (signed, report) = client.sign(request(format), &asset, None).await.unwrap();
            assert_eq!(report.state, State::Intact);
            assert_eq!(client.read(format, &signed).await.unwrap(), report);
            assert_eq!(client.read(format, &asset).await.unwrap().state, State::Absent);
        }
    };
    let [a, b, c, d, e] = samples::all().map(|(format, asset)| one(format, asset));
    tokio::join!(a, b, c, d, e);
}

#[tokio::test]
async fn a_parent_travels_beside_the_asset() {
    let worker = listening(StampsBy::Own);
    let client = &worker.client;
    let original = client.sign(request("image/png"), &samples::png(), None).await.unwrap().0;
    let parent = Some(("image/png", original.as_slice()));
    let report = client.sign(request("image/jpeg"), &samples::jpeg(), parent).await.unwrap().1;
    let [ingredient] = report.manifest.unwrap().ingredients.try_into().unwrap();
    assert_eq!((ingredient.state, ingredient.format.as_deref()), (State::Intact, Some("image/png")));
}

#[tokio::test]
async fn the_label_of_gb_45438_still_conforms_after_signing() {
    let worker = listening(StampsBy::Own);
    let client = &worker.client;
    let producer = ProviderCode::parse("001191110102MACQD9K64010000").unwrap();
    let label = AigcLabel::new(&producer, &ProduceId::from_u128(7));
    let marks = Marks { label: &label, source: Some(DigitalSource::TrainedAlgorithmicMedia) };
    for &format in Format::ALL {
        let Some((media_type, asset)) =
            samples::all().into_iter().find(|(media_type, _)| *media_type == format.media_type())
        else {
            continue;
        };
        let labelled = media::label(format, &asset, &marks).unwrap();
        let mut asked = request(media_type);
        asked.gb_label = Some(label.to_json());
        let (signed, report) = client.sign(asked, &labelled, None).await.unwrap();
        let told: serde_json::Value =
            serde_json::from_str(&report.manifest.unwrap().gb_label.unwrap()).unwrap();
        assert_eq!(told, serde_json::from_str::<serde_json::Value>(&label.to_json()).unwrap());
        let after = media::report(format, &signed);
        assert_eq!(after.hidden, Conformance::Conforming, "{format:?}");
        assert_eq!(after.label.map(|label| label.to_json()), Some(label.to_json()));
    }
}

#[tokio::test]
async fn hostile_bytes_are_answered_and_the_worker_goes_on() {
    let worker = listening(StampsBy::Own);
    let client = &worker.client;
    for (format, asset) in samples::all() {
        let signed = client.sign(request(format), &asset, None).await.unwrap().0;
        for step in [3, 5, 11] {
            let mut changed = signed.clone();
            for at in (40..changed.len()).step_by(changed.len() / step) {
                changed[at] ^= 0x55;
            }
            match client.read(format, &changed).await {
                Ok(report) => assert_ne!(report.state, State::Intact),
                Err(ClientError::Refused(refusal)) => {
                    assert!(
                        matches!(refusal.code, RefusalCode::Malformed | RefusalCode::Failed),
                        "{refusal:?}"
                    );
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(client.about().await.unwrap().own_chain);
}

#[tokio::test]
async fn what_is_too_large_is_refused_on_both_sides() {
    let worker = listening_with(StampsBy::Own, 1000);
    let asset = vec![0; 2000];
    let refused = worker.client.read("image/png", &asset).await.unwrap_err();
    assert!(
        matches!(&refused, ClientError::Refused(refusal) if refusal.code == RefusalCode::TooLarge),
        "{refused:?}"
    );
    assert!(refused.is_of_the_asset());
    let small = Client::new(&worker.socket(), Limits { asset_bytes_max: 1500, ..Limits::default() });
    let refused = small.read("image/png", &asset).await.unwrap_err();
    assert!(matches!(refused, ClientError::TooLarge { bytes: 2000, limit: 1500 }), "{refused:?}");
    assert_eq!(worker.client.read("image/png", &samples::png()).await.unwrap().state, State::Absent);
}

#[test]
fn what_is_no_frame_ends_its_connection_alone() {
    let worker = listening(StampsBy::Own);
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"CNP1\0\0\0\x02\0\0\0\0\0\0\0\0[]",
        b"CNP1\xff\xff\xff\xff\0\0\0\0\0\0\0\0",
    ] {
        let mut stream = UnixStream::connect(worker.socket()).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // The other side may have closed before it took all that was sent.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"CNP1"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { worker.client.about().await.unwrap() });
}

#[test]
fn the_socket_is_for_its_owner_alone_and_not_shared() {
    let worker = listening(StampsBy::Own);
    assert_eq!(fs::metadata(worker.socket()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(bind(&worker.socket()).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    let file = worker.folder.path().join("file");
    fs::write(&file, "kept").unwrap();
    assert_eq!(bind(&file).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&file).unwrap(), b"kept");
    // One that was left behind by a worker that ended is replaced.
    let left = worker.folder.path().join("left.sock");
    drop(bind(&left).unwrap());
    assert!(left.exists() && bind(&left).is_ok());
}
