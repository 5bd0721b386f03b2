//! The ledger: what happened, in a form that anyone can check without trusting whoever keeps it.
//!
//! An [`Entry`] is one event in canonical bytes. Entries are the leaves of an RFC 6962 Merkle tree that is published as
//! C2SP tlog-tiles: [`integrate`] turns a batch of entries into the next [`TreeState`] and the tiles to write. A
//! [`Checkpoint`] is the signed head of the tree, a [`TlogProof`] shows offline that one entry is under such a head, and
//! [`verify_log`] checks a whole log.
//!
//! Nothing here reads a file, a clock or a database. Tiles arrive through [`TileReader`], keys as values. The order of
//! the log, its durability and its publication belong to the store and the operations.

pub mod hash;

pub mod entry;
pub mod event;

pub mod merkle;
pub mod tile;
pub mod tree;

pub mod prover;

pub mod fsck;
pub mod trusted;

pub mod checkpoint;
pub mod key;
pub mod note;

pub mod extra;
pub mod proof;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use entry::{CONTENT_HASHES_MAX, ENTRY_BYTES_MAX, Entry, EntryError};
pub use event::{EventKind, UnknownEvent};
pub use extra::{ContentOpening, ExtraError, Opening, ProofExtra};
pub use fsck::{LogReport, verify_log, verify_log_with};
pub use hash::{Hash, HashError, empty_root, leaf_hash, node_hash, payload_hash, salted_content_hash};
pub use key::{KeyError, KeyKind, NoteSigner, VerifierKey};
pub use merkle::{ProofMismatch, verify_consistency, verify_inclusion};
pub use note::{NoteError, NoteSignature, SignedNote};
pub use proof::{ProofError, ProofReport, TlogProof, check_file};
pub use prover::{ProverError, consistency_proof, inclusion_proof, tree_root};
pub use tile::{ReadError, TILE_WIDTH, TileFault, TileKind, TilePath, TilePathError, TileReader};
pub use tree::{Integration, TreeError, TreeState, integrate};
pub use trusted::{LogError, LogFault, LogFaults, verify_checkpoints, verify_range};
