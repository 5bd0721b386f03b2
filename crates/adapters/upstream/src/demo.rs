//! The demo model: a small provider of our own, behind a real socket and the real protocol.
//!
//! It answers from a built-in handbook about Cinnabar, labels, appeals and the law, in Chinese and English, by the
//! overlap of words, and says so. It is there so that a first start needs nothing else, and so that tests meet every
//! way in which a provider misbehaves. It speaks OpenAI's protocol: `chat/completions` (streamed and whole, `n`,
//! usage, log probabilities, JSON answers, tool calls), `images/generations` and `images/edits` (a poster from the
//! words), `audio/speech` (a voice without words) and `models`.
//!
//! On these words in the last message of the person it does as follows, documented in
//! `docs/reference/demo-model.md`:
//!
//! | word | what happens |
//! |---|---|
//! | `demo:drift` | the answer drifts into the blocked test phrase `朱砂测试违禁词`, split over several chunks |
//! | `demo:stall` | some text, then nothing more, with the connection open |
//! | `demo:break` | some text, then the connection breaks off |
//! | `demo:error` | status 500 with an OpenAI-shaped error |
//! | `demo:garbage` | some text, then an event that is not JSON |
//! | `demo:json` | a JSON object as the answer |
//! | `demo:tool` | a call of the first tool of the request, or of `look_up` where it has none |
//! | `demo:code` | an answer that is one fenced code block |
//! | `demo:reasoning` | `reasoning_content` before the answer |
//! | `demo:long` | the whole handbook |

mod answer;
mod cue;
mod handbook;
mod media;
mod request;
mod serve;
mod stream;
mod whole;

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use cue::{BLOCKED_PHRASE, Cue};

use crate::config::{ApiKey, UpstreamConfig};

/// The model's name.
pub const MODEL: &str = "cinnabar-demo";

/// How the demo model answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoConfig {
    /// Pieces of text a second; 0 for as fast as they can be sent.
    pub tokens_per_second: u32,
    /// How long it "thinks" before the first piece.
    pub first_token_ms: u64,
}

impl Default for DemoConfig {
    /// About the pace of a small model on a laptop: one can watch it stream.
    fn default() -> Self {
        Self { tokens_per_second: 40, first_token_ms: 150 }
    }
}

impl DemoConfig {
    /// Without any delay, for tests and benchmarks.
    #[must_use]
    pub const fn immediate() -> Self {
        Self { tokens_per_second: 0, first_token_ms: 0 }
    }

    fn interval(self) -> Duration {
        if self.tokens_per_second == 0 {
            Duration::ZERO
        } else {
            Duration::from_secs(1) / self.tokens_per_second
        }
    }

    const fn first_token(self) -> Duration {
        Duration::from_millis(self.first_token_ms)
    }
}

/// A running demo model. Dropping it ends it with all its connections.
#[derive(Debug)]
pub struct DemoServer {
    /// Its address, as an upstream's `base_url`.
    pub base_url: String,
    /// The key that it asks for, made anew at each start.
    pub api_key: ApiKey,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Starts the demo model on a free port of the loopback address.
///
/// # Errors
/// When no port can be opened, or the system has no randomness for the key.
pub async fn spawn(config: DemoConfig) -> io::Result<DemoServer> {
    let mut secret = [0_u8; 24];
    getrandom::fill(&mut secret).map_err(io::Error::other)?;
    let api_key = ApiKey::new(hex::encode(secret));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let base_url = format!("http://{}/v1", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(serve::serve(listener, config, api_key.clone(), base_url.clone(), stopped));
    Ok(DemoServer { base_url, api_key, stop: Some(stop), task })
}

impl DemoServer {
    /// The entry by which [`crate::Upstream`] reaches it.
    #[must_use]
    pub fn upstream_config(&self) -> UpstreamConfig {
        let mut config = UpstreamConfig::new("demo", self.base_url.clone());
        config.api_key = Some(self.api_key.clone());
        config.models.insert(MODEL.to_owned(), MODEL.to_owned());
        config.default_model = Some(MODEL.to_owned());
        config
    }

    /// Ends it and waits until its port and connections are closed.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        // The task ends by itself; if it panicked, there is nothing left to close.
        let _ = (&mut self.task).await;
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
