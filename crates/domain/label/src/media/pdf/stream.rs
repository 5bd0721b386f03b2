//! The data of PDF streams that objects and cross-references stand in: as it is, or with Flate and a predictor of PNG.

use std::io::Read as _;

use super::{
    Broken,
    syntax::{self, Dictionary},
};

/// How much of a file's streams is unpacked. A cross-reference of a million objects has 7 MB.
const UNPACKED_BYTES_MAX: usize = 64 << 20;

/// What is left of it for one file.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(UNPACKED_BYTES_MAX)
    }
}

/// The data of the stream after `dictionary`. `length` reads the value of `Length`.
///
/// # Errors
/// [`Broken`] where it is not there, has another filter, or would be larger than is unpacked.
pub(super) fn decoded(
    bytes: &[u8],
    dictionary: &Dictionary,
    length: impl FnOnce(&[u8]) -> Option<usize>,
    budget: &mut Budget,
) -> Result<Vec<u8>, Broken> {
    let at = dictionary.whole.end;
    let get = |key: &[u8]| dictionary.get(bytes, key);
    let malformed = |what| Broken::Malformed { what, at };
    let word = syntax::skip_space(bytes, at);
    let rest = bytes.get(word..).and_then(|rest| rest.strip_prefix(b"stream"));
    let rest = rest.ok_or(malformed("a PDF stream without data"))?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    let length = get(b"Length").and_then(length).ok_or(malformed("a PDF stream without its length"))?;
    let raw = rest.get(..length).ok_or(Broken::Truncated { what: "a PDF stream", at })?;
    let data = match get(b"Filter").map(bare) {
        None | Some(b"") => raw.to_vec(),
        Some(b"/FlateDecode") => unpack(raw, at, budget.0)?,
        Some(_) => return Err(malformed("an object or cross-reference stream of another filter")),
    };
    budget.0 = budget.0.checked_sub(data.len()).ok_or(too_much())?;
    match get(b"DecodeParms").map(bare) {
        None | Some(b"" | b"null") => Ok(data),
        Some(parameters) => {
            let parameters = [parameters, b" "].concat();
            let read = Dictionary::read(&parameters, 0)?;
            let number =
                |key: &[u8], usual| read.get(&parameters, key).and_then(syntax::integer).unwrap_or(usual);
            let sample_bytes = number(b"Colors", 1).saturating_mul(number(b"BitsPerComponent", 8)) / 8;
            match number(b"Predictor", 1) {
                1 => Ok(data),
                10.. if sample_bytes == 1 => Ok(without_prediction(&data, number(b"Columns", 1))),
                _ => Err(malformed("an object or cross-reference stream of another predictor")),
            }
        }
    }
}

/// The only element of an array, or the value itself.
fn bare(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(value).trim_ascii()
}

fn unpack(raw: &[u8], at: usize, limit: usize) -> Result<Vec<u8>, Broken> {
    let mut data = Vec::new();
    let mut reader = flate2::bufread::ZlibDecoder::new(raw).take((limit as u64).saturating_add(1));
    reader
        .read_to_end(&mut data)
        .map_err(|_| Broken::Malformed { what: "a PDF stream that does not unpack", at })?;
    if data.len() > limit { Err(too_much()) } else { Ok(data) }
}

const fn too_much() -> Broken {
    Broken::Limit { what: "bytes of unpacked PDF streams", limit: UNPACKED_BYTES_MAX }
}

/// Undoes the predictors of PNG (its specification, 9.2) for rows of `columns` bytes.
fn without_prediction(data: &[u8], columns: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above = vec![0_u8; columns];
    for row in data.chunks(columns.saturating_add(1)) {
        let Some((&kind, row)) = row.split_first() else { break };
        let (mut left, mut corner) = (0_u8, 0_u8);
        let mut decoded = Vec::with_capacity(columns);
        for (&byte, &up) in row.iter().zip(&above) {
            let predicted = match kind {
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => 0,
            };
            left = byte.wrapping_add(predicted);
            corner = up;
            decoded.push(left);
        }
        out.extend_from_slice(&decoded);
        decoded.resize(columns, 0);
        above = decoded;
    }
    out
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |neighbour: u8| (estimate - i16::from(neighbour)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predictor_is_undone() {
        // Rows of three bytes, each predicted in another way, that all are 1 2 3.
        let data = [0, 1, 2, 3, 1, 1, 1, 1, 2, 0, 0, 0, 3, 1, 1, 1, 4, 0, 0, 0];
        assert_eq!(without_prediction(&data, 3), [1, 2, 3].repeat(5));
        assert_eq!(without_prediction(&[2], 0), [0_u8; 0]);
    }

    #[test]
    fn what_unpacks_to_more_than_is_read_is_refused() {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packer, &[0; 100_000]).unwrap();
        let packed = packer.finish().unwrap();
        let file = [
            format!("<</Length {}/Filter[/FlateDecode]>>stream\n", packed.len()).as_bytes(),
            &packed,
            b"\nendstream",
        ]
        .concat();
        let dictionary = Dictionary::read(&file, 0).unwrap();
        let read = |budget| decoded(&file, &dictionary, syntax::integer, &mut Budget(budget));
        assert_eq!(read(100_000).unwrap().len(), 100_000);
        assert!(matches!(read(99_999), Err(Broken::Limit { .. })));
    }
}
