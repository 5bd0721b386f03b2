//! The demo model's HTTP server.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use wire::error::ErrorBody;
use wire::media::MediaKind;

use super::answer::{Answer, Ending};
use super::media::{self, MediaAnswer, Poster};
use super::request::DemoRequest;
use super::stream::{HalfBody, StreamBody};
use super::whole::Envelope;
use super::{DemoConfig, MODEL};
use crate::config::ApiKey;

/// The largest request: the gateway in front has a limit of its own, which is lower.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A whole answer waits as long as its text would have streamed, up to this: long enough to see that it works.
const WHOLE_SECONDS_MAX: u64 = 10;

type Body = BoxBody<Bytes, io::Error>;

#[derive(Debug)]
struct Demo {
    config: DemoConfig,
    authorization: String,
    base_url: String,
}

pub(super) async fn serve(
    listener: TcpListener,
    config: DemoConfig,
    api_key: ApiKey,
    base_url: String,
    mut stopped: oneshot::Receiver<()>,
) {
    let demo = Arc::new(Demo { config, authorization: format!("Bearer {}", api_key.expose()), base_url });
    // Dropping the set ends all connections.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(Arc::clone(&demo), stream));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: others must close theirs first.
                    tracing::warn!(%error, "demo model cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(demo: Arc<Demo>, stream: TcpStream) {
    // Without it, a token would wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "demo model cannot set TCP_NODELAY");
    }
    let service = service_fn(move |request| {
        let demo = Arc::clone(&demo);
        async move { demo.answer(request).await }
    });
    let served =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "connection of the demo model ended early");
    }
}

impl Demo {
    /// An error ends the connection: it is how the demo model breaks off.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        // An address that an answer named is fetched without a key, as from a provider's store of pictures.
        if let Some(name) = request.uri().path().strip_prefix("/v1/pictures/") {
            return Ok(match Poster::of_name(name) {
                Some(poster) => match tokio::task::spawn_blocking(move || poster.to_png()).await {
                    Ok(file) => respond(StatusCode::OK, "image/png", full(Bytes::from(file))),
                    Err(cause) => error(StatusCode::INTERNAL_SERVER_ERROR, "demo_error", &cause.to_string()),
                },
                None => error(StatusCode::NOT_FOUND, "not_found", "the demo model has no such picture"),
            });
        }
        let is_ours = request
            .headers()
            .get(AUTHORIZATION)
            .is_some_and(|value| bool::from(value.as_bytes().ct_eq(self.authorization.as_bytes())));
        if !is_ours {
            return Ok(error(
                StatusCode::UNAUTHORIZED,
                "invalid_api_key",
                "the demo model serves this program alone",
            ));
        }
        let (parts, body) = request.into_parts();
        Ok(match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/v1/models") => {
                let list = wire::models::ModelList::new(vec![wire::models::Model::new(MODEL, 0, "cinnabar")]);
                whole(StatusCode::OK, &json!(list))
            }
            (&Method::POST, "/v1/chat/completions") => {
                match Limited::new(body, REQUEST_BYTES_MAX).collect().await {
                    Ok(body) => self.complete(&body.to_bytes()).await,
                    Err(cause) => error(StatusCode::BAD_REQUEST, "invalid_body", &cause.to_string()),
                }
            }
            (&Method::POST, path) => match media_kind(path) {
                Some(kind) => match Limited::new(body, REQUEST_BYTES_MAX).collect().await {
                    Ok(body) => self.make(kind, &parts.headers, body.to_bytes()).await,
                    Err(cause) => error(StatusCode::BAD_REQUEST, "invalid_body", &cause.to_string()),
                },
                None => error(StatusCode::NOT_FOUND, "not_found", "the demo model has no such path"),
            },
            _ => error(StatusCode::NOT_FOUND, "not_found", "the demo model has no such path"),
        })
    }

    async fn make(&self, kind: MediaKind, headers: &HeaderMap, body: Bytes) -> Response<Body> {
        tokio::time::sleep(self.config.first_token()).await;
        let content_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (content_type, base_url) = (content_type.to_owned(), self.base_url.clone());
        let draw = move || media::answer(kind, &content_type, &body, &base_url, now());
        let answer = tokio::task::spawn_blocking(draw).await.unwrap_or_else(|cause| {
            MediaAnswer::Error(StatusCode::INTERNAL_SERVER_ERROR, "demo_error", cause.to_string())
        });
        match answer {
            MediaAnswer::Json(json) => whole(StatusCode::OK, &json),
            MediaAnswer::Sound(sound) => respond(StatusCode::OK, "audio/wav", full(Bytes::from(sound))),
            MediaAnswer::Error(status, code, message) => error(status, code, &message),
        }
    }

    async fn complete(&self, body: &[u8]) -> Response<Body> {
        let request = match DemoRequest::parse(body) {
            Ok(request) => request,
            Err(message) => return error(StatusCode::BAD_REQUEST, "invalid_request", &message),
        };
        if request.model.as_deref().is_some_and(|model| model != MODEL) {
            let message = format!("the demo model is called `{MODEL}`");
            return error(StatusCode::NOT_FOUND, "model_not_found", &message);
        }
        let Some(answer) = Answer::to(&request) else {
            let message = "the demo model was asked to fail";
            return error(StatusCode::INTERNAL_SERVER_ERROR, "demo_error", message);
        };
        let envelope = Envelope::new(answer_id(), now(), &request);
        if request.is_stream {
            let usage = request.includes_usage;
            let (choices, logprobs) = (request.choices, request.has_logprobs);
            let body = StreamBody::new(envelope, answer, choices, usage, logprobs, self.config);
            return respond(StatusCode::OK, "text/event-stream; charset=utf-8", body.boxed());
        }
        let pieces = u32::try_from(answer.pieces.len()).unwrap_or(u32::MAX);
        let wait = self.config.first_token().saturating_add(self.config.interval().saturating_mul(pieces));
        tokio::time::sleep(wait.min(Duration::from_secs(WHOLE_SECONDS_MAX))).await;
        let json = "application/json";
        match answer.ending {
            Ending::Finish(_) => {
                whole(StatusCode::OK, &envelope.completion(&answer, request.choices, request.has_logprobs))
            }
            Ending::Stall => std::future::pending().await,
            Ending::Break => respond(StatusCode::OK, json, HalfBody::default().boxed()),
            Ending::Garbage => {
                respond(StatusCode::OK, json, full(Bytes::from_static(b"{\"choices\":[{\xff broken")))
            }
        }
    }
}

/// The seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn media_kind(path: &str) -> Option<MediaKind> {
    match path {
        "/v1/images/generations" => Some(MediaKind::Pictures),
        "/v1/images/edits" => Some(MediaKind::Edits),
        "/v1/audio/speech" => Some(MediaKind::Speech),
        _ => None,
    }
}

/// A random part for ids of answers. Without randomness all are alike, which nothing depends on.
fn answer_id() -> String {
    let mut bytes = [0_u8; 8];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::warn!(%error, "no randomness for the id of an answer");
    }
    format!("demo-{}", hex::encode(bytes))
}

fn error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let kind = if status.is_server_error() { "server_error" } else { "invalid_request_error" };
    whole(status, &ErrorBody::new(kind, code, message).to_value())
}

fn whole(status: StatusCode, json: &Value) -> Response<Body> {
    respond(status, "application/json", full(Bytes::from(json.to_string())))
}

fn full(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never: Infallible| match never {}).boxed()
}

fn respond(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
