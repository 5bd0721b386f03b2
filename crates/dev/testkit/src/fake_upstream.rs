//! A model provider that follows a script, down to the byte.
//!
//! It answers every connection alike: reads one request, then does what the script says. It remembers the requests, and tells when
//! a client went away.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// One thing the provider does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Says nothing more, until the client goes away.
    Stall,
}

/// The head of a streamed answer whose body ends with the connection.
pub const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
/// The head of a streamed answer whose body says how long it is: one that ends early is broken.
pub const CHUNKED_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

impl Act {
    /// Sends text.
    #[must_use]
    pub fn send(text: impl Into<String>) -> Self {
        Self::Send(text.into().into_bytes())
    }

    /// Sends one event with that data.
    #[must_use]
    pub fn event(data: &str) -> Self {
        Self::send(format!("data: {data}\n\n"))
    }

    /// Sends a whole answer.
    #[must_use]
    pub fn whole(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::send(format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }
}

/// A running provider. Its task ends with the test's runtime.
#[derive(Debug)]
pub struct FakeUpstream {
    /// Its base URL, with the version.
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
    gone: watch::Receiver<usize>,
}

impl FakeUpstream {
    /// Starts it on a free port of the loopback.
    ///
    /// # Panics
    /// Where no port can be had.
    pub async fn start(script: Vec<Act>) -> Self {
        let listener = match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => listener,
            Err(error) => panic!("bind a port for the fake provider: {error}"),
        };
        let url = match listener.local_addr() {
            Ok(address) => format!("http://{address}/v1"),
            Err(error) => panic!("ask for the fake provider's port: {error}"),
        };
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (sender, gone) = watch::channel(0);
        let remembered = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, remembered, sender) = (script.clone(), Arc::clone(&remembered), sender.clone());
                tokio::spawn(async move {
                    if play(stream, &script, &remembered).await {
                        sender.send_modify(|count| *count += 1);
                    }
                });
            }
        });
        Self { url, requests, gone }
    }

    /// The bodies of the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a client went away before the script's end.
    ///
    /// # Panics
    /// Where none does within `patience`.
    pub async fn client_gone(&self, patience: Duration) {
        let mut gone = self.gone.clone();
        let waited = tokio::time::timeout(patience, gone.wait_for(|count| *count > 0)).await;
        if !matches!(waited, Ok(Ok(_))) {
            panic!("no client went away within {patience:?}");
        }
    }
}

/// Plays the script; true where the client went away before its end.
async fn play(mut stream: TcpStream, script: &[Act], requests: &Mutex<Vec<String>>) -> bool {
    let Some(body) = read_request(&mut stream).await else { return true };
    requests.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    for act in script {
        match act {
            Act::Send(bytes) => {
                if stream.write_all(bytes).await.is_err() {
                    return true;
                }
            }
            Act::Wait(time) => tokio::time::sleep(*time).await,
            Act::Stall => {
                // The end of the client's side is all that can come.
                let _ = stream.read(&mut [0; 16]).await;
                return true;
            }
        }
    }
    let _ = stream.shutdown().await;
    false
}

/// The body of one request, by its `content-length`.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(body.to_owned());
            }
        }
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        request.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
}
