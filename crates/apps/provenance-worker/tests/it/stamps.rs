//! Time stamps of a foreign authority, and the own one before a foreign reader.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Command,
    thread,
};

use provenance::{ClientError, RefusalCode, State, report::Stamp};
use provenance_worker::StampsBy;

use crate::{
    samples,
    support::{listening, request},
};

/// An authority that answers the next request with these bytes.
fn authority(status: &'static str, body: &'static [u8]) -> StampsBy {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsa", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut start = [0; 4096];
        let _ = stream.read(&mut start).unwrap();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
    });
    StampsBy::Url(url)
}

#[tokio::test]
async fn without_a_stamp_that_holds_nothing_is_signed() {
    for stamps in [
        authority("200 OK", b"no stamp"),
        authority("503 Service Unavailable", b""),
        // Status 2: rejected (RFC 3161, section 2.4.2).
        authority("200 OK", &[0x30, 5, 0x30, 3, 2, 1, 2]),
    ] {
        let worker = listening(stamps);
        let client = &worker.client;
        match client.sign(request("image/png"), &samples::png(), None).await {
            Err(ClientError::Refused(refusal)) => {
                assert_eq!(refusal.code, RefusalCode::TimeStamp, "{refusal}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn without_an_authority_the_signature_tells_no_time() {
    let worker = listening(StampsBy::Nobody);
    let client = &worker.client;
    let report = client.sign(request("image/png"), &samples::png(), None).await.unwrap().1;
    assert_eq!(report.state, State::Intact);
    assert_eq!(report.manifest.unwrap().stamp, Stamp::None);
}

#[test]
fn only_the_known_words_and_urls_name_an_authority() {
    assert_eq!("own".parse(), Ok(StampsBy::Own));
    assert_eq!("none".parse(), Ok(StampsBy::Nobody));
    assert_eq!("http://tsa.example/x".parse(), Ok(StampsBy::Url("http://tsa.example/x".to_owned())));
    assert!("ftp://tsa.example".parse::<StampsBy>().is_err());
}

/// Where OpenSSL is not installed, this says so and holds nothing.
#[tokio::test]
async fn openssl_takes_the_own_authoritys_token() {
    let worker = listening(StampsBy::Own);
    let signed = worker.client.sign(request("image/png"), &samples::png(), None).await.unwrap().0;
    let token = token(&signed);
    let file = worker.folder.path().join("token.der");
    fs::write(&file, token).unwrap();
    let root = worker.folder.path().join("keys/root.pem");
    let printed = Command::new("openssl")
        .args(["cms", "-verify", "-inform", "DER", "-purpose", "timestampsign", "-noout", "-in"])
        .arg(&file)
        .arg("-CAfile")
        .arg(&root)
        .output();
    let Ok(verified) = printed else {
        eprintln!("skipped: openssl is not installed");
        return;
    };
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    let text = Command::new("openssl")
        .args(["ts", "-reply", "-token_in", "-text", "-in"])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("Hash Algorithm: sha256"), "{text}");
    assert!(text.contains("Time stamp: "), "{text}");
    assert!(text.contains("Policy OID: 2.25."), "{text}");
}

/// The token within a signed file: the CMS that names `id-ct-TSTInfo` early.
fn token(signed: &[u8]) -> &[u8] {
    const SIGNED_DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    let at = signed.windows(SIGNED_DATA.len()).position(|window| window == SIGNED_DATA).unwrap() - 4;
    assert_eq!(signed[at..at + 2], [0x30, 0x82]);
    let length = usize::from(u16::from_be_bytes([signed[at + 2], signed[at + 3]]));
    &signed[at..at + 4 + length]
}
