//! An OpenAI-compatible upstream that costs almost nothing: `bench-mock PORT [THREADS]`.
//!
//! The request says how it answers, in ordinary fields that survive every gateway:
//! `model` is `mock-fast` (no delay), `mock-paced` (20 ms to the first token, 5 ms a token) or `mock-held` (the
//! first token at once, then one a second: a stream that stays open); `max_tokens` is the number of tokens.
//!
//! Every streamed chunk carries `mock_sent_us`, the wall clock when it was made, so that a load generator on the
//! same machine can tell how long a gateway kept each token.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep_until};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Ordinary words, no start of any rule: what is measured is forwarding, not holding back.
const TOKENS: [&str; 8] = ["海风", "吹过", "港口", "，", "小船", "慢慢", "靠岸", "。"];
const ID: &str = "chatcmpl-bench000000000000000001";
const CREATED: u64 = 1_760_000_000;

#[derive(Deserialize)]
struct Ask {
    #[serde(default)]
    model: String,
    #[serde(default)]
    stream: bool,
    #[serde(default, alias = "max_completion_tokens")]
    max_tokens: Option<u32>,
}

/// When the tokens of an answer come.
#[derive(Clone, Copy)]
struct Pace {
    first: Duration,
    gap: Duration,
}

impl Pace {
    fn of(model: &str) -> Self {
        match model {
            "mock-paced" => Self { first: Duration::from_millis(20), gap: Duration::from_millis(5) },
            "mock-held" => Self { first: Duration::ZERO, gap: Duration::from_secs(1) },
            _ => Self { first: Duration::ZERO, gap: Duration::ZERO },
        }
    }

    fn due(self, began: Instant, token: u32) -> Option<Instant> {
        let wait = self.first + self.gap * token;
        (!wait.is_zero()).then(|| began + wait)
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().context("usage: bench-mock PORT [THREADS]")?.parse()?;
    let threads: usize = arguments.next().map_or(Ok(1), |threads| threads.parse())?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()?
        .block_on(serve(SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
}

async fn serve(address: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
    loop {
        let Ok((socket, _)) = listener.accept().await else { continue };
        let _ = socket.set_nodelay(true);
        tokio::spawn(async move {
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service_fn(answer)).await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    if path.ends_with("/models") {
        let models = ["mock-fast", "mock-paced", "mock-held"].map(|id| {
            format!("{{\"id\":\"{id}\",\"object\":\"model\",\"created\":{CREATED},\"owned_by\":\"bench\"}}")
        });
        return Ok(json(StatusCode::OK, format!("{{\"object\":\"list\",\"data\":[{}]}}", models.join(","))));
    }
    let Ok(body) = request.into_body().collect().await else {
        return Ok(json(StatusCode::BAD_REQUEST, "{}".to_owned()));
    };
    let Ok(ask) = serde_json::from_slice::<Ask>(&body.to_bytes()) else {
        return Ok(json(
            StatusCode::BAD_REQUEST,
            "{\"error\":{\"message\":\"not a chat request\"}}".to_owned(),
        ));
    };
    let tokens = ask.max_tokens.unwrap_or(32);
    Ok(if ask.stream { streamed(&ask.model, tokens) } else { whole(&ask.model, tokens).await })
}

fn json(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn whole(model: &str, tokens: u32) -> Response<Body> {
    if let Some(due) = Pace::of(model).due(Instant::now(), tokens.saturating_sub(1)) {
        sleep_until(due).await;
    }
    let text: String = (0..tokens).map(token).collect();
    json(
        StatusCode::OK,
        format!(
            "{{\"id\":\"{ID}\",\"object\":\"chat.completion\",\"created\":{CREATED},\"model\":\"{model}\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\",\"refusal\":null}},\"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":12,\"completion_tokens\":{tokens},\"total_tokens\":{}}},\"system_fingerprint\":\"fp_bench\"}}",
            tokens + 12
        ),
    )
}

fn token(n: u32) -> &'static str {
    TOKENS.get(n as usize % TOKENS.len()).copied().unwrap_or("。")
}

/// Where a stream stands.
struct Progress {
    model: String,
    pace: Pace,
    began: Instant,
    next: u32,
    tokens: u32,
}

fn streamed(model: &str, tokens: u32) -> Response<Body> {
    let progress =
        Progress { model: model.to_owned(), pace: Pace::of(model), began: Instant::now(), next: 0, tokens };
    let events = stream::unfold(progress, |mut progress| async move {
        let n = progress.next;
        progress.next += 1;
        if n > progress.tokens {
            return None;
        }
        if n < progress.tokens {
            if let Some(due) = progress.pace.due(progress.began, n) {
                sleep_until(due).await;
            }
            return Some((event(&progress.model, n), progress));
        }
        let mut end = chunk(&progress.model, "{}", "\"stop\"");
        end.push_str("data: [DONE]\n\n");
        Some((Ok(Frame::data(Bytes::from(end))), progress))
    });
    let mut response = Response::new(StreamBody::new(events).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn event(model: &str, n: u32) -> Result<Frame<Bytes>, Infallible> {
    let text = token(n);
    let delta = if n == 0 {
        format!("{{\"role\":\"assistant\",\"content\":\"{text}\"}}")
    } else {
        format!("{{\"content\":\"{text}\"}}")
    };
    Ok(Frame::data(Bytes::from(chunk(model, &delta, "null"))))
}

fn chunk(model: &str, delta: &str, finish: &str) -> String {
    let sent = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    format!(
        "data: {{\"id\":\"{ID}\",\"object\":\"chat.completion.chunk\",\"created\":{CREATED},\"model\":\"{model}\",\"system_fingerprint\":\"fp_bench\",\"mock_sent_us\":{sent},\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish}}}]}}\n\n"
    )
}
