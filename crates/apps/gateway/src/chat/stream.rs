//! A streamed answer: begun is durable before the status leaves, ended before the last frame does.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{body::Body, response::Response};
use bytes::{Bytes, BytesMut};
use futures_channel::mpsc;
use futures_util::{FutureExt as _, Stream as _};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Frame;
use operations::{EndReason, Ending, Generation};
use tokio_util::sync::{CancellationToken, DropGuard};
use upstream::BodyStream;
use wire::{Decoder, SseLimits, error::ErrorBody, sse_frame};

use super::{Ready, UPSTREAM_PATH, answer_headers, response};
use crate::{
    errors::RouteError,
    extension,
    guard::{Blocked, StreamGuard},
    guard_model::followed,
    state::Gateway,
};

/// Pieces that may wait for a slow reader. Then the upstream is read no further.
const PIECES_MAX: usize = 4;
/// How long a reader may take nothing before it counts as gone.
const READER_PATIENCE: Duration = Duration::from_secs(300);
/// How long a reader may take for what waits once the server stops.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The client's end of a stream.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    /// Dropped with the body: then the client is gone.
    _gone: DropGuard,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.pieces).poll_next(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

/// The task's side of a stream.
struct Streaming {
    gateway: Gateway,
    generation: Generation,
    guard: StreamGuard,
    /// The last thing the person said, for evidence.
    prompt: String,
    /// The session that the request names.
    session: Option<Box<str>>,
    /// What was delivered as the answer, for evidence; bounded.
    out: Vec<Bytes>,
    pieces: mpsc::Sender<Bytes>,
    gone: CancellationToken,
    was_blocked: bool,
}

/// What went by before anything of the answer could leave.
struct FirstByte {
    own: Duration,
    /// From the upstream's head until the beginning was durable.
    wait: Duration,
    upstream: Duration,
}

impl FirstByte {
    /// The wait held up the answer where its first piece was there before it was over.
    fn observe(self, gateway: &Gateway, has_arrived: bool) {
        let wait = if has_arrived { self.wait } else { Duration::ZERO };
        gateway.inner.metrics.first_byte(self.own, wait, self.upstream);
    }
}

/// Why the loop over the upstream's body ended.
enum Stop {
    /// The upstream said all it had to say, or everything is blocked.
    Over,
    ClientGone,
    ShuttingDown,
    /// It broke off; the client is told this.
    Failed(RouteError),
}

impl Gateway {
    pub(super) async fn chat_stream(&self, ready: Ready) -> Result<Response, RouteError> {
        self.in_own_task(|gateway, gone| async move { gateway.stream_task(ready, gone).await }).await
    }

    async fn stream_task(&self, ready: Ready, gone: CancellationToken) -> Result<Response, RouteError> {
        let Ready { generation, prompt, setup, session, since } = ready;
        let operations = &self.inner.operations;
        let own = since.elapsed();
        let sent = Instant::now();
        // The wait for durability overlaps with the upstream's first byte.
        let begin = async {
            let begun = operations.begin_generation(&generation).await;
            (begun, sent.elapsed())
        };
        let send = async {
            let answer = tokio::select! {
                biased;
                () = gone.cancelled() => Err(EndReason::ClientGone),
                () = self.inner.stop.cancelled() => Err(EndReason::Interrupted),
                answer = self.inner.upstream.send(UPSTREAM_PATH, prompt.body.into(), HeaderMap::new()) => Ok(answer),
            };
            (answer, sent.elapsed())
        };
        let ((begun, durable_after), (answer, upstream_after)) = tokio::join!(begin, send);
        begun?;
        let first_byte =
            FirstByte { own, wait: durable_after.saturating_sub(upstream_after), upstream: upstream_after };
        let answer = match answer {
            Ok(Ok(answer)) if answer.status.is_success() => answer,
            failed => {
                let reason = failed.as_ref().err().copied().unwrap_or(EndReason::UpstreamFailed);
                operations.end_generation(&generation, Ending::nothing(reason)).await?;
                return match failed {
                    Ok(Ok(answer)) => self.pass_error(answer).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(_) => Err(RouteError::ShuttingDown),
                };
            }
        };
        // One place belongs to the sender itself.
        let (sender, pieces) = mpsc::channel(PIECES_MAX - 1);
        let body = Pieces { pieces, _gone: gone.clone().drop_guard() };
        let mut head = response(StatusCode::OK, "text/event-stream", Body::new(body));
        head.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Proxies that buffer would undo the streaming.
        head.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        answer_headers(self, &generation, head.headers_mut());
        let streaming = Streaming {
            gateway: self.clone(),
            guard: StreamGuard::new(operations, setup),
            generation,
            prompt: prompt.last,
            session: session.map(String::into_boxed_str),
            out: Vec::new(),
            pieces: sender,
            gone,
            was_blocked: false,
        };
        let open = self.inner.metrics.streams_open.clone();
        open.inc();
        self.inner.tasks.spawn(async move {
            streaming.run(answer.body, first_byte).await;
            open.dec();
        });
        Ok(head)
    }
}

impl Streaming {
    async fn run(mut self, body: BodyStream, first_byte: FirstByte) {
        let stop = self.forward(body, first_byte).await;
        // Dropping the body cancelled the upstream. What is left is to end, record, and let the rest go.
        let mut reason = match &stop {
            Stop::Over if self.guard.is_complete() && !self.guard.has_failed() => EndReason::Completed,
            Stop::Over => EndReason::UpstreamFailed,
            Stop::ClientGone => EndReason::ClientGone,
            // What cannot be recorded is a fault of ours.
            Stop::ShuttingDown | Stop::Failed(RouteError::Operation(_)) => EndReason::Interrupted,
            Stop::Failed(_) => EndReason::UpstreamFailed,
        };
        let mut failure = match stop {
            Stop::Failed(error) => Some(error),
            // Where the upstream told its error, that stands.
            Stop::Over if reason == EndReason::UpstreamFailed && !self.guard.has_failed() => {
                Some(RouteError::UpstreamUnreadable("the stream broke off before its end".to_owned()))
            }
            Stop::ShuttingDown => Some(RouteError::ShuttingDown),
            Stop::Over | Stop::ClientGone => None,
        };
        match self.guard.end(&mut self.out) {
            Ok(blocked) => {
                if let Err(error) = Box::pin(self.close_blocked(&blocked)).await {
                    failure = Some(error);
                }
            }
            Err(error) => failure = Some(RouteError::UpstreamUnreadable(error.to_string())),
        }
        if self.was_blocked && reason == EndReason::Completed {
            reason = EndReason::Blocked;
        }
        let _ = self.flush().await;
        let Self { gateway, generation, guard, mut pieces, prompt, .. } = self;
        let stop = &gateway.inner.stop;
        let delivered = guard.delivered_with_follow_ups();
        let tail = guard.into_tail();
        // What is blocked for want of a guard was decided; what passed is looked at where that is what holds.
        let unjudged = gateway.inner.second_stage.unjudged.into();
        let followed = followed(&tail.followed, unjudged);
        if let Err(error) = Box::pin(gateway.refer_answer(&generation, &followed, &prompt, &delivered)).await
        {
            tracing::error!(produce.id = %generation.produce_id, error = &error as &dyn std::error::Error, "not referred to a person");
            failure = Some(error);
        }
        let ending = Ending {
            reason,
            contents: tail.contents,
            label: tail.label,
            prompt_tokens: tail.usage.as_ref().and_then(|usage| usage.prompt_tokens),
            completion_tokens: tail.usage.as_ref().and_then(|usage| usage.completion_tokens),
            findings: tail.findings,
        };
        if let Err(error) = Box::pin(gateway.inner.operations.end_generation(&generation, ending)).await {
            // The last byte may not leave (design 5.1): the client sees a stream without its end.
            tracing::error!(produce.id = %generation.produce_id, error = &error as &dyn std::error::Error, "end not recorded");
            failure = Some(error.into());
            let _ = hand_over(&mut pieces, failure_frame(failure.as_ref()), stop).await;
            return;
        }
        let mut last = BytesMut::new();
        for frame in tail.frames {
            last.extend_from_slice(&frame);
        }
        if failure.is_some() {
            last.extend_from_slice(&failure_frame(failure.as_ref()));
        }
        last.extend_from_slice(b"data: [DONE]\n\n");
        let _ = hand_over(&mut pieces, last.freeze(), stop).await;
    }

    /// Reads the upstream until it, the client or the guard says stop.
    async fn forward(&mut self, mut body: BodyStream, first_byte: FirstByte) -> Stop {
        let mut arrived = body.next().now_or_never();
        first_byte.observe(&self.gateway, arrived.is_some());
        let limit = self.gateway.inner.limits.event_bytes_max;
        let mut decoder = Decoder::new(SseLimits { event_bytes_max: limit });
        let mut frames = Vec::new();
        let stop = self.gateway.inner.stop.clone();
        loop {
            let piece = match arrived.take() {
                Some(piece) => piece,
                None => tokio::select! {
                    biased;
                    () = self.gone.cancelled() => return Stop::ClientGone,
                    () = stop.cancelled() => return Stop::ShuttingDown,
                    piece = body.next() => piece,
                },
            };
            let piece = match piece {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => return Stop::Failed(error.into()),
                None => {
                    let rest = decoder.finish();
                    return match self.guard_frames(rest.into_iter()).await {
                        Ok(()) => Stop::Over,
                        Err(error) => Stop::Failed(error),
                    };
                }
            };
            if let Err(error) = decoder.push(piece, &mut frames) {
                return Stop::Failed(RouteError::UpstreamUnreadable(error.to_string()));
            }
            if let Err(error) = self.guard_frames(frames.drain(..)).await {
                return Stop::Failed(error);
            }
            if !self.flush().await {
                return if stop.is_cancelled() { Stop::ShuttingDown } else { Stop::ClientGone };
            }
            if self.guard.is_over() {
                return Stop::Over;
            }
        }
    }

    async fn guard_frames(&mut self, frames: impl Iterator<Item = wire::Frame>) -> Result<(), RouteError> {
        let mut count = 0_u64;
        for frame in frames {
            count += 1;
            let blocked = self
                .guard
                .push(&frame, &mut self.out)
                .map_err(|error| RouteError::UpstreamUnreadable(error.to_string()))?;
            if !blocked.is_empty() {
                // Boxed where it is rare, so that an open stream does not carry the room for it.
                Box::pin(self.close_blocked(&blocked)).await?;
            }
            if self.guard.is_over() {
                break;
            }
        }
        self.gateway.inner.metrics.events.inc_by(count);
        Ok(())
    }

    async fn close_blocked(&mut self, blocked: &[Blocked]) -> Result<(), RouteError> {
        for found in blocked {
            self.was_blocked = true;
            let delivered = self.guard.delivered(found.choice);
            let notice =
                self.gateway.record_output_block(&self.generation, found, &self.prompt, &delivered).await?;
            self.gateway.end_session_of(&self.generation, self.session.as_deref(), found, &notice);
            let members = extension::members(&self.gateway.inner.operations, &self.generation, &[&notice]);
            self.guard
                .close_blocked(found.choice, &members, &mut self.out)
                .map_err(|error| RouteError::UpstreamUnreadable(error.to_string()))?;
        }
        Ok(())
    }

    /// Hands what may leave to the client, in one piece. False where it is gone.
    async fn flush(&mut self) -> bool {
        let piece = match self.out.len() {
            0 => return true,
            1 => self.out.pop().unwrap_or_default(),
            _ => {
                let mut joined = BytesMut::with_capacity(self.out.iter().map(Bytes::len).sum());
                for frame in self.out.drain(..) {
                    joined.extend_from_slice(&frame);
                }
                joined.freeze()
            }
        };
        hand_over(&mut self.pieces, piece, &self.gateway.inner.stop).await
    }
}

/// Hands a piece to the client. False where it is gone, takes nothing for too long, or the server stops.
async fn hand_over(pieces: &mut mpsc::Sender<Bytes>, piece: Bytes, stop: &CancellationToken) -> bool {
    let stopped = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        biased;
        has_room = poll_fn(|cx| pieces.poll_ready(cx)) => has_room.is_ok() && pieces.start_send(piece).is_ok(),
        () = stopped => false,
        () = tokio::time::sleep(READER_PATIENCE) => false,
    }
}

fn failure_frame(failure: Option<&RouteError>) -> Bytes {
    let body = failure.map_or_else(
        || ErrorBody::new("api_error", "internal_error", "the stream broke off"),
        |error| error.body().1,
    );
    sse_frame(&body.to_bytes())
}
