//! A model as bytes: a header of lines that people can read, the weights, and the hash of both.
//!
//! ```text
//! cinnabar classifier 1
//! features 1 normaliser 1 buckets 256000 seed 20261125
//! head abuse SCALE BIAS ASK BLOCK        eight lines; numbers as the bits of an f32 in hexadecimal
//! source SHA256 EXAMPLES PATH            a line for each file
//!                                        an empty line, then 8 bytes for each bucket, then 32 bytes of SHA-256
//! ```

use sha2::{Digest as _, Sha256};

use super::{
    Head, HeadSettings, Model,
    head::HEADS,
    model::{Row, Source},
};

const FIRST_LINE: &str = "cinnabar classifier 1";
/// A header that is longer is none: eight heads and some dozens of files.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// The most buckets that are read: 32 MiB of weights.
const BUCKETS_MAX: usize = 1 << 22;
const HASH_BYTES: usize = 32;

/// Bytes that are no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It does not begin as a model of this version does.
    #[error("this is no classifier model of version 1")]
    NotAModel,
    /// A line of the header is not what it should be.
    #[error("line {0} of the model's header is not understood")]
    Header(usize),
    /// There are more or fewer weights than the header says.
    #[error("the model should have {expected} bytes after its header and has {found}")]
    Size {
        /// As the header says.
        expected: usize,
        /// As it is.
        found: usize,
    },
    /// The bytes were changed since they were written.
    #[error("the model's hash does not fit its bytes")]
    Hash,
}

impl Model {
    /// The model as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.header().into_bytes();
        bytes.extend(self.rows.iter().flatten().map(|weight| weight.cast_unsigned()));
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        bytes
    }

    /// Reads a model.
    ///
    /// # Errors
    /// For anything that [`Model::to_bytes`] would not have written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let head = bytes.get(..bytes.len().min(HEADER_BYTES_MAX)).unwrap_or_default();
        let end = head.windows(2).position(|two| two == b"\n\n").ok_or(ModelError::NotAModel)?;
        let header = bytes.get(..end).and_then(|header| std::str::from_utf8(header).ok());
        let (mut model, buckets) = read_header(header.ok_or(ModelError::NotAModel)?)?;
        let rest = bytes.get(end.saturating_add(2)..).unwrap_or_default();
        let weights_bytes = buckets.saturating_mul(HEADS);
        let expected = weights_bytes.saturating_add(HASH_BYTES);
        if rest.len() != expected {
            return Err(ModelError::Size { expected, found: rest.len() });
        }
        let (signed, hash) = bytes.split_at(bytes.len().saturating_sub(HASH_BYTES));
        if Sha256::digest(signed).as_slice() != hash {
            return Err(ModelError::Hash);
        }
        let (rows, _) = rest.get(..weights_bytes).unwrap_or_default().as_chunks::<HEADS>();
        model.rows = rows.iter().map(|row| row.map(u8::cast_signed) as Row).collect();
        Ok(model)
    }

    fn header(&self) -> String {
        let mut lines = vec![
            FIRST_LINE.to_owned(),
            format!(
                "features {} normaliser {} buckets {} seed {}",
                self.features_version,
                self.normaliser_version,
                self.rows.len(),
                self.seed
            ),
        ];
        for (head, settings) in Head::ALL.iter().zip(&self.heads) {
            let numbers = [settings.scale, settings.bias, settings.ask, settings.block];
            let bits = numbers.map(|number| format!("{:08x}", number.to_bits())).join(" ");
            lines.push(format!("head {} {bits}", head.name()));
        }
        for source in &self.sources {
            let hash: String = source.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
            lines.push(format!("source {hash} {} {}", source.examples, source.path));
        }
        lines.join("\n") + "\n\n"
    }
}

/// The model without weights, and the number of its buckets.
fn read_header(header: &str) -> Result<(Model, usize), ModelError> {
    let mut lines = header.split('\n').zip(1..);
    if lines.next().is_none_or(|(line, _)| line != FIRST_LINE) {
        return Err(ModelError::NotAModel);
    }
    let (line, number) = lines.next().ok_or(ModelError::Header(2))?;
    let [features_version, normaliser_version, buckets, seed] =
        read_sizes(line).ok_or(ModelError::Header(number))?;
    let fail = ModelError::Header(number);
    let buckets = usize::try_from(buckets).ok().filter(|buckets| (1..=BUCKETS_MAX).contains(buckets));
    let mut model = Model {
        seed,
        features_version: u32::try_from(features_version).map_err(|_| fail.clone())?,
        normaliser_version: u32::try_from(normaliser_version).map_err(|_| fail.clone())?,
        heads: [HeadSettings::default(); HEADS],
        sources: Vec::new(),
        rows: Vec::new(),
    };
    for (head, settings) in Head::ALL.iter().zip(&mut model.heads) {
        let (line, number) = lines.next().ok_or(ModelError::Header(number))?;
        *settings = read_head(line, head.name()).ok_or(ModelError::Header(number))?;
    }
    for (line, number) in lines {
        model.sources.push(read_source(line).ok_or(ModelError::Header(number))?);
    }
    Ok((model, buckets.ok_or(fail)?))
}

/// A number as it is printed, and no other way.
fn read_number<N: std::str::FromStr + ToString>(word: &str) -> Option<N> {
    word.parse::<N>().ok().filter(|number| number.to_string() == word)
}

fn read_sizes(line: &str) -> Option<[u64; 4]> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["features", features, "normaliser", normaliser, "buckets", buckets, "seed", seed] = words.as_slice()
    else {
        return None;
    };
    Some([read_number(features)?, read_number(normaliser)?, read_number(buckets)?, read_number(seed)?])
}

fn read_head(line: &str, name: &str) -> Option<HeadSettings> {
    let words: Vec<&str> = line.split(' ').collect();
    let ["head", word, scale, bias, ask, block] = words.as_slice() else { return None };
    let read = |word: &str| {
        let bits = u32::from_str_radix(word, 16).ok().filter(|bits| format!("{bits:08x}") == word)?;
        Some(f32::from_bits(bits)).filter(|number| !number.is_nan())
    };
    let settings =
        HeadSettings { scale: read(scale)?, bias: read(bias)?, ask: read(ask)?, block: read(block)? };
    let is_sound = settings.scale.is_finite() && settings.bias.is_finite() && settings.ask <= settings.block;
    (*word == name && is_sound).then_some(settings)
}

fn read_source(line: &str) -> Option<Source> {
    let (hash, rest) = line.strip_prefix("source ")?.split_once(' ')?;
    let (examples, path) = rest.split_once(' ')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut sha256 = [0; 32];
    for (number, byte) in sha256.iter_mut().enumerate() {
        let start = number.saturating_mul(2);
        *byte = u8::from_str_radix(hash.get(start..start.saturating_add(2))?, 16).ok()?;
    }
    is_hash.then_some(Source { path: path.to_owned(), sha256, examples: read_number(examples)? })
}
