use std::process::Command;

use super::*;
use crate::{PictureFormat, read_picture};

/// ffmpeg, where this machine has it: elsewhere these tests say so and pass.
fn video() -> Option<Video> {
    let video = Video::available();
    if video.is_none() {
        eprintln!("skipped: ffmpeg is not installed here");
    }
    video
}

/// Five seconds of black with a tone.
fn film(video: &Video, muxer: &str, codecs: [&str; 2], size: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("film");
    let pictures = format!("color=black:size={size}:rate=10:duration=5");
    let status = Command::new(&video.ffmpeg)
        .args(["-loglevel", "error", "-f", "lavfi", "-i", &pictures, "-f", "lavfi", "-i", "sine=duration=5"])
        .args(["-c:v", codecs[0], "-c:a", codecs[1], "-metadata", "title=a title", "-shortest", "-f", muxer])
        .arg(&output)
        .status();
    assert!(status.unwrap().success());
    std::fs::read(output).unwrap()
}

/// How many bright values a frame at a time has.
fn bright_at(video: &Video, film: &[u8], seconds: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("film"), folder.path().join("frame.png"));
    std::fs::write(&input, film).unwrap();
    let status = Command::new(&video.ffmpeg)
        .args(["-loglevel", "error", "-ss", seconds, "-i"])
        .arg(&input)
        .args(["-frames:v", "1"])
        .arg(&output)
        .status();
    assert!(status.unwrap().success());
    let frame = read_picture(&std::fs::read(output).unwrap(), PictureFormat::Png).unwrap();
    frame.pixels.iter().filter(|value| **value > 200).count()
}

#[test]
fn the_label_shows_from_the_first_frame_for_at_least_two_seconds() {
    let Some(video) = video() else { return };
    for (muxer, codecs) in [
        ("mp4", ["libx264", "aac"]),
        ("mov", ["libx264", "aac"]),
        ("matroska", ["libx264", "aac"]),
        ("webm", ["libvpx-vp9", "libopus"]),
    ] {
        let film = film(&video, muxer, codecs, "320x180");
        let format = VideoFormat::sniff(&film).unwrap();
        assert_eq!(format.muxer(), muxer);
        let labelled = video.label(&film, format, &VisibleStyle::default(), VideoLimits::default()).unwrap();
        assert_eq!(VideoFormat::sniff(&labelled), Some(format));
        for seconds in ["0", "1", "2", "2.9"] {
            assert!(bright_at(&video, &labelled, seconds) > 100, "{muxer} at {seconds}");
        }
        assert_eq!(bright_at(&video, &labelled, "4"), 0, "{muxer}");
        assert!(labelled.windows(7).any(|window| window == b"a title"), "{muxer} keeps its title");
    }
}

#[test]
fn limits_end_the_work() {
    let Some(video) = video() else { return };
    let film = film(&video, "mp4", ["libx264", "aac"], "320x180");
    let limits = VideoLimits { time: Duration::ZERO, ..VideoLimits::default() };
    let refused = video.label(&film, VideoFormat::Mp4, &VisibleStyle::default(), limits);
    assert!(matches!(refused, Err(MediaError::Limit { what: "seconds of work on a video", .. })));
    let limits = VideoLimits { bytes: 4_000, ..VideoLimits::default() };
    let refused = video.label(&film, VideoFormat::Mp4, &VisibleStyle::default(), limits);
    assert!(matches!(refused, Err(MediaError::Limit { what: "bytes of video", .. })));
}

#[test]
fn a_list_of_other_sources_is_no_video() {
    let Some(video) = video() else { return };
    let list = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    assert_eq!(VideoFormat::sniff(list), None);
    for format in [VideoFormat::Mp4, VideoFormat::WebM] {
        assert!(video.label(list, format, &VisibleStyle::default(), VideoLimits::default()).is_err());
    }
}

#[test]
fn sound_and_still_pictures_are_no_video() {
    let head = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, &[0; 12]].concat();
    assert_eq!(VideoFormat::sniff(&head(b"isom")), Some(VideoFormat::Mp4));
    assert_eq!(VideoFormat::sniff(&head(b"qt  ")), Some(VideoFormat::Mov));
    for brand in [b"M4A ", b"avif", b"heic"] {
        assert_eq!(VideoFormat::sniff(&head(brand)), None);
    }
}
