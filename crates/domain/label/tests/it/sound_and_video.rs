//! Files that ffmpeg made, labelled here, read by ffprobe, mediainfo and exiftool and decoded as before. Where these are not
//! installed the tests say so and pass.

use std::{fs, path::Path};

use label::{
    Conformance, ProviderCode,
    media::{self, Format, Marks},
};

use crate::outside::{Folder, frames, label_of, made, output};

/// A second of colour bars and a tone.
const PICTURE: [&str; 4] = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x48:rate=10"];
const SOUND: [&str; 4] = ["-f", "lavfi", "-i", "sine=duration=1:sample_rate=48000"];

fn with_picture<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&PICTURE[..], &SOUND, arguments].concat()
}

fn with_sound<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&SOUND[..], arguments].concat()
}

/// Labels a file in its place, and a second time as one who passes it on; the readers agree after each.
fn check(format: Format, path: &Path, readers: &[&str]) {
    let before = frames(path);
    let mut bytes = fs::read(path).unwrap();
    assert_eq!(Format::sniff(&bytes), Some(format));
    let platform = ProviderCode::parse("001191110102MACQD9K64020000").unwrap();
    for label in [label_of(7), label_of(7).propagated(&platform, "an-id-of-the-platform")] {
        bytes = media::label(format, &bytes, &Marks { label: &label, source: None }).unwrap();
        assert_eq!(media::report(format, &bytes).hidden, Conformance::Conforming);
        fs::write(path, &bytes).unwrap();
        let json = label.to_json();
        for reader in readers {
            let file = path.to_str().unwrap();
            let tags = match *reader {
                "ffprobe" => {
                    output("ffprobe", &["-v", "error", "-of", "flat", "-show_format", "-show_streams", file])
                }
                "exiftool" => output("exiftool", &["-u", "-a", "-b", file]),
                reader => output(reader, &["--Full", file]),
            };
            let Some(tags) = tags else { continue };
            let tags = tags.replace("\\\"", "\"");
            assert!(tags.contains(&json), "{reader} does not show the label of {}:\n{tags}", path.display());
        }
        assert_eq!(frames(path), before, "{} decodes otherwise", path.display());
    }
}

const ALL: [&str; 3] = ["exiftool", "ffprobe", "mediainfo"];

#[test]
fn video_in_boxes_is_read_by_others_and_decodes_as_before() {
    let folder = Folder::new("boxes");
    let mpeg4 = ["-c:v", "mpeg4", "-c:a", "aac"];
    for (name, format, arguments) in [
        ("last.mp4", Format::Mp4, vec![]),
        ("first.mp4", Format::Mp4, vec!["-movflags", "faststart"]),
        (
            "keys.mp4",
            Format::Mp4,
            vec!["-movflags", "faststart+use_metadata_tags", "-metadata", "some.key=x"],
        ),
        ("tags.mp4", Format::Mp4, vec!["-movflags", "faststart", "-metadata", "title=x"]),
        ("fragments.mp4", Format::Mp4, vec!["-movflags", "frag_keyframe+empty_moov", "-g", "2"]),
        (
            "dash.mp4",
            Format::Mp4,
            vec!["-movflags", "frag_keyframe+default_base_moof+global_sidx", "-g", "2"],
        ),
        ("last.mov", Format::Mov, vec!["-metadata", "title=x"]),
        ("first.mov", Format::Mov, vec!["-movflags", "faststart"]),
    ] {
        let arguments = with_picture(&[&mpeg4[..], &arguments].concat());
        let Some(path) = made(&folder, name, &arguments) else { return };
        check(format, &path, &ALL);
    }
    let Some(path) = made(&folder, "first.m4a", &with_sound(&["-c:a", "aac", "-movflags", "faststart"]))
    else {
        return;
    };
    check(Format::M4a, &path, &ALL);
}

#[test]
fn sound_with_tags_is_read_by_others_and_decodes_as_before() {
    let folder = Folder::new("tags");
    for (name, format, arguments) in [
        ("tag.mp3", Format::Mp3, vec!["-c:a", "libmp3lame", "-metadata", "title=x"]),
        ("old.mp3", Format::Mp3, vec!["-c:a", "libmp3lame", "-id3v2_version", "3"]),
        ("bare.mp3", Format::Mp3, vec!["-c:a", "libmp3lame", "-id3v2_version", "0"]),
        ("tags.flac", Format::Flac, vec!["-c:a", "flac", "-metadata", "title=x"]),
    ] {
        let Some(path) = made(&folder, name, &with_sound(&arguments)) else { return };
        check(format, &path, &ALL);
    }
}

#[test]
fn sound_in_ogg_is_read_by_others_and_decodes_as_before() {
    let folder = Folder::new("ogg");
    let vorbis = ["-c:a", "libvorbis"];
    for (name, format, arguments) in [
        ("sound.ogg", Format::Ogg, with_sound(&vorbis)),
        ("sound.opus", Format::Opus, with_sound(&["-c:a", "libopus", "-metadata", "title=x"])),
        ("video.ogg", Format::Ogg, with_picture(&["-c:v", "libtheora", "-c:a", "libvorbis"])),
    ] {
        let Some(path) = made(&folder, name, &arguments) else { return };
        check(format, &path, &ALL);
    }
}

#[test]
fn video_in_matroska_is_read_by_others_and_decodes_as_before() {
    let folder = Folder::new("matroska");
    let film = ["-c:v", "mpeg4", "-c:a", "libvorbis"];
    let web = ["-c:v", "libvpx", "-c:a", "libopus"];
    for (name, format, arguments) in [
        ("film.mkv", Format::Mkv, with_picture(&film)),
        ("title.mkv", Format::Mkv, with_picture(&[&film[..], &["-metadata", "title=x"]].concat())),
        ("live.mkv", Format::Mkv, with_picture(&[&film[..], &["-live", "1"]].concat())),
        ("web.webm", Format::Webm, with_picture(&web)),
        (
            "live.webm",
            Format::Webm,
            with_picture(&[&web[..], &["-live", "1", "-metadata", "title=x"]].concat()),
        ),
    ] {
        let Some(path) = made(&folder, name, &arguments) else { return };
        // exiftool reads no further than the first cluster, and the index may name tags at the end.
        check(format, &path, &["ffprobe", "mediainfo"]);
    }
}

#[test]
fn video_in_avi_is_read_by_others_and_decodes_as_before() {
    let folder = Folder::new("avi");
    for (name, arguments) in [("bare.avi", vec![]), ("title.avi", vec!["-metadata", "title=x"])] {
        let arguments = [&["-c:v", "mpeg4", "-c:a", "libmp3lame"], &arguments[..]].concat();
        let Some(path) = made(&folder, name, &with_picture(&arguments)) else { return };
        check(Format::Avi, &path, &ALL);
    }
}
