//! Video, through ffmpeg as a process of its own: our drawn label laid over the first frame and the seconds after it.
//!
//! ffmpeg decodes what strangers send, in C. So it runs apart, sees one file in a folder of its own, may open nothing but
//! files, is told which kind of file it reads, and has limits of time, of output, of pixels and of memory at once. It is no part
//! of this program: [`Video::available`] says whether the machine has it.

mod process;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{MediaError, Overlay, PIXELS_MAX, VisibleStyle};
use process::Limited;

const NAME: &str = "video";

/// A format of videos that is labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VideoFormat {
    /// Matroska.
    Matroska,
    /// QuickTime.
    Mov,
    /// MP4.
    Mp4,
    /// WebM.
    WebM,
}

/// What a video may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoLimits {
    /// From start to end of each process.
    pub time: Duration,
    /// Of the labelled file.
    pub bytes: u64,
}

impl Default for VideoLimits {
    /// Ten minutes, and a quarter of a gigabyte.
    fn default() -> Self {
        Self { time: Duration::from_secs(600), bytes: 256 << 20 }
    }
}

/// ffmpeg and ffprobe, as they are installed.
#[derive(Debug, Clone)]
pub struct Video {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

impl Video {
    /// The label stays for so long from the first frame on. The standard asks for two seconds (GB 45438-2025, 5.4); the third is
    /// for players that fade in.
    pub const SHOWN_SECONDS: u32 = 3;

    /// The programs that the search path leads to; none where one of the two is missing.
    #[must_use]
    pub fn available() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let find = |name| {
            let places = std::env::split_paths(&path).map(|folder| folder.join(name));
            places.filter(|place| place.is_absolute()).find(|place| place.is_file())
        };
        Some(Self { ffmpeg: find("ffmpeg")?, ffprobe: find("ffprobe")? })
    }

    /// The video with the label in its first seconds. The pictures are encoded anew, sound and subtitles are copied, metadata
    /// is kept as far as ffmpeg keeps it: a hidden label is to be written afterwards, and read back.
    ///
    /// # Errors
    /// [`MediaError`], [`MediaError::Limit`] among them where it took too long or became too large.
    pub fn label(
        &self,
        bytes: &[u8],
        format: VideoFormat,
        style: &VisibleStyle,
        limits: VideoLimits,
    ) -> Result<Vec<u8>, MediaError> {
        let folder = tempfile::tempdir().map_err(|error| MediaError::encode(NAME, error))?;
        let (input, label, output) =
            (folder.path().join("input"), folder.path().join("label.png"), folder.path().join("output"));
        std::fs::write(&input, bytes).map_err(|error| MediaError::encode(NAME, error))?;
        let (width, height) = self.size(&input, format, folder.path(), limits.time)?;
        let overlay = Overlay::for_any_ground(style, width, height)?;
        std::fs::write(&label, overlay.to_png()?).map_err(|error| MediaError::encode(NAME, error))?;

        let mut run = Limited::new(&self.ffmpeg, folder.path(), limits.time);
        run.arg("-nostdin")
            .arg("-y")
            .args(["-loglevel", "error"])
            .args(["-max_alloc", &ALLOCATION.to_string()]);
        read_from(&mut run, &input, format.demuxer());
        read_from(&mut run, &label, "png_pipe");
        let filter = format!(
            "[0:v:0][1:v:0]overlay=x={}:y={}:enable='lte(t,{})',format=yuv420p[seen]",
            overlay.x,
            overlay.y,
            Self::SHOWN_SECONDS
        );
        run.args(["-filter_complex", &filter]).args(["-map", "[seen]", "-map", "0:a?", "-map", "0:s?"]);
        run.args(["-c:a", "copy", "-c:s", "copy", "-map_metadata", "0", "-map_chapters", "0"]);
        run.args(format.encoder())
            .args(["-fs", &limits.bytes.to_string(), "-f", format.muxer()])
            .arg(&output);
        run.finish().map_err(|failure| failure.error(MediaError::encode))?;

        let labelled = std::fs::read(&output).map_err(|error| MediaError::encode(NAME, error))?;
        // At its limit ffmpeg stops writing and calls that a success.
        if labelled.len() as u64 >= limits.bytes {
            return Err(MediaError::Limit { what: "bytes of video", limit: limits.bytes });
        }
        Ok(labelled)
    }

