//! Everything a log publishes or a stranger brings as proof: what is read prints to the same bytes.

use std::sync::LazyLock;

use ledger::{
    Checkpoint, Entry, Hash, NoteSigner, ProofExtra, SignedNote, TilePath, TlogProof, TreeState, VerifierKey,
    check_file,
};

const ORIGIN: &str = "fuzz.example/log";

static SIGNER: LazyLock<Option<(NoteSigner, VerifierKey)>> = LazyLock::new(|| {
    let signer = NoteSigner::new(ORIGIN, &[7; 32]).ok()?;
    let key = signer.verifier().to_string().parse().ok()?;
    Some((signer, key))
});

/// Runs the target.
pub fn run(data: &[u8]) {
    let Some((signer, key)) = &*SIGNER else { unreachable!("a fixed seed and name make a key") };
    if let Ok(note) = SignedNote::parse(data) {
        assert_eq!(note.to_string().as_bytes(), data, "a note prints otherwise");
        let _ = note.verify(&[key]);
    }
    let _ = Checkpoint::open(data, key);
    if let Ok(proof) = TlogProof::parse(data) {
        assert_eq!(proof.to_string().as_bytes(), data, "a proof prints otherwise");
        let _ = proof.verify(data, key, ORIGIN);
    }
    let _ = check_file(data, key, Some(data));
    if let Ok(entry) = Entry::parse(data) {
        assert_eq!(entry.to_bytes().ok().as_deref(), Some(data), "an entry prints otherwise");
    }
    if let Ok(extra) = ProofExtra::parse(data) {
        assert_eq!(extra.to_bytes().ok().as_deref(), Some(data), "an extra prints otherwise");
    }
    if let Ok(state) = TreeState::from_bytes(data) {
        assert_eq!(state.to_bytes(), data, "a tree state prints otherwise");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = Checkpoint::parse_text(text) {
        assert_eq!(checkpoint.to_text().as_deref(), Ok(text), "a checkpoint prints otherwise");
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text, "a key prints otherwise");
    }
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text, "a tile path prints otherwise");
    }
    if let Ok(hash) = text.parse::<Hash>() {
        assert_eq!(hash.to_string(), text, "a hash prints otherwise");
    }
    signed(text, signer, key);
}

/// What we sign opens, with whatever extension lines.
fn signed(text: &str, signer: &NoteSigner, key: &VerifierKey) {
    let mut checkpoint =
        Checkpoint::new(ORIGIN, u64::try_from(text.len()).unwrap_or(0), Hash::of(text.as_bytes()));
    checkpoint.extensions = text.lines().take(8).map(str::to_owned).collect();
    if let Ok(note) = checkpoint.sign(signer) {
        let printed = note.to_string();
        assert_eq!(
            Checkpoint::open(printed.as_bytes(), key).as_ref(),
            Ok(&checkpoint),
            "our own note does not open"
        );
    }
}
