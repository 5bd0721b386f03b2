//! Reading and writing through `object_store`.

use std::{fs, path::Path as FilePath, sync::Arc};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::{
    GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, PutPayload, local::LocalFileSystem,
    path::Path,
};

use crate::BlobError;

/// The longest blob that is read into memory: a full entry bundle of longest entries has 16.8 MB.
const BYTES_MAX: u64 = 32 * 1024 * 1024;

/// What a write that may not replace anything did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The bytes are there now and were not before.
    New,
    /// The same bytes were there already: a batch that is done again after a crash.
    Same,
}

/// A place for published bytes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// The folder at `folder`, made if it is not there.
    ///
    /// Each write is synced before it counts as done: the file, and the folder that names it.
    ///
    /// # Errors
    /// [`BlobError::Folder`].
    pub fn open_folder(folder: impl AsRef<FilePath>) -> Result<Self, BlobError> {
        let folder = folder.as_ref();
        let failed = |source| BlobError::Folder { folder: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let store =
            LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(std::io::Error::other(error)))?;
        Ok(Self::new(Arc::new(store.with_fsync(true).with_automatic_cleanup(true))))
    }

    /// Any object store: S3 in a cluster, memory in tests.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Writes what never changes. The same bytes may be written again.
    ///
    /// # Errors
    /// [`BlobError::Conflict`] where other bytes are there, which are kept: two writers believe in two logs, or the
    /// folder belongs to another database.
    pub async fn put_immutable(&self, path: &str, bytes: Bytes) -> Result<Written, BlobError> {
        let location = parse_path(path)?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&location, PutPayload::from_bytes(bytes.clone()), options).await {
            Ok(_) => Ok(Written::New),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let given = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                let conflict = |present| BlobError::Conflict { path: path.to_owned(), present, given };
                // Between the two calls nothing may have vanished: what is immutable is not deleted while it is written.
                match self.get(path).await {
                    Ok(Some(present)) if present == bytes => Ok(Written::Same),
                    Ok(present) => Err(conflict(
                        present.map_or(0, |present| u64::try_from(present.len()).unwrap_or(u64::MAX)),
                    )),
                    Err(BlobError::TooLong { bytes, .. }) => Err(conflict(bytes)),
                    Err(other) => Err(other),
                }
            }
            Err(source) => Err(BlobError::Store { doing: "write", path: path.to_owned(), source }),
        }
    }

    /// Writes what follows the log, in place of what is there. A reader sees the old bytes or the new ones.
    ///
    /// Which of two writers may write is decided before: the database compares and swaps the log's head.
    ///
    /// # Errors
    /// [`BlobError::Store`].
    pub async fn put_replace(&self, path: &str, bytes: Bytes) -> Result<(), BlobError> {
        let location = parse_path(path)?;
        self.store
            .put(&location, PutPayload::from_bytes(bytes))
            .await
            .map(|_| ())
            .map_err(|source| BlobError::Store { doing: "write", path: path.to_owned(), source })
    }

    /// The bytes at `path`; `None` where there are none.
    ///
    /// # Errors
    /// [`BlobError::TooLong`] over 32 MiB; [`BlobError::Store`].
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, BlobError> {
        self.get_at_most(path, BYTES_MAX).await
    }

    /// [`Blobs::get`] with a limit of the caller's, for foreign paths whose longest content is known.
    ///
    /// # Errors
    /// [`BlobError::TooLong`] over `bytes_max`; [`BlobError::Store`].
    pub async fn get_at_most(&self, path: &str, bytes_max: u64) -> Result<Option<Bytes>, BlobError> {
        let location = parse_path(path)?;
        let failed = |source| BlobError::Store { doing: "read", path: path.to_owned(), source };
        let found = match self.store.get_opts(&location, GetOptions::default()).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(failed(source)),
        };
        let too_long = |bytes| BlobError::TooLong { path: path.to_owned(), bytes, bytes_max };
        if found.meta.size > bytes_max {
            return Err(too_long(found.meta.size));
        }
        // The length above is the store's word; the stream is counted as well.
        let mut stream = found.into_stream();
        let mut whole = Vec::new();
        while let Some(chunk) = stream.try_next().await.map_err(failed)? {
            whole.extend_from_slice(&chunk);
            let length = u64::try_from(whole.len()).unwrap_or(u64::MAX);
            if length > bytes_max {
                return Err(too_long(length));
            }
        }
        Ok(Some(Bytes::from(whole)))
    }

    /// The names of the folders at the top, in order.
    ///
    /// # Errors
    /// [`BlobError::Store`].
    pub async fn folders(&self) -> Result<Vec<String>, BlobError> {
        let failed = |source| BlobError::Store { doing: "list", path: String::new(), source };
        let listed = self.store.list_with_delimiter(None).await.map_err(failed)?;
        Ok(listed.common_prefixes.iter().map(|path| path.as_ref().to_owned()).collect())
    }

    /// Removes the blobs of a folder and gives their number. One that is gone meanwhile counts as removed.
    ///
    /// # Errors
    /// [`BlobError::Store`]; those before it are removed.
    pub async fn remove_folder(&self, folder: &str) -> Result<u64, BlobError> {
        let location = parse_path(folder)?;
        let failed = |doing| move |source| BlobError::Store { doing, path: folder.to_owned(), source };
        let mut listed = self.store.list(Some(&location));
        let mut removed = 0;
        while let Some(found) = listed.try_next().await.map_err(failed("list"))? {
            match self.store.delete(&found.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => removed += 1,
                Err(source) => return Err(failed("remove")(source)),
            }
        }
        Ok(removed)
    }
}

/// A relative path of plain names: nothing empty, no `.` and `..`, no backslash, no control characters.
fn parse_path(path: &str) -> Result<Path, BlobError> {
    let is_name = |name: &str| {
        !matches!(name, "" | "." | "..")
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let refused = || BlobError::Path(path.chars().take(80).collect());
    if path.len() > 512 || !path.split('/').all(is_name) {
        return Err(refused());
    }
    Path::parse(path).map_err(|_| refused())
}

#[cfg(test)]
mod tests;
