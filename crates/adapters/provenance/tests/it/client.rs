//! The client against a peer that does what it should not.

use std::time::Duration;

use provenance::{Client, ClientError, Limits};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixListener,
};

/// A peer that answers each connection with these bytes, after a request has come.
fn peer(folder: &tempfile::TempDir, answers: Vec<Vec<u8>>) -> std::path::PathBuf {
    let socket = folder.path().join("peer.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut start = [0; 16];
            stream.read_exact(&mut start).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    });
    socket
}

fn frame(head: &str, announced_body: u64) -> Vec<u8> {
    let prefix = provenance::frame::Prefix::new(head.as_bytes(), announced_body).unwrap();
    [&prefix.to_bytes()[..], head.as_bytes()].concat()
}

async fn answer_to(bytes: Vec<u8>) -> ClientError {
    let folder = tempfile::tempdir().unwrap();
    let socket = peer(&folder, vec![bytes]);
    Client::new(&socket, Limits::default()).about().await.unwrap_err()
}

#[tokio::test]
async fn whatever_a_peer_answers_is_an_error_and_not_more() {
    assert!(matches!(answer_to(Vec::new()).await, ClientError::Broken(_)));
    assert!(matches!(answer_to(b"HTTP/1.1 200 OK\r\n".to_vec()).await, ClientError::Frame(_)));
    assert!(matches!(answer_to(frame("[]", 0)).await, ClientError::Head(_)));
    assert!(matches!(answer_to(frame("{}", 0)[..17].to_vec()).await, ClientError::Broken(_)));
    // A body that is announced takes no memory before it comes, and one that is too long is not read.
    let refused = r#"{"answer":"refused","code":"busy","message":"full"}"#;
    assert!(matches!(answer_to(frame(refused, 100_000_000)).await, ClientError::Broken(_)));
    assert!(matches!(answer_to(frame(refused, u64::MAX)).await, ClientError::Frame(_)));
    assert!(matches!(answer_to(frame(refused, 0)).await, ClientError::Refused(_)));
    let read = r#"{"answer":"read","state":"absent","elsewhere":null,"manifest":null,"findings":[]}"#;
    assert!(matches!(answer_to(frame(read, 0)).await, ClientError::Unexpected));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_left_after_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("silent.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let limits = Limits { answer_max: Duration::from_secs(5), ..Limits::default() };
    let client = Client::new(&socket, limits);
    assert!(matches!(client.about().await.unwrap_err(), ClientError::Timeout { limit_ms: 5000 }));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_place_waits_no_longer_than_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("silent.sock");
    let _listener = UnixListener::bind(&socket).unwrap();
    let limits = Limits { at_once_max: 1, answer_max: Duration::from_secs(5), ..Limits::default() };
    let client = Client::new(&socket, limits);
    let (first, second) = tokio::join!(client.about(), client.about());
    assert!(matches!(first.unwrap_err(), ClientError::Timeout { .. }));
    assert!(matches!(second.unwrap_err(), ClientError::Timeout { .. }));
}
