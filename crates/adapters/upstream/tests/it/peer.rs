//! A provider made of bytes: it reads one request and writes what the test says.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upstream::{Upstream, UpstreamConfig};

pub(crate) struct Peer {
    listener: TcpListener,
}

impl Peer {
    pub(crate) async fn new() -> Self {
        Self { listener: TcpListener::bind(("127.0.0.1", 0)).await.unwrap() }
    }

    pub(crate) fn config(&self) -> UpstreamConfig {
        UpstreamConfig::new("peer", format!("http://{}/v1/", self.listener.local_addr().unwrap()))
    }

    pub(crate) fn upstream(&self) -> Upstream {
        Upstream::new(self.config()).unwrap()
    }

    /// Accepts a connection, reads a request with its body, and gives both.
    pub(crate) async fn accept(&self) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        (stream, request)
    }
}

pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "request broke off: {text}");
        request.extend_from_slice(&buffer[..count]);
    }
}

/// The head of a chunked event stream and its first event.
pub(crate) async fn begin_stream(stream: &mut TcpStream) {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: Text/Event-Stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"7\r\ndata: 1\r\n").await.unwrap();
}

pub(crate) async fn reply(stream: &mut (impl AsyncWrite + Unpin), status: &str, body: &str) {
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nx-request-id: r1\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.unwrap();
}
