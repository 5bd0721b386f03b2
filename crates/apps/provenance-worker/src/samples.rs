//! Small whole files of each format that the tests sign.

use std::io::Write as _;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// Media type and file.
pub(crate) fn all() -> [(&'static str, Vec<u8>); 5] {
    [
        ("image/png", png()),
        ("image/jpeg", jpeg()),
        ("image/webp", webp()),
        ("audio/wav", wav()),
        ("video/mp4", mp4()),
    ]
}

/// A gradient of 16 × 16.
pub(crate) fn png() -> Vec<u8> {
    fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
        out.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        out.extend(kind);
        out.extend(data);
        out.extend(crc.sum().to_be_bytes());
    }
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..16_u8 {
        pixels.write_all(&[0]).unwrap();
        for x in 0..16_u8 {
            pixels.write_all(&[x * 16, y * 16, 128]).unwrap();
        }
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut out, b"IHDR", &[0, 0, 0, 16, 0, 0, 0, 16, 8, 2, 0, 0, 0]);
    chunk(&mut out, b"IDAT", &pixels.finish().unwrap());
    chunk(&mut out, b"IEND", &[]);
    out
}

/// A grey gradient of 16 × 16.
pub(crate) fn jpeg() -> Vec<u8> {
    const BYTES: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\
        \xff\xdb\x00C\x00\x1b\x12\x14\x17\x14\x11\x1b\x17\x16\x17\x1e\x1c\x1b (B+(%%(Q:=0B`Ued_U][jx\x99\x81jq\x90s[]\
        \x85\xb5\x86\x90\x9e\xa3\xab\xad\xabg\x80\xbc\xc9\xba\xa6\xc7\x99\xa8\xab\xa4\
        \xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\
        \xff\xc4\x00\x15\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x05\
        \xff\xc4\x00\x17\x10\x00\x03\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x04a\
        \xff\xda\x00\x08\x01\x01\x00\x00?\x00\x98\xa9\xb0Z\xa6\xc1j\x9b\x06*l?\xff\xd9";
    BYTES.to_vec()
}

/// One colour, 4 × 4, lossless.
pub(crate) fn webp() -> Vec<u8> {
    const BYTES: &[u8] =
        b"RIFF\x1e\x00\x00\x00WEBPVP8L\x11\x00\x00\x00/\x03\xc0\x00\x00\x07P\x8f\"\x97\xa7\xff\x81\
        \x88\xe8\x7f\x00\x00";
    BYTES.to_vec()
}

/// A tenth of a second of a square wave, 8 kHz, 16 bit.
pub(crate) fn wav() -> Vec<u8> {
    let samples: Vec<u8> =
        (0..800_i16).flat_map(|n| (if n / 20 % 2 == 0 { 6000_i16 } else { -6000 }).to_le_bytes()).collect();
    let mut out = b"RIFF".to_vec();
    out.extend(u32::try_from(36 + samples.len()).unwrap().to_le_bytes());
    out.extend(
        b"WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data",
    );
    out.extend(u32::try_from(samples.len()).unwrap().to_le_bytes());
    out.extend(samples);
    out
}

/// A film of no tracks: what a manifest needs of the format is its boxes.
pub(crate) fn mp4() -> Vec<u8> {
    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(8 + content.len()).unwrap();
        [&length.to_be_bytes()[..], kind, content].concat()
    }
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&1000_u32.to_be_bytes());
    header[20..24].copy_from_slice(&0x0001_0000_u32.to_be_bytes());
    header[96..100].copy_from_slice(&1_u32.to_be_bytes());
    [
        boxed(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41"),
        boxed(b"moov", &boxed(b"mvhd", &header)),
        boxed(b"mdat", &[7; 4096]),
    ]
    .concat()
}
