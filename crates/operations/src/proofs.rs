//! Proof files: one generation's last entry, under a signed checkpoint, with what opens its hashes.

use std::collections::BTreeMap;

use ledger::{
    ContentOpening, Entry, Opening, ProofExtra, ReadError, SignedNote, TilePath, TileReader, TlogProof,
    inclusion_proof,
};
use store::EntryRow;
use terms::ProduceId;

use crate::{OperationError, Operations, generation::EndedPayload};

/// Rounds of fetching tiles: a tree of 2^64 entries has 8 levels of tiles, and each round brings at least one.
const ROUNDS_MAX: usize = 64;

/// A reader over fetched tiles that remembers what it lacked.
struct Fetched {
    tiles: BTreeMap<TilePath, Option<Vec<u8>>>,
    missing: std::cell::Cell<Option<TilePath>>,
}

impl TileReader for Fetched {
    fn read(&self, path: &TilePath) -> Result<Vec<u8>, ReadError> {
        match self.tiles.get(path) {
            Some(tile) => tile.clone().ok_or(ReadError::Missing),
            None => {
                self.missing.set(Some(*path));
                Err(ReadError::Failed("not fetched yet".to_owned()))
            }
        }
    }
}

impl Operations {
    /// The proof file of a generation, once its last entry is under a checkpoint.
    ///
    /// # Errors
    /// When the store or the published log cannot be read.
    pub async fn proof(&self, produce_id: ProduceId) -> Result<Option<Vec<u8>>, OperationError> {
        let Some(row) = self.proof_entry(produce_id).await? else { return Ok(None) };
        let Some(index) = row.log_index else { return Ok(None) };
        let Some(note) = self.checkpoint().await? else { return Ok(None) };
        let checkpoint = ledger::Checkpoint::open(&note, self.log_verifier())
            .map_err(|error| OperationError::internal("reading the published checkpoint")(Box::new(error)))?;
        if index >= checkpoint.size {
            return Ok(None);
        }
        let hashes = self.inclusion(index, checkpoint.size).await?;
        let entry = Entry::parse(row.bytes.as_bytes())
            .map_err(|error| OperationError::internal("reading a stored entry")(Box::new(error)))?;
        let opening = self.entry_payload::<EndedPayload>(&row)?.map(|payload| Opening {
            produce_id,
            model: payload.model,
            contents: payload
                .contents
                .into_iter()
                .filter_map(|content| {
                    let mut salt = [0_u8; 32];
                    hex::decode_to_slice(&content.salt, &mut salt).ok()?;
                    Some(ContentOpening { choice: content.choice, channel: content.channel, salt })
                })
                .collect(),
        });
        let extra = ProofExtra { entry, opening }
            .to_bytes()
            .map_err(|error| OperationError::internal("printing a proof file")(Box::new(error)))?;
        let note = SignedNote::parse(&note)
            .map_err(|error| OperationError::internal("reading the checkpoint")(Box::new(error)))?;
        let proof = TlogProof { extra: Some(extra), index, hashes, checkpoint: note };
        Ok(Some(proof.to_string().into_bytes()))
    }

    /// The entry a generation is proved by: its `ended`, or its `begun` while there is no other.
    pub(crate) async fn proof_entry(
        &self,
        produce_id: ProduceId,
    ) -> Result<Option<EntryRow>, OperationError> {
        let rows = self.inner.store.entry_list_for_produce(produce_id).await?;
        let find = |event: ledger::EventKind| rows.iter().find(|row| row.event == event.as_str()).cloned();
        Ok(find(ledger::EventKind::GenerationEnded).or_else(|| find(ledger::EventKind::GenerationBegun)))
    }

    async fn inclusion(&self, index: u64, size: u64) -> Result<Vec<ledger::Hash>, OperationError> {
        let mut fetched = Fetched { tiles: BTreeMap::new(), missing: std::cell::Cell::new(None) };
        for _ in 0..ROUNDS_MAX {
            let error = match inclusion_proof(&fetched, index, size) {
                Ok(hashes) => return Ok(hashes),
                Err(error) => error,
            };
            let Some(path) = fetched.missing.take() else {
                return Err(OperationError::internal("reading the published log")(Box::new(error)));
            };
            let tile = self.blob(&path.to_string()).await?;
            fetched.tiles.insert(path, tile.map(|bytes| bytes.to_vec()));
        }
        Err(OperationError::internal("reading the published log")("too many tiles were asked for".into()))
    }
}
