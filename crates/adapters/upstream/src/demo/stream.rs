//! The demo model's answer as an event stream, at its pace.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, Sleep, sleep_until};

use super::DemoConfig;
use super::answer::{Answer, Ending, Piece};
use super::whole::Envelope;

/// Where in the stream we are.
#[derive(Clone, Copy, Debug)]
enum Place {
    Role(usize),
    Piece { at: usize, choice: usize },
    Ending(usize),
    Breaking,
    Usage,
    Done,
    Over,
}

/// An event stream that is made as it is read: a reader who is gone costs nothing more.
#[derive(Debug)]
pub(super) struct StreamBody {
    envelope: Envelope,
    answer: Answer,
    choices: usize,
    includes_usage: bool,
    has_logprobs: bool,
    place: Place,
    interval: Duration,
    next: Instant,
    timer: Pin<Box<Sleep>>,
}

impl StreamBody {
    pub(super) fn new(
        envelope: Envelope,
        answer: Answer,
        choices: usize,
        includes_usage: bool,
        has_logprobs: bool,
        config: DemoConfig,
    ) -> Self {
        let next = Instant::now() + config.first_token();
        let timer = Box::pin(sleep_until(next));
        let interval = config.interval();
        let place = Place::Role(0);
        Self { envelope, answer, choices, includes_usage, has_logprobs, place, interval, next, timer }
    }

    fn chunk(&self, choice: usize, delta: Value, finish: Option<&str>, logprobs: Value) -> Bytes {
        let choices =
            json!([{"index": choice, "delta": delta, "logprobs": logprobs, "finish_reason": finish}]);
        self.event(self.envelope.chunk(choices, self.includes_usage.then_some(Value::Null)))
    }

    fn event(&self, chunk: Value) -> Bytes {
        wire::sse_frame(chunk.to_string().as_bytes())
    }

    fn piece(&self, choice: usize, piece: &Piece) -> Bytes {
        let call = |function: Value| {
            let mut call =
                Map::from_iter([("index".to_owned(), json!(0)), ("function".to_owned(), function)]);
            if let Piece::ToolName(_) = piece {
                call.insert("id".to_owned(), json!(self.envelope.call_id(choice)));
                call.insert("type".to_owned(), json!("function"));
            }
            json!({ "tool_calls": [call] })
        };
        let delta = match piece {
            Piece::Reasoning(text) => json!({ "reasoning_content": text }),
            Piece::Content(text) => json!({ "content": text }),
            Piece::ToolName(name) => call(json!({ "name": name, "arguments": "" })),
            Piece::ToolArguments(text) => call(json!({ "arguments": text })),
        };
        let logprobs = match piece {
            Piece::Content(text) if self.has_logprobs => {
                json!({ "content": [logprob(text)], "refusal": null })
            }
            _ => Value::Null,
        };
        self.chunk(choice, delta, None, logprobs)
    }

    /// The next bytes; `Pending` for a stream that stalls.
    fn advance(&mut self, cx: &Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let next_choice = |choice: usize| choice + 1 < self.choices;
        let (bytes, place) = match self.place {
            Place::Role(choice) => {
                let bytes =
                    self.chunk(choice, json!({"role": "assistant", "content": ""}), None, Value::Null);
                let next = if next_choice(choice) {
                    Place::Role(choice + 1)
                } else {
                    Place::Piece { at: 0, choice: 0 }
                };
                (bytes, next)
            }
            Place::Piece { at, choice } => {
                let Some(piece) = self.answer.pieces.get(at) else {
                    self.place = Place::Ending(0);
                    return self.advance(cx);
                };
                let bytes = self.piece(choice, piece);
                let next = if next_choice(choice) { (at, choice + 1) } else { (at + 1, 0) };
                (bytes, Place::Piece { at: next.0, choice: next.1 })
            }
            Place::Ending(choice) => match self.answer.ending {
                Ending::Stall => return Poll::Pending,
                Ending::Break => {
                    // The server sends what it has while the body is pending, and drops it when the body fails.
                    self.place = Place::Breaking;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Ending::Garbage => {
                    (Bytes::from_static(b"data: {\"choices\":[{\"delta\":\xff broken\n\n"), Place::Over)
                }
                Ending::Finish(reason) => {
                    let bytes = self.chunk(choice, json!({}), Some(reason), Value::Null);
                    let after = if self.includes_usage { Place::Usage } else { Place::Done };
                    (bytes, if next_choice(choice) { Place::Ending(choice + 1) } else { after })
                }
            },
            Place::Breaking => return Poll::Ready(Some(Err(broken_off()))),
            Place::Usage => {
                let usage = self.envelope.usage(&self.answer, self.choices);
                (self.event(self.envelope.chunk(json!([]), Some(usage))), Place::Done)
            }
            Place::Done => (wire::synth::done_frame(), Place::Over),
            Place::Over => return Poll::Ready(None),
        };
        // A token for each choice leaves at once, as from a server that computes them side by side.
        if matches!(place, Place::Piece { choice: 0, .. }) {
            self.next += self.interval;
        }
        self.place = place;
        Poll::Ready(Some(Ok(bytes)))
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if this.next > this.timer.deadline() {
            this.timer.as_mut().reset(this.next);
        }
        if Instant::now() < this.next && this.timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        this.advance(cx).map(|bytes| bytes.map(|bytes| bytes.map(Frame::data)))
    }
}

/// A log probability as OpenAI writes it. The value is made up; the shape is what matters.
pub(super) fn logprob(token: &str) -> Value {
    json!({ "token": token, "logprob": -0.25, "bytes": token.as_bytes(), "top_logprobs": [] })
}

/// Half of a whole answer, and then the connection breaks off.
#[derive(Debug, Default)]
pub(super) struct HalfBody {
    polls: u8,
}

impl Body for HalfBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.polls = self.polls.saturating_add(1);
        match self.polls {
            1 => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"{\"id\":"))))),
            2 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(broken_off()))),
        }
    }
}

fn broken_off() -> io::Error {
    io::Error::other("the demo model breaks off")
}
