//! A file of a data folder, read whole.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};

use crate::error::{DatasetError, RowProblem};

/// The most that is read of one file, unpacked: a hundred times the largest set.
const BYTES_MAX: u64 = 512 << 20;

/// A file's text and the hash of its bytes as they lie on disk.
pub(crate) struct DataFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) sha256: [u8; 32],
}

impl DataFile {
    /// Reads `name` under `folder`; what ends in `.gz` is unpacked.
    pub(crate) fn read(folder: &Path, name: &str) -> Result<Self, DatasetError> {
        let path = folder.join(name);
        let fail = |source| DatasetError::Read { path: path.clone(), source };
        let mut packed = Vec::new();
        let file = File::open(&path).map_err(fail)?;
        file.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut packed).map_err(fail)?;
        let sha256 = Sha256::digest(&packed).into();
        let bytes = if name.ends_with(".gz") {
            let mut bytes = Vec::new();
            let reader = MultiGzDecoder::new(packed.as_slice());
            reader.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
            bytes
        } else {
            packed
        };
        if bytes.len() as u64 > BYTES_MAX {
            return Err(DatasetError::TooLarge { path, limit: BYTES_MAX });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            DatasetError::Row { path: path.clone(), line, problem: RowProblem::Encoding }
        })?;
        Ok(Self { path, text, sha256 })
    }

    /// The text without a byte order mark.
    pub(crate) fn text(&self) -> &str {
        self.text.strip_prefix('\u{FEFF}').unwrap_or(&self.text)
    }

    /// The error of a row.
    pub(crate) fn at(&self, line: u64, problem: RowProblem) -> DatasetError {
        DatasetError::Row { path: self.path.clone(), line, problem }
    }
}
