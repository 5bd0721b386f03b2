//! The tiles of a folder, read without an async runtime.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use ledger::{ReadError, TilePath, TileReader, note::NOTE_BYTES_MAX};

/// The log in a folder, for the command line: checks and proofs without a server.
#[derive(Debug, Clone)]
pub struct FolderTiles {
    folder: PathBuf,
}

impl FolderTiles {
    /// The log at `folder`, which has `checkpoint` and `tile` in it. Nothing is read yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The bytes of the signed checkpoint.
    ///
    /// # Errors
    /// [`ReadError`], also where it is longer than a note may be.
    pub fn checkpoint(&self) -> Result<Vec<u8>, ReadError> {
        read_at_most(&self.folder.join("checkpoint"), NOTE_BYTES_MAX)
    }
}

impl TileReader for FolderTiles {
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ReadError> {
        read_at_most(&self.folder.join(path.to_string()), path.bytes_max())
    }
}

/// Reads a file of at most `bytes_max` bytes. One byte more is read to tell, and no file is trusted about its length.
fn read_at_most(path: &Path, bytes_max: usize) -> Result<Vec<u8>, ReadError> {
    let read = || -> io::Result<Vec<u8>> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) if bytes.len() > bytes_max => {
            Err(ReadError::Failed(format!("it is longer than {bytes_max} bytes")))
        }
        Ok(bytes) => Ok(bytes),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(ReadError::Missing)
        }
        Err(error) => Err(ReadError::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use ledger::{
        Checkpoint, LogError, NoteSigner, TreeState, inclusion_proof, integrate, leaf_hash, verify_inclusion,
        verify_log,
    };

    use super::*;
    use crate::Blobs;

    #[tokio::test]
    async fn a_log_written_through_blobs_is_checked_from_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open_folder(folder.path()).unwrap();
        let signer = NoteSigner::new("log.example", &[4; 32]).unwrap();
        let entries: Vec<Vec<u8>> = (0..600).map(|number| format!("entry {number}").into_bytes()).collect();
        let mut state = TreeState::new();
        for batch in entries.chunks(250) {
            let grown = integrate(&state, batch).unwrap();
            for (path, bytes) in grown.tiles {
                blobs.put_immutable(&path.to_string(), Bytes::from(bytes)).await.unwrap();
            }
            state = grown.state;
            let note = Checkpoint::new("log.example", state.size(), state.root()).sign(&signer).unwrap();
            blobs.put_replace("checkpoint", Bytes::from(note.to_string())).await.unwrap();
        }

        let tiles = FolderTiles::new(folder.path());
        let note = tiles.checkpoint().unwrap();
        let report = verify_log(&tiles, &note, signer.verifier()).unwrap();
        assert_eq!(report.checkpoint.size, 600);
        let proof = inclusion_proof(&tiles, 300, 600).unwrap();
        verify_inclusion(&leaf_hash(&entries[300]), 300, 600, &proof, &state.root()).unwrap();
        assert_eq!(TreeState::from_tiles(&tiles, 600).unwrap(), state);

        // A tile that grew, one that is a folder, and one that is gone are all named.
        let bad = folder.path().join("tile/0/001");
        std::fs::write(&bad, [0; 8_193]).unwrap();
        let found = verify_log(&tiles, &note, signer.verifier()).unwrap_err().to_string();
        assert!(found.contains("`tile/0/001` could not be read: it is longer than 8192 bytes"), "{found}");
        std::fs::remove_file(&bad).unwrap();
        std::fs::create_dir(&bad).unwrap();
        assert!(
            verify_log(&tiles, &note, signer.verifier()).unwrap_err().to_string().contains("it is no file")
        );
        std::fs::remove_dir(&bad).unwrap();
        assert!(
            verify_log(&tiles, &note, signer.verifier())
                .unwrap_err()
                .to_string()
                .contains("there is no such tile")
        );
        assert!(matches!(verify_log(&tiles, b"", signer.verifier()), Err(LogError::Checkpoint(_))));
        assert_eq!(FolderTiles::new(folder.path().join("nowhere")).checkpoint(), Err(ReadError::Missing));
    }
}
