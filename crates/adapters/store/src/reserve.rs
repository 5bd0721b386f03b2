//! Room kept for cases on the disk of a SQLite file.
//!
//! A file of a fixed size lies beside the database. The first write that finds the disk full shuts out everything but cases,
//! so that what is left is not eaten by generations, whose entries come by the thousand. The first case that finds no room
//! has the file deleted and is tried again. Once there is room for it the file is written anew, and everything may write.
//!
//! What is deliberately not here: the watch over when to try that, which is a job of the server's, and PostgreSQL, whose
//! disk is its own operator's.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
};

use crate::{Store, StoreError, engine::Pool};

/// What may still be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Everything.
    Enough,
    /// The disk is full: cases, through [`Store::begin_for_case`].
    CasesOnly,
    /// Not even a case found room. The next one is tried all the same.
    Nothing,
}

/// The reserve of one SQLite file.
#[derive(Debug)]
pub(crate) struct Reserve {
    path: PathBuf,
    bytes: u64,
    /// [`Room`], by the place of the variant.
    room: AtomicU8,
    /// INVARIANT: whether the file is there. Changed under the writer's lock alone, so that no write runs beside the change.
    is_held: AtomicBool,
    /// How much an unprivileged process may still write to the disk of a folder.
    free_bytes: fn(&Path) -> io::Result<u64>,
}

/// What opening a SQLite file and the first writes of a start need: 32 KiB of shared memory, a write-ahead log, and margin.
const START_BYTES: u64 = 1024 * 1024;
/// Written at once.
const BLOCK_BYTES: usize = 64 * 1024;

impl Reserve {
    /// Takes up the reserve in `folder`, or makes it. Where the disk has no room for it, or none to start with, it begins
    /// with [`Room::CasesOnly`].
    pub(crate) fn open(folder: &Path, bytes: u64) -> io::Result<Self> {
        Self::open_with(folder, bytes, free_bytes)
    }