    /// Columns and rows as seen.
    fn size(
        &self,
        input: &Path,
        format: VideoFormat,
        folder: &Path,
        time: Duration,
    ) -> Result<(u32, u32), MediaError> {
        let mut run = Limited::new(&self.ffprobe, folder, time);
        run.args(["-loglevel", "error", "-select_streams", "v:0"]);
        run.args(["-show_entries", "stream=width,height:stream_side_data=rotation", "-of", "default=nw=1"]);
        read_from(&mut run, input, format.demuxer());
        let said = run.finish().map_err(|failure| failure.error(MediaError::decode))?;
        let number = |name: &str| {
            let value = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
            value.trim().parse::<i64>().ok()
        };
        let side = |name| number(name).and_then(|side| u32::try_from(side).ok()).filter(|side| *side > 0);
        let Some((width, height)) = side("width").zip(side("height")) else {
            return Err(MediaError::Unsupported("a video without pictures"));
        };
        let is_on_its_side = number("rotation").is_some_and(|degrees| degrees.rem_euclid(180) == 90);
        Ok(if is_on_its_side { (height, width) } else { (width, height) })
    }
}

/// The most memory that ffmpeg may ask for at once, in bytes: a frame of [`PIXELS_MAX`] at 16 bits with transparency.
const ALLOCATION: u64 = PIXELS_MAX * 8;

/// One file of a known kind, which may lead to no other kind of source.
fn read_from(run: &mut Limited, file: &Path, demuxer: &str) {
    run.args(["-protocol_whitelist", "file", "-max_pixels", &PIXELS_MAX.to_string(), "-f", demuxer, "-i"])
        .arg(file);
}

impl VideoFormat {
    /// The format of a file by its first bytes; names are not looked at.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
            let head = bytes.get(..64).unwrap_or(bytes);
            let is_web = head.windows(4).any(|window| window == b"webm");
            return Some(if is_web { Self::WebM } else { Self::Matroska });
        }
        match (bytes.get(4..8)?, bytes.get(8..12)?) {
            (b"ftyp", b"qt  ") => Some(Self::Mov),
            // Sound, and pictures that share the container.
            (b"ftyp", b"M4A " | b"M4B " | b"avif" | b"avis" | b"heic" | b"heix" | b"mif1" | b"msf1") => None,
            (b"ftyp", _) => Some(Self::Mp4),
            (b"moov" | b"wide" | b"mdat", _) => Some(Self::Mov),
            _ => None,
        }
    }

    const fn demuxer(self) -> &'static str {
        match self {
            Self::Matroska | Self::WebM => "matroska",
            Self::Mov | Self::Mp4 => "mov",
        }
    }

    const fn muxer(self) -> &'static str {
        match self {
            Self::Matroska => "matroska",
            Self::Mov => "mov",
            Self::Mp4 => "mp4",
            Self::WebM => "webm",
        }
    }

    /// Quality near what cannot be told from the original.
    const fn encoder(self) -> &'static [&'static str] {
        match self {
            Self::Matroska => &["-c:v", "libx264", "-crf", "18", "-preset", "veryfast"],
            Self::Mov | Self::Mp4 => &[
                "-c:v",
                "libx264",
                "-crf",
                "18",
                "-preset",
                "veryfast",
                "-movflags",
                "+use_metadata_tags+faststart",
            ],
            Self::WebM => {
                &["-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0", "-deadline", "good", "-cpu-used", "5"]
            }
        }
    }
}
