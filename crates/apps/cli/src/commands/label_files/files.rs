//! Files and folders of files.

use std::{
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use label::media::FILE_BYTES_MAX;

/// How deep folders are entered.
const DEPTH_MAX: usize = 64;

/// Every file below a folder, as paths from there, in order. Links and hidden names are passed over.
pub(super) fn below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let path = folder.join(&inner);
        let entries = std::fs::read_dir(&path).with_context(|| format!("reading `{}`", path.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("reading `{}`", path.display()))?;
            let name = entry.file_name();
            let kind = entry.file_type()?;
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let inner = inner.join(name);
            if kind.is_dir() && inner.components().count() <= DEPTH_MAX {
                folders.push(inner);
            } else if kind.is_file() {
                found.push(inner);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// All of a file, within [`FILE_BYTES_MAX`].
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = std::fs::File::open(path).with_context(|| format!("opening `{}`", path.display()))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("reading `{}`", path.display()))?;
    if bytes.len() > FILE_BYTES_MAX {
        bail!("`{}` has more than {FILE_BYTES_MAX} bytes", path.display());
    }
    Ok(bytes)
}

/// Writes beside and renames, so that the file is never half written. Folders are made as needed.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".cinnabar-new");
    let beside = path.with_file_name(name);
    let mut file =
        std::fs::File::create(&beside).with_context(|| format!("creating `{}`", beside.display()))?;
    file.write_all(bytes).with_context(|| format!("writing `{}`", beside.display()))?;
    file.sync_all().with_context(|| format!("syncing `{}`", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("naming `{}`", path.display()))
}
