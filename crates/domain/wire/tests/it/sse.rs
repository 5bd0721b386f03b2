//! The event stream decoder against a slow reading of the standard.

use bytes::Bytes;
use proptest::prelude::*;
use wire::{Decoder, Frame, FrameKind, SseError, SseLimits};

fn decode(chunks: &[&[u8]]) -> Vec<Frame> {
    let mut decoder = Decoder::new(SseLimits::default());
    let mut frames = Vec::new();
    for chunk in chunks {
        decoder.push(Bytes::copy_from_slice(chunk), &mut frames).unwrap();
    }
    frames.extend(decoder.finish());
    frames
}

fn data(frames: &[Frame]) -> Vec<String> {
    frames
        .iter()
        .filter_map(|frame| frame.data.as_ref())
        .map(|data| String::from_utf8_lossy(data).into_owned())
        .collect()
}

/// The standard's algorithm, line by line over the whole stream.
fn reference(stream: &str) -> Vec<String> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    let lines = stream.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let mut data: Option<String> = None;
    for line in lines.split('\n') {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        if line.is_empty() {
            events.extend(data.take());
        } else if name == "data" {
            data = Some(data.map_or(value.to_owned(), |before| format!("{before}\n{value}")));
        }
    }
    // Our addition: what no blank line ended is handed out too.
    events.extend(data);
    events
}

#[test]
fn events_are_read() {
    for (stream, expected) in [
        ("data: a\n\n", vec!["a"]),
        ("data:a\n\ndata:  b\n\n", vec!["a", " b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", vec!["a", "b"]),
        ("data: a\r\rdata: b\r\r", vec!["a", "b"]),
        ("data: a\r\n\ndata: b\n\r\n", vec!["a", "b"]),
        ("data: a\ndata: b\n\n", vec!["a\nb"]),
        ("data\ndata\n\n", vec!["\n"]),
        (": alive\n\ndata: a\n\n", vec!["a"]),
        ("event: ping\ndata: {}\nid: 3\nretry: 10\n\n", vec!["{}"]),
        ("\u{feff}data: a\n\n", vec!["a"]),
        ("\n\n\ndata: a\n\n\n\n", vec!["a"]),
        ("data: a\n\ndata: [DONE]", vec!["a", "[DONE]"]),
        ("datax: a\n\ndata: b\n\n", vec!["b"]),
        ("data: \n\n", vec![""]),
    ] {
        assert_eq!(data(&decode(&[stream.as_bytes()])), expected, "{stream:?}");
        assert_eq!(reference(stream), expected, "{stream:?}");
    }
}

#[test]
fn frames_of_one_chunk_are_slices_of_it() {
    let chunk = Bytes::from_static(b"event: x\ndata: {\"a\":1}\n\ndata: [DONE]\n\n");
    let mut frames = Vec::new();
    Decoder::new(SseLimits::default()).push(chunk.clone(), &mut frames).unwrap();
    let inside = |part: &Bytes| chunk.as_ptr_range().contains(&part.as_ptr());
    assert_eq!(frames.len(), 2);
    assert!(frames.iter().all(|frame| inside(&frame.raw) && inside(frame.data.as_ref().unwrap())));
    assert_eq!(frames[0].event.as_deref(), Some(&b"x"[..]));
    assert_eq!((frames[0].kind, frames[1].kind), (FrameKind::Data, FrameKind::Done));
}

#[test]
fn frames_leave_as_soon_as_they_are_whole() {
    let mut decoder = Decoder::new(SseLimits::default());
    let mut frames = Vec::new();
    decoder.push(Bytes::from_static(b"data: a\r\r"), &mut frames).unwrap();
    assert_eq!(frames.len(), 1, "a stream of carriage returns is not held back");
    decoder.push(Bytes::from_static(b"data: b\n\ndata: c"), &mut frames).unwrap();
    assert_eq!((frames.len(), decoder.held_bytes()), (2, 7));
}

#[test]
fn unfinished_event_is_marked() {
    let frames = decode(&[b"data: a\n\ndata: [DONE]\n"]);
    assert_eq!(frames.iter().map(|frame| frame.is_complete).collect::<Vec<_>>(), [true, false]);
    assert_eq!(frames[1].kind, FrameKind::Done);
    assert_eq!(decode(&[b"data: a\r\n\r"]).iter().map(|frame| frame.is_complete).collect::<Vec<_>>(), [true]);
}

#[test]
fn endless_line_is_an_error_and_stays_one() {
    let mut decoder = Decoder::new(SseLimits::default());
    let mut frames = Vec::new();
    let error = SseError::EventTooLarge { limit: 1024 * 1024 };
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    decoder.push(Bytes::from_static(b"data: a\n\ndata: "), &mut frames).unwrap();
    let result: Vec<_> = (0..160).map(|_| decoder.push(chunk.clone(), &mut frames)).collect();
    assert_eq!(result.iter().filter(|result| result.is_ok()).count(), 15);
    assert_eq!(result.last().unwrap(), &Err(error.clone()));
    assert_eq!((frames.len(), decoder.held_bytes()), (1, 0));
    assert_eq!(decoder.push(Bytes::from_static(b"\n\ndata: b\n\n"), &mut frames), Err(error));
    let mut whole = Decoder::new(SseLimits { event_bytes_max: 8 });
    assert!(whole.push(Bytes::from_static(b"data: 1234\n\n"), &mut frames).is_err());
}

fn any_stream() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\r\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("data: ".to_owned()),
        Just("data:".to_owned()),
        Just(": ".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("[DONE]".to_owned()),
        "[a朱 ]{0,5}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_frames(stream in any_stream(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let bytes = stream.as_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let whole = decode(&[bytes]);
        prop_assert_eq!(&decode(&chunks), &whole);
        let raw: Vec<u8> = whole.iter().flat_map(|frame| frame.raw.to_vec()).collect();
        prop_assert_eq!(raw, bytes, "nothing is lost");
        prop_assert_eq!(data(&whole), reference(&stream));
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(decode(&each), whole);
    }

    #[test]
    fn garbage_does_not_panic(chunks: Vec<Vec<u8>>) {
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        decode(&chunks);
    }
}
