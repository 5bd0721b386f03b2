//! The folder that holds the keys.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use terms::{Entropy, random_bytes};
use zeroize::Zeroizing;

/// A folder of secrets, one file each, readable by its owner alone.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
}

/// What can go wrong with the key folder.
#[derive(Debug, thiserror::Error)]
pub enum KeyFolderError {
    /// The folder or a file could not be read or written.
    #[error("{doing} `{path}`")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A key file whose content is not a key.
    #[error(
        "`{path}` is not a key: 64 hexadecimal digits are expected; restore the file from your copy of the keys"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read a key.
    #[error("`{path}` can be read by others (mode {mode:o}): run `chmod 600 {path}`")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode bits.
        mode: u32,
    },
}

/// A secret is short; anything longer in its file is a mistake.
const SECRET_BYTES_MAX: u64 = 4096;

impl KeyFolder {
    /// The folder at `path`, made with mode `0700` where it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: &Path) -> Result<Self, KeyFolderError> {
        let io = |doing| move |source| KeyFolderError::Io { doing, path: path.to_owned(), source };
        if !path.is_dir() {
            fs::create_dir_all(path).map_err(io("creating the key folder"))?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                    .map_err(io("restricting the key folder"))?;
            }
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Whether the secret `name` exists.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.path.join(name).is_file()
    }

    /// The 32-byte key `name`, made from `entropy` where it is missing.
    ///
    /// # Errors
    /// When the file cannot be read or written, is no key, or can be read by others.
    pub fn key(&self, name: &str, entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>, KeyFolderError> {
        let text = self.secret(name, || Zeroizing::new(hex::encode(random_bytes::<32>(entropy))))?;
        let mut key = Zeroizing::new([0_u8; 32]);
        hex::decode_to_slice(text.trim(), key.as_mut_slice())
            .map_err(|_| KeyFolderError::Malformed { path: self.path.join(name) })?;
        Ok(key)
    }

    /// The secret text `name`, made by `make` where it is missing.
    ///
    /// # Errors
    /// When the file cannot be read or written, or can be read by others.
    pub fn secret(
        &self,
        name: &str,
        make: impl FnOnce() -> Zeroizing<String>,
    ) -> Result<Zeroizing<String>, KeyFolderError> {
        let path = self.path.join(name);
        match fs::File::open(&path) {
            Ok(file) => Self::read(&path, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secret = make();
                self.write_new(&path, &secret)?;
                Ok(secret)
            }
            Err(source) => Err(KeyFolderError::Io { doing: "opening the key", path, source }),
        }
    }

    fn read(path: &Path, file: fs::File) -> Result<Zeroizing<String>, KeyFolderError> {
        let io = |doing| move |source| KeyFolderError::Io { doing, path: path.to_owned(), source };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file.metadata().map_err(io("reading the mode of"))?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyFolderError::Open { path: path.to_owned(), mode });
            }
        }
        let mut text = Zeroizing::new(String::new());
        file.take(SECRET_BYTES_MAX).read_to_string(&mut text).map_err(io("reading the key"))?;
        Ok(text)
    }

    /// Writes beside, syncs and renames: a key is there whole or not at all.
    fn write_new(&self, path: &Path, secret: &str) -> Result<(), KeyFolderError> {
        let io = |doing| move |source| KeyFolderError::Io { doing, path: path.to_owned(), source };
        let beside = path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&beside).map_err(io("writing the key"))?;
        file.write_all(secret.as_bytes()).map_err(io("writing the key"))?;
        file.write_all(b"\n").map_err(io("writing the key"))?;
        file.sync_all().map_err(io("syncing the key"))?;
        fs::rename(&beside, path).map_err(io("naming the key"))?;
        if let Ok(folder) = fs::File::open(&self.path) {
            folder.sync_all().map_err(io("syncing the folder of"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count;
    impl Entropy for Count {
        fn fill(&self, buffer: &mut [u8]) {
            for (n, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(n % 251).unwrap();
            }
        }
    }

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(&dir.path().join("keys")).unwrap();
        let first = folder.key("content.key", &Count).unwrap();
        let again = folder.key("content.key", &Count).unwrap();
        assert_eq!(first, again);
        assert!(folder.contains("content.key"));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(dir.path()).unwrap();
        folder.key("content.key", &Count).unwrap();
        let path = dir.path().join("content.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(folder.key("content.key", &Count), Err(KeyFolderError::Open { .. })));
    }

    #[test]
    fn a_damaged_key_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(dir.path()).unwrap();
        folder.secret("index.key", || Zeroizing::new("not hex".to_owned())).unwrap();
        let error = folder.key("index.key", &Count).unwrap_err();
        assert!(error.to_string().contains("index.key"), "{error}");
    }
}
