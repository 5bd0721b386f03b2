//! The event stream decoder: frames do not depend on where the chunks were cut, and lose no byte.

use bytes::Bytes;
use wire::{Decoder, Frame, SseError, SseLimits};

use crate::pieces::{cut, lengths_and_rest};

/// Runs the target.
pub fn run(data: &[u8]) {
    let (lengths, stream) = lengths_and_rest(data);
    for event_bytes_max in [48, 1024 * 1024] {
        let limits = SseLimits { event_bytes_max };
        let (whole, whole_end) = decode([stream], limits);
        let (pieced, pieced_end) = decode(cut(stream, &lengths), limits);
        assert_eq!(whole, pieced, "the frames depend on the chunks");
        assert_eq!(whole_end, pieced_end, "the end depends on the chunks");
        for frame in &whole {
            assert!(frame.raw.len() <= event_bytes_max, "a frame over the limit");
        }
        if whole_end.is_ok() {
            let bytes: Vec<u8> = whole.iter().flat_map(|frame| frame.raw.iter().copied()).collect();
            assert_eq!(bytes, stream, "bytes were lost");
        }
        // What is passed on as an event of our own is one event with the same data.
        for data in whole.iter().filter_map(|frame| frame.data.as_ref()) {
            if !data.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
                let (again, _) = decode([&wire::sse_frame(data)[..]], SseLimits::default());
                assert_eq!(again.len(), 1, "an event of ours is not one event");
                assert_eq!(again.first().and_then(|frame| frame.data.as_ref()), Some(data));
            }
        }
    }
}

fn decode<'d>(
    chunks: impl IntoIterator<Item = &'d [u8]>,
    limits: SseLimits,
) -> (Vec<Frame>, Result<(), SseError>) {
    let mut decoder = Decoder::new(limits);
    let mut frames = Vec::new();
    for chunk in chunks {
        if let Err(error) = decoder.push(Bytes::copy_from_slice(chunk), &mut frames) {
            assert!(decoder.finish().is_none(), "a broken stream has no last frame");
            return (frames, Err(error));
        }
        assert!(decoder.held_bytes() <= limits.event_bytes_max, "more is held than the limit");
    }
    frames.extend(decoder.finish());
    (frames, Ok(()))
}
