//! A disk of a few megabytes, to fill.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A memory file system of its own, unmounted when dropped.
#[derive(Debug)]
pub struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Mounts one of `bytes`. `None`, with a line that counts as a skipped test, where this process may not mount.
    ///
    /// # Panics
    /// Where not even a folder can be made.
    #[must_use]
    pub fn mount(bytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a folder for a small disk: {error}"));
        let size = format!("size={bytes}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self { folder });
        }
        skipped();
        None
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills what is left, as another program would. Deleting the file that it gives makes room again.
    ///
    /// # Panics
    /// Where the file cannot be made.
    #[must_use]
    pub fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut file = std::fs::File::options().create(true).append(true).open(&ballast);
        for length in [64 * 1024, 4096, 1] {
            let block = vec![1_u8; length];
            while let Ok(file) = &mut file
                && std::io::Write::write_all(file, &block).is_ok()
            {}
        }
        file.map(|_| ballast).unwrap_or_else(|error| panic!("filling a small disk: {error}"))
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn skipped() {
    eprintln!("skipped: mounting a small disk is not permitted here");
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The database may still be closing, so it goes as soon as the last file is closed.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
