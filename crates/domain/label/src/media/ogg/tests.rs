use super::*;
use crate::media::{
    self, comments,
    tests::{a_label, with},
};

const SERIAL: u32 = 0x5eed;

fn lacing(length: usize) -> Vec<u8> {
    [vec![255; length / 255], vec![u8::try_from(length % 255).unwrap()]].concat()
}

/// Pages of packets, each page with at most so many parts.
fn stream(serial: u32, pages: &[&[&[u8]]], parts_max: usize) -> Vec<Vec<u8>> {
    let mut new = Vec::new();
    for packets in pages {
        let (mut lengths, mut data) = (Vec::new(), Vec::new());
        packets.iter().for_each(|packet| {
            lengths.extend(lacing(packet.len()));
            data.extend_from_slice(packet);
        });
        let mut data = data.as_slice();
        let mut goes_on = false;
        for part in lengths.chunks(parts_max) {
            let (body, rest) = data.split_at(part.iter().map(|&length| usize::from(length)).sum());
            let number = u32::try_from(new.len()).unwrap();
            let flags = u8::from(goes_on) | if number == 0 { 2 } else { 0 };
            let position = if part.iter().any(|&length| length < 255) { 0 } else { u64::MAX };
            new.push(pages::page(flags, position, serial, number, part, body));
            goes_on = part.last() == Some(&255);
            data = rest;
        }
    }
    new
}

fn vorbis(list: &[u8], parts_max: usize) -> Vec<Vec<u8>> {
    let comments = [b"\x03vorbis", list, b"\x01"].concat();
    let setup = [&b"\x05vorbis"[..], &[7; 90]].concat();
    let head = [&b"\x01vorbis"[..], &[0; 23]].concat();
    stream(SERIAL, &[&[&head], &[&comments, &setup], &[&[1; 40], &[2; 30]], &[&[3; 20]]], parts_max)
}

fn opus(list: &[u8]) -> Vec<Vec<u8>> {
    let comments = [b"OpusTags", list, b"\x01binary"].concat();
    stream(SERIAL + 1, &[&[b"OpusHead\x01\x01\0\0\0\0\0\0\0\0\0"], &[&comments], &[&[9; 60]]], 255)
}

pub(in crate::media) fn samples() -> Vec<(Format, Vec<u8>)> {
    let short = comments::tests::list(&[b"TITLE=x"]);
    let long = comments::tests::list(&[&[b'x'; 300], b"ARTIST=y"]);
    let theora = stream(3, &[&[b"\x80theora\x03\x02"], &[b"\x81theora", b"\x82theora"], &[&[8; 50]]], 255);
    let sound = vorbis(&short, 255);
    let beside: Vec<Vec<u8>> = std::iter::zip(theora, sound.clone()).flat_map(|(a, b)| [a, b]).collect();
    vec![
        (Format::Ogg, sound.concat()),
        // Pages of two parts each: the comments stand on three, the last of which they share.
        (Format::Ogg, vorbis(&long, 2).concat()),
        (Format::Ogg, beside.concat()),
        (Format::Opus, opus(&short).concat()),
    ]
}

/// The packets of a stream, and whether its pages are right: numbers, marks of what goes on, checksums.
fn packets(file: &[u8], serial: u32) -> Vec<Vec<u8>> {
    let (mut packets, mut open) = (Vec::new(), None::<Vec<u8>>);
    let pages = Pages::of(file).map(Result::unwrap).filter(|page| page.serial == serial);
    for (number, page) in pages.enumerate() {
        let (place, fields) = page.renumbered(file, 0);
        assert_eq!(file[place], fields, "checksum of page {number}");
        assert_eq!(fields[..4], u32::try_from(number).unwrap().to_le_bytes());
        assert_eq!(file[page.whole.start + 5] & 1 == 1, open.is_some(), "page {number} goes on");
        let mut data = page.data(file);
        for &length in page.lacing(file) {
            let (part, rest) = data.split_at(length.into());
            open.get_or_insert_default().extend_from_slice(part);
            data = rest;
            if length < 255 {
                packets.extend(open.take());
            }
        }
    }
    packets
}

#[test]
fn every_other_packet_stays_and_pages_are_right() {
    let many =
        [vorbis(&comments::tests::list(&[&[b'x'; 64_600]]), 255).concat(), opus(&[0; 8]).concat()].concat();
    let mut files = samples();
    files.push((Format::Ogg, many));
    for (format, file) in files {
        let labelled = media::label(format, &file, &with(&a_label(7))).unwrap();
        for serial in [SERIAL, SERIAL + 1, 3] {
            let (before, after) = (packets(&file, serial), packets(&labelled, serial));
            assert_eq!(before.len(), after.len());
            let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
            assert!(changed <= 1, "{changed} packets of {serial} changed");
        }
    }
}

#[test]
fn pages_behind_the_comments_are_touched_only_where_their_number_changes() {
    for (format, file) in samples() {
        let edits = media::write(format, &file, &with(&a_label(7))).unwrap();
        let comments = streams(&file).unwrap().0[0].range();
        let behind = edits.as_slice().iter().filter(|edit| edit.range.start >= comments.end).count();
        assert_eq!(behind, 0, "{format:?}");
    }
    let many = vorbis(&comments::tests::list(&[&[b'x'; 64_600]]), 255).concat();
    let edits = media::write(Format::Ogg, &many, &with(&a_label(7))).unwrap();
    let lengths: Vec<usize> = edits.as_slice().iter().skip(1).map(|edit| edit.range.len()).collect();
    assert_eq!(lengths, [8, 8]);
}

/// Trailing data of `OpusTags` whose first bit is set must be kept (RFC 7845, 5.2).
#[test]
fn data_behind_the_comments_of_opus_is_kept() {
    let (format, file) = samples().pop().unwrap();
    let labelled = media::label(format, &file, &with(&a_label(7))).unwrap();
    assert!(packets(&labelled, SERIAL + 1)[1].ends_with(b"\x01binary"));
}

#[test]
fn each_stream_of_a_chain_is_read() {
    let json = a_label(7).to_json();
    let label = comments::tests::list(&[format!("AIGC={json}").as_bytes()]);
    let file = [vorbis(&comments::tests::list(&[]), 255).concat(), opus(&label).concat()].concat();
    assert_eq!(media::report(Format::Ogg, &file).label.unwrap().to_json(), json);
    let two = [vorbis(&label, 255).concat(), opus(&label).concat()].concat();
    assert_eq!(media::read(Format::Ogg, &two).unwrap().labels.len(), 2);
}

#[test]
fn what_is_not_whole_or_counts_bytes_is_refused() {
    let file = vorbis(&comments::tests::list(&[]), 255);
    assert!(matches!(media::read(Format::Ogg, &file[0]), Err(Broken::Truncated { .. })));
    let other = stream(SERIAL, &[&[b"\x01vorbis"], &[b"no comments"]], 255).concat();
    assert!(matches!(media::read(Format::Ogg, &other), Err(Broken::Malformed { .. })));
    let head = stream(SERIAL, &[&[b"\x01vorbis"]], 255).concat();
    assert!(matches!(media::read(Format::Ogg, &head.repeat(STREAMS_MAX + 1)), Err(Broken::Limit { .. })));
    let index = [stream(5, &[&[b"fishead\0\x04\0"]], 255).concat(), file.concat()].concat();
    assert!(media::write(Format::Ogg, &index, &with(&a_label(7))).is_err());
}
