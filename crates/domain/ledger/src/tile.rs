//! Tiles: where they lie and what is in them. C2SP tlog-tiles.

use std::{fmt, str::FromStr};

use crate::Hash;

/// The number of hashes in a full tile and of entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// The highest level a tree of at most 2^64 - 1 leaves has tiles on.
const LEVEL_MAX: u8 = 7;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of the tree, at this level of tiles: 0 has the hashes of the leaves.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// The place of one tile: `tile/0/x001/067`, `tile/entries/000.p/17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// A text or a set of numbers that names no tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no tile")]
pub struct TilePathError(pub String);

impl TilePath {
    /// The tile of `kind` with this index and width (1 to 256).
    ///
    /// # Errors
    /// [`TilePathError`] where no tree can have such a tile.
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TilePathError> {
        let path = Self { kind, index, width };
        let level = path.level();
        // The highest index at which a tree of 2^64 - 1 leaves still has something on that level.
        let index_max = u64::MAX >> (8 * (u32::from(level.min(LEVEL_MAX)) + 1)).min(63);
        let fits = level <= LEVEL_MAX && index <= index_max && (level < LEVEL_MAX || index == 0);
        if fits && (1..=TILE_WIDTH).contains(&width) {
            Ok(path)
        } else {
            Err(TilePathError(path.to_string()))
        }
    }

    /// The tiles of one kind that hold something in a tree of `size` leaves: full ones and a last, partial one.
    pub(crate) fn last_index_and_width(kind: TileKind, size: u64) -> (u64, u16) {
        let level = match kind {
            TileKind::Hashes(level) => u32::from(level),
            TileKind::Entries => 0,
        };
        let nodes = size.checked_shr(8 * level).unwrap_or(0);
        (nodes >> 8, u16::try_from(nodes & 0xff).unwrap_or(0))
    }

    /// The tile of `kind` at `index` in a tree of `size` leaves: full, partial, or none.
    #[must_use]
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let (last, partial) = Self::last_index_and_width(kind, size);
        let width = match index.cmp(&last) {
            std::cmp::Ordering::Less => TILE_WIDTH,
            std::cmp::Ordering::Equal if partial > 0 => partial,
            _ => return None,
        };
        Self::new(kind, index, width).ok()
    }

    /// What the tile holds.
    #[must_use]
    pub const fn kind(&self) -> TileKind {
        self.kind
    }

    /// The index of the tile within its level.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds: 1 to 256.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it can still grow.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.width < TILE_WIDTH
    }

    /// The full tile at the same place, which may stand in for a partial one that was cleared away.
    #[must_use]
    pub const fn full(&self) -> Self {
        Self { kind: self.kind, index: self.index, width: TILE_WIDTH }
    }

    /// The most bytes that this tile can have. Readers stop there.
    #[must_use]
    pub const fn bytes_max(&self) -> usize {
        match self.kind {
            TileKind::Hashes(_) => self.width as usize * Hash::BYTES,
            TileKind::Entries => self.width as usize * (2 + crate::ENTRY_BYTES_MAX),
        }
    }

    const fn level(&self) -> u8 {
        match self.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let mut divisor = 1_u64;
        while self.index / divisor >= 1_000 {
            divisor *= 1_000;
        }
        while divisor > 1 {
            write!(f, "x{:03}/", self.index / divisor % 1_000)?;
            divisor /= 1_000;
        }
        write!(f, "{:03}", self.index % 1_000)?;
        if self.is_partial() { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        // What does not print back to the same text is another spelling, and has no place in the tree.
        parse_path(text)
            .and_then(|(kind, index, width)| Self::new(kind, index, width).ok())
            .filter(|path| path.to_string() == text)
            .ok_or_else(|| TilePathError(text.chars().take(80).collect()))
    }
}