    fn open_with(folder: &Path, bytes: u64, free_bytes: fn(&Path) -> io::Result<u64>) -> io::Result<Self> {
        let reserve = Self {
            path: folder.join("reserve"),
            bytes,
            room: AtomicU8::new(Room::CasesOnly as u8),
            is_held: AtomicBool::new(false),
            free_bytes,
        };
        match fs::metadata(&reserve.path) {
            Ok(found) if found.len() == bytes => reserve.is_held.store(true, Ordering::Release),
            // Another size was configured.
            Ok(_) => remove(&reserve.path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        if reserve.is_held() && reserve.free()? >= START_BYTES {
            reserve.set(Room::Enough);
        } else if reserve.is_held() {
            tracing::warn!("the disk was full at the start: only complaints, reports and appeals are saved");
            reserve.release()?;
        } else if !reserve.restore()? {
            tracing::warn!(
                reserve.bytes = bytes,
                "there is no room for the reserve: only complaints, reports and appeals are saved"
            );
        }
        Ok(reserve)
    }

    pub(crate) fn room(&self) -> Room {
        match self.room.load(Ordering::Acquire) {
            0 => Room::Enough,
            1 => Room::CasesOnly,
            _ => Room::Nothing,
        }
    }

    /// Sets the room and gives what it was.
    fn set(&self, room: Room) -> Room {
        let before = self.room();
        self.room.store(room as u8, Ordering::Release);
        before
    }

    fn is_held(&self) -> bool {
        self.is_held.load(Ordering::Acquire)
    }

    /// A write found the disk full.
    pub(crate) fn note_full(&self) {
        if self.is_held() {
            if self.set(Room::CasesOnly) == Room::Enough {
                tracing::error!("the disk is full: only complaints, reports and appeals are saved");
            }
        } else if self.set(Room::Nothing) != Room::Nothing {
            tracing::error!("the disk is full and the reserve used up: nothing can be saved");
        }
    }

    /// A write went through.
    pub(crate) fn note_written(&self) {
        if self.room() == Room::Nothing {
            self.set(Room::CasesOnly);
        }
    }

    /// Deletes the file. Says whether it was there.
    fn release(&self) -> io::Result<bool> {
        if !self.is_held() {
            return Ok(false);
        }
        remove(&self.path)?;
        self.is_held.store(false, Ordering::Release);
        tracing::warn!(reserve.bytes = self.bytes, "gave the reserve up, so that cases find room");
        Ok(true)
    }

    /// Lets everything write again if there is room, after writing the file anew where it was given up. Says whether it did.
    ///
    /// One reserve more than the file takes must be free: a disk that is full again at once would only change its mind.
    fn restore(&self) -> io::Result<bool> {
        let needed = if self.is_held() { self.bytes } else { self.bytes.saturating_mul(2) };
        if self.free()? < needed {
            return Ok(false);
        }
        if !self.is_held() {
            if let Err(error) = fill(&self.path, self.bytes) {
                remove(&self.path)?;
                return if is_full(&error) { Ok(false) } else { Err(error) };
            }
            self.is_held.store(true, Ordering::Release);
        }
        self.set(Room::Enough);
        Ok(true)
    }

    fn free(&self) -> io::Result<u64> {
        (self.free_bytes)(self.path.parent().unwrap_or(Path::new(".")))
    }
}

impl Store {
    /// What may still be saved. PostgreSQL, and SQLite without a reserve, always take everything until they say otherwise.
    #[must_use]
    pub fn room(&self) -> Room {
        match &self.pool {
            Pool::Sqlite { reserve: Some(reserve), .. } => reserve.room(),
            Pool::Sqlite { reserve: None, .. } | Pool::Postgres(_) => Room::Enough,
        }
    }

    /// The bytes kept for cases on the disk now: 0 where they were given up, or where there is no reserve.
    #[must_use]
    pub fn reserve_held_bytes(&self) -> u64 {
        match &self.pool {
            Pool::Sqlite { reserve: Some(reserve), .. } if reserve.is_held() => reserve.bytes,
            Pool::Sqlite { .. } | Pool::Postgres(_) => 0,
        }
    }

    /// Gives the reserve up, for a case that found no room. Says whether there was one to give.
    ///
    /// # Errors
    /// Where the file cannot be deleted.
    pub async fn reserve_release(&self) -> Result<bool, StoreError> {
        let Pool::Sqlite { reserve: Some(reserve), writer, .. } = &self.pool else { return Ok(false) };
        let _writer = writer.lock().await;
        reserve.release().map_err(|source| StoreError::Reserve { path: reserve.path.clone(), source })
    }

    /// Lets everything write again where the disk has room, with a reserve made anew. Says whether that changed now.
    ///
    /// # Errors
    /// Where the disk cannot be asked, or the file not be written for another reason than want of room.
    pub async fn reserve_restore(&self) -> Result<bool, StoreError> {
        let Pool::Sqlite { reserve: Some(reserve), writer, .. } = &self.pool else { return Ok(false) };
        if reserve.room() == Room::Enough {
            return Ok(false);
        }
        // No case is written meanwhile: it could find the disk full because of the file alone.
        let _writer = writer.lock().await;
        let working = std::sync::Arc::clone(reserve);
        let restored = tokio::task::spawn_blocking(move || working.restore());
        let restored = restored.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let restored =
            restored.map_err(|source| StoreError::Reserve { path: reserve.path.clone(), source })?;
        if restored {
            tracing::info!(reserve.bytes = reserve.bytes, "the disk has room again: everything is saved");
        }
        Ok(restored)
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes `bytes` that no file system compresses or leaves out as a hole, and waits until they are on the disk.
fn fill(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    let mut block = vec![0_u8; BLOCK_BYTES];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut left = bytes;
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            // Marsaglia's xorshift (2003), period 2^64 - 1.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let length = usize::try_from(left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
        let now = block.get(..length).unwrap_or(&block);
        file.write_all(now)?;
        left = left.saturating_sub(u64::try_from(length).unwrap_or(left));
    }
    file.sync_all()
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Where the disk cannot be asked, writing the file finds out.
#[cfg(not(unix))]
fn free_bytes(_: &Path) -> io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: u64 = 100_000;

    fn reserve_on(folder: &Path, free: fn(&Path) -> io::Result<u64>) -> Reserve {
        Reserve::open_with(folder, BYTES, free).unwrap()
    }

    #[test]
    fn a_reserve_is_made_kept_given_up_and_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reserve");
        let reserve = reserve_on(folder.path(), |_| Ok(BYTES * 2));
        assert_eq!((reserve.room(), fs::metadata(&file).unwrap().len()), (Room::Enough, BYTES));

        reserve.note_full();
        assert_eq!(reserve.room(), Room::CasesOnly);
        assert!(file.exists(), "a full disk alone does not take it");
        assert!(reserve.release().unwrap());
        assert!(!file.exists());
        assert!(!reserve.release().unwrap(), "it is given once");

        reserve.note_full();
        assert_eq!(reserve.room(), Room::Nothing);
        reserve.note_written();
        assert_eq!(reserve.room(), Room::CasesOnly);
        assert!(reserve.restore().unwrap());
        assert_eq!((reserve.room(), fs::metadata(&file).unwrap().len()), (Room::Enough, BYTES));
    }

    #[test]
    fn it_comes_back_only_with_room_to_spare() {
        let folder = tempfile::tempdir().unwrap();
        let without = reserve_on(folder.path(), |_| Ok(BYTES * 2 - 1));
        assert_eq!(without.room(), Room::CasesOnly);
        assert!(!without.restore().unwrap() && !folder.path().join("reserve").exists());

        fs::write(folder.path().join("reserve"), vec![0; usize::try_from(BYTES).unwrap()]).unwrap();
        let held = reserve_on(folder.path(), |_| Ok(START_BYTES));
        assert_eq!(held.room(), Room::Enough);
        held.note_full();
        let held = Reserve { free_bytes: |_| Ok(BYTES - 1), ..held };
        assert!(!held.restore().unwrap());
        let held = Reserve { free_bytes: |_| Ok(BYTES), ..held };
        assert!(held.restore().unwrap());
    }

    #[test]
    fn a_start_on_a_full_disk_gives_it_up() {
        let folder = tempfile::tempdir().unwrap();
        drop(reserve_on(folder.path(), |_| Ok(u64::MAX)));
        let reserve = reserve_on(folder.path(), |_| Ok(START_BYTES - 1));
        assert_eq!(reserve.room(), Room::CasesOnly);
        assert!(!folder.path().join("reserve").exists());
    }

    #[test]
    fn another_size_and_a_half_written_file_are_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("reserve"), "cut off by a crash").unwrap();
        let reserve = reserve_on(folder.path(), |_| Ok(u64::MAX));
        assert_eq!(reserve.room(), Room::Enough);
        let written = fs::read(folder.path().join("reserve")).unwrap();
        assert_eq!(written.len(), usize::try_from(BYTES).unwrap());
        let (first, second) = written.split_at(BLOCK_BYTES);
        assert_ne!(&first[..1_000], &second[..1_000], "a file system could fold equal blocks");
    }

    #[cfg(unix)]
    #[test]
    fn the_disk_says_how_much_is_free() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_bytes(folder.path()).unwrap() > 0);
        assert!(free_bytes(Path::new("/nowhere/at/all")).is_err());
    }
}
