//! Files that are served from an address of ours for a while.
//!
//! The address says by itself until when: no table, nothing to tidy up after a crash, and every replica over one store serves it. It
//! is a secret of 128 bits, as an answer in base64 would be; a changed one names no file.

use bytes::Bytes;
use label::media::Format;
use terms::random_bytes;

use crate::{OperationError, Operations};

/// The largest file that is kept for an address, in bytes.
pub const MEDIA_BYTES_MAX: usize = 32 << 20;

/// How long an address holds, in seconds: as long as OpenAI's own.
const LASTS_SECONDS: i64 = 3600;

/// Seconds of one folder.
const FOLDER_SECONDS: i64 = 3600;

/// A file at an address of ours.
#[derive(Debug, Clone)]
pub struct MediaFile {
    /// The file.
    pub bytes: Bytes,
    /// What it is.
    pub format: Format,
    /// How many seconds its address still holds.
    pub seconds_left: u64,
}

impl Operations {
    /// Keeps a file for an hour and gives its address.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it cannot be kept.
    pub async fn media_put(&self, bytes: Vec<u8>, format: Format) -> Result<String, OperationError> {
        let expires = self.now().as_secs().saturating_add(LASTS_SECONDS);
        let token: [u8; 16] = random_bytes(self.entropy());
        let name = format!("{expires}-{}.{}", hex::encode(token), format.as_str());
        self.inner.media.put_immutable(&path(expires, &name), bytes.into()).await.map_err(unavailable)?;
        Ok(self.inner.settings.url(&format!("/media/{name}")))
    }

    /// The file at an address of ours, by the last part of it; `None` where there is none or its time is over.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where it cannot be read.
    pub async fn media_get(&self, name: &str) -> Result<Option<MediaFile>, OperationError> {
        let Some((expires, format)) = parse(name) else { return Ok(None) };
        let left = expires.saturating_sub(self.now().as_secs());
        let Some(seconds_left) = u64::try_from(left).ok().filter(|left| *left > 0) else { return Ok(None) };
        let bytes = self.inner.media.get(&path(expires, name)).await.map_err(unavailable)?;
        Ok(bytes.map(|bytes| MediaFile { bytes, format, seconds_left }))
    }

    /// Removes the files whose time is over and gives their number.
    ///
    /// # Errors
    /// [`OperationError::Unavailable`] where the store of files fails.
    pub async fn media_sweep(&self) -> Result<u64, OperationError> {
        let current = self.now().as_secs() / FOLDER_SECONDS;
        let mut removed = 0;
        for folder in self.inner.media.folders().await.map_err(unavailable)? {
            if folder.parse::<i64>().is_ok_and(|hour| hour < current) {
                removed += self.inner.media.remove_folder(&folder).await.map_err(unavailable)?;
            }
        }
        Ok(removed)
    }
}

/// Files whose time is over in the same hour lie together.
fn path(expires: i64, name: &str) -> String {
    format!("{}/{name}", expires / FOLDER_SECONDS)
}

/// Until when a name holds, and what it is.
fn parse(name: &str) -> Option<(i64, Format)> {
    let (expires, rest) = name.split_once('-')?;
    let (token, extension) = rest.split_once('.')?;
    let is_token = token.len() == 32 && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_time = (1..=12).contains(&expires.len()) && expires.bytes().all(|byte| byte.is_ascii_digit());
    let format = Format::ALL.iter().copied().find(|format| format.as_str() == extension)?;
    (is_token && is_time).then_some((expires.parse().ok()?, format))
}

fn unavailable(error: blobs::BlobError) -> OperationError {
    OperationError::Unavailable { doing: "keeping or reading a file", source: Box::new(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_another_shape_names_no_file() {
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(parse(&format!("1795420800-{token}.wav")), Some((1_795_420_800, Format::Wav)));
        for name in [
            format!("1795420800-{token}"),
            format!("1795420800-{token}.exe"),
            format!("-{token}.wav"),
            format!("+1-{token}.wav"),
            format!("1795420800-{}.wav", token.to_uppercase()),
            format!("1795420800-../{token}.wav"),
            "checkpoint".to_owned(),
        ] {
            assert_eq!(parse(&name), None, "{name}");
        }
    }
}