fn parse_path(text: &str) -> Option<(TileKind, u64, u16)> {
    if text.len() > 80 {
        return None;
    }
    let (kind, rest) = text.strip_prefix("tile/")?.split_once('/')?;
    let kind = if kind == "entries" { TileKind::Entries } else { TileKind::Hashes(kind.parse().ok()?) };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok().filter(|width| *width < TILE_WIDTH)?),
        None => (rest, TILE_WIDTH),
    };
    let mut index = 0_u64;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
    }
    Some((kind, index, width))
}

/// Where tiles come from: a folder, a cache, a map in memory.
pub trait TileReader {
    /// The bytes of the tile at `path`. A reader stops at [`TilePath::bytes_max`].
    ///
    /// # Errors
    /// [`ReadError::Missing`] where there is none; [`ReadError::Failed`] where it could not be read.
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ReadError>;
}

impl<R: TileReader + ?Sized> TileReader for &R {
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ReadError> {
        (**self).read(path)
    }
}

/// Tiles in memory, for tests and for callers that fetch before they compute.
impl TileReader for std::collections::BTreeMap<TilePath, Vec<u8>> {
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ReadError> {
        self.get(path).cloned().ok_or(ReadError::Missing)
    }
}

/// A tile that a [`TileReader`] does not give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no such tile.
    #[error("there is no such tile")]
    Missing,
    /// It is there and could not be read.
    #[error("could not be read: {0}")]
    Failed(String),
}

/// What is wrong with the content of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileFault {
    /// It is not there, or could not be read.
    #[error(transparent)]
    Unread(#[from] ReadError),
    /// Another number of bytes than hashes of that number have.
    #[error("has {actual} bytes, not {expected}")]
    WrongLength {
        /// The bytes it has.
        actual: usize,
        /// The bytes it should have.
        expected: usize,
    },
    /// Length prefixes that do not add up to the number of entries it should have.
    #[error("is not a sequence of {0} length-prefixed entries")]
    NotABundle(u16),
}

/// The hashes of the tile at `path`. A partial tile that is missing is taken from the full one, as the specification
/// allows logs to clear partial tiles away.
pub(crate) fn read_hashes(
    reader: &(impl TileReader + ?Sized),
    path: &TilePath,
) -> Result<Vec<Hash>, TileFault> {
    let (bytes, full) = read_or_full(reader, path)?;
    let expected = full.bytes_max();
    let (hashes, rest) = bytes.as_chunks::<32>();
    if bytes.len() != expected || !rest.is_empty() {
        return Err(TileFault::WrongLength { actual: bytes.len(), expected });
    }
    Ok(hashes.iter().take(usize::from(path.width)).copied().map(Hash).collect())
}

/// The entries of the bundle at `path`, with the same fallback to the full bundle.
pub(crate) fn read_entries(
    reader: &(impl TileReader + ?Sized),
    path: &TilePath,
) -> Result<Vec<Vec<u8>>, TileFault> {
    let (bytes, found) = read_or_full(reader, path)?;
    let mut entries = parse_bundle(&bytes, found.width).ok_or(TileFault::NotABundle(found.width))?;
    entries.truncate(usize::from(path.width));
    Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
}

fn read_or_full(
    reader: &(impl TileReader + ?Sized),
    path: &TilePath,
) -> Result<(Vec<u8>, TilePath), ReadError> {
    match reader.read(path) {
        Err(ReadError::Missing) if path.is_partial() => {
            reader.read(&path.full()).map(|bytes| (bytes, path.full()))
        }
        other => other.map(|bytes| (bytes, *path)),
    }
}

/// Splits a bundle into exactly `count` entries; `None` where the lengths do not add up.
#[must_use]
pub fn parse_bundle(bytes: &[u8], count: u16) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::with_capacity(usize::from(count));
    let mut rest = bytes;
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        rest = after;
    }
    rest.is_empty().then_some(entries)
}

/// Appends one entry to a bundle. The caller has checked its length.
pub(crate) fn push_to_bundle(bundle: &mut Vec<u8>, length: u16, entry: &[u8]) {
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
}

/// The bytes of a tile with these hashes.
pub(crate) fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

#[cfg(test)]
mod tests;
