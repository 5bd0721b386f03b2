//! An answer as it arrives, within its time limits.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::client::Upstream;
use crate::error::{TimeoutKind, UpstreamError};

/// The head of an answer, with the body to come.
#[derive(Debug)]
pub struct UpstreamResponse {
    /// The status, whatever it is.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: BodyStream,
}

impl UpstreamResponse {
    /// Whether the body is an event stream.
    #[must_use]
    pub fn is_event_stream(&self) -> bool {
        self.headers
            .get(http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
    }
}

/// The body of an answer. Dropping it closes the connection, unless the body has been read to its end.
///
/// The time limits run only while the reader waits: a reader who is slow himself slows the provider down, through the
/// socket, and is not punished for it, except by the total limit.
#[derive(Debug)]
pub struct BodyStream {
    upstream: Upstream,
    incoming: Incoming,
    first_byte: Instant,
    total: Instant,
    has_begun: bool,
    waiting_since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    is_ended: bool,
}

impl BodyStream {
    pub(crate) fn new(upstream: Upstream, incoming: Incoming, first_byte: Instant, total: Instant) -> Self {
        Self {
            upstream,
            incoming,
            first_byte,
            total,
            has_begun: false,
            waiting_since: None,
            timer: Box::pin(sleep_until(total)),
            is_ended: false,
        }
    }

    /// The next piece; `None` at the end. After an error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Bytes, UpstreamError>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The whole body, where it is no larger than `limit`.
    ///
    /// # Errors
    /// [`UpstreamError::TooLarge`] past the limit, and what [`BodyStream::next`] gives.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, UpstreamError> {
        let too_large =
            |upstream: &Upstream| UpstreamError::TooLarge { name: upstream.name().to_owned(), limit };
        if self.incoming.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Err(too_large(&self.upstream));
        }
        let mut whole = BytesMut::new();
        let mut first = Bytes::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if whole.len().saturating_add(first.len()).saturating_add(piece.len()) > limit {
                return Err(too_large(&self.upstream));
            }
            // A small answer arrives in one piece, which needs no copy.
            if first.is_empty() && whole.is_empty() {
                first = piece;
            } else {
                whole.extend_from_slice(&std::mem::take(&mut first));
                whole.extend_from_slice(&piece);
            }
        }
        Ok(if whole.is_empty() { first } else { whole.freeze() })
    }

    fn received(&mut self, data: Bytes) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        self.has_begun = true;
        self.waiting_since = None;
        if Instant::now() >= self.total {
            return self.fail(TimeoutKind::Total);
        }
        Poll::Ready(Some(Ok(data)))
    }

    fn fail(&mut self, kind: TimeoutKind) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        self.is_ended = true;
        Poll::Ready(Some(Err(self.upstream.timed_out(kind))))
    }

    /// Nothing has come: when does the wait end, and which limit is it then?
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<TimeoutKind> {
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let idle = since + self.upstream.config().timeouts.idle();
        let (deadline, kind) = if self.has_begun {
            (idle, TimeoutKind::Idle)
        } else {
            (self.first_byte, TimeoutKind::FirstByte)
        };
        let (deadline, kind) =
            if self.total < deadline { (self.total, TimeoutKind::Total) } else { (deadline, kind) };
        // Setting a timer costs more than polling one. As long as it is set for an earlier moment, it may stay.
        if self.timer.deadline() > deadline {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(kind);
            }
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

impl Stream for BodyStream {
    type Item = Result<Bytes, UpstreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_ended {
            return Poll::Ready(None);
        }
        loop {
            match Pin::new(&mut this.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return this.received(data),
                    // Trailers say nothing to us.
                    Err(_) => {}
                },
                Poll::Ready(Some(Err(error))) => {
                    this.is_ended = true;
                    let name = this.upstream.name().to_owned();
                    return Poll::Ready(Some(Err(UpstreamError::Broken { name, source: error.into() })));
                }
                Poll::Ready(None) => {
                    this.is_ended = true;
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    return this.poll_timer(cx).map(|kind| {
                        this.is_ended = true;
                        Some(Err(this.upstream.timed_out(kind)))
                    });
                }
            }
        }
    }
}
