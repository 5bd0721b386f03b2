//! What a WAVE file says about places and lengths of its samples, moved as samples are put in.

use label::media::{Edits, WriteError, riff};

use super::Wave;
use crate::MediaError;

/// Records that hold frame numbers, and where: after the head of a chunk, each so long, at these bytes of it.
struct Records {
    chunk: &'static [u8; 4],
    head: usize,
    length: usize,
    fields: &'static [usize],
}

/// Cue points (position and offset) and loops of samplers (first and last frame).
const RECORDS: [Records; 2] = [
    Records { chunk: b"cue ", head: 4, length: 24, fields: &[4, 20] },
    Records { chunk: b"smpl", head: 36, length: 24, fields: &[8, 12] },
];

impl Wave {
    /// The 64-bit lengths of an RF64 file: of the form, of the samples, and the count of frames.
    pub(super) fn resize64(
        &self,
        bytes: &[u8],
        edits: Edits,
        data_bytes: usize,
        added: usize,
    ) -> Result<Edits, MediaError> {
        let ds64 = self.form.named(b"ds64").next();
        let lengths = ds64.filter(|chunk| chunk.data.len() >= 24).map(|chunk| chunk.data.start);
        let missing = || MediaError::encode(super::NAME, WriteError::NoPlace("an RF64 file without ds64"));
        let at = lengths.ok_or_else(missing)?;
        let field = |at: usize| bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes);
        let form = field(at).ok_or_else(missing)?.saturating_add_signed(edits.growth());
        let frames = field(at.saturating_add(16)).ok_or_else(missing)?;
        let added_frames = u64::try_from(added / self.format.frame_bytes()).unwrap_or_default();
        // Zero stands for a count that nobody made.
        let frames = if frames == 0 { 0 } else { frames.saturating_add(added_frames) };
        let data = u64::try_from(data_bytes).unwrap_or(u64::MAX);
        let changed = [form.to_le_bytes(), data.to_le_bytes(), frames.to_le_bytes()].concat();
        Ok(edits.and(at..at.saturating_add(24), changed))
    }

    /// The chunk `fact`, which counts the frames of what is not PCM.
    pub(super) fn count_frames(&self, bytes: &[u8], edits: Edits, added: usize) -> Edits {
        let added = u32::try_from(added / self.format.frame_bytes()).unwrap_or_default();
        let count = self.form.named(b"fact").next().map(|chunk| chunk.data.start);
        match count.and_then(|at| riff::u32_at(bytes, at).map(|count| (at, count))) {
            // All ones: the count is in `ds64`.
            Some((at, count)) if count != u32::MAX => {
                edits.and(at..at.saturating_add(4), count.saturating_add(added).to_le_bytes().to_vec())
            }
            _ => edits,
        }
    }

    /// Cue points and loops stay with the sound they are of.
    pub(super) fn move_marks(
        &self,
        bytes: &[u8],
        mut edits: Edits,
        places: &[usize],
        label_bytes: usize,
    ) -> Edits {
        let frame = self.format.frame_bytes();
        for records in RECORDS {
            for chunk in self.form.named(records.chunk) {
                let first = chunk.data.start.saturating_add(records.head);
                let starts = (first..chunk.data.end).step_by(records.length);
                let whole = starts.filter(|start| start.saturating_add(records.length) <= chunk.data.end);
                for at in whole
                    .flat_map(|start| records.fields.iter().map(move |field| start.saturating_add(*field)))
                {
                    let Some(position) = riff::u32_at(bytes, at) else { continue };
                    // What is put in at the very place comes before the sound that begins there; at the end nothing does.
                    let earlier = places
                        .iter()
                        .filter(|&&place| place < self.samples.len() && place / frame <= position as usize)
                        .count();
                    let moved =
                        u32::try_from(earlier.saturating_mul(label_bytes) / frame).unwrap_or_default();
                    if moved > 0 {
                        let moved = position.saturating_add(moved).to_le_bytes().to_vec();
                        edits = edits.and(at..at.saturating_add(4), moved);
                    }
                }
            }
        }
        edits
    }
}
