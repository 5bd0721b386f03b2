//! Sealing and opening, keyed indexes and tags.

use std::sync::Arc;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use terms::{Entropy, random_bytes};
use zeroize::Zeroizing;

use crate::{KeyFolder, KeyFolderError};

/// Bytes of an XChaCha20 nonce.
const NONCE_BYTES: usize = 24;

/// Something sealed: nonce and ciphertext with its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The nonce, new for every sealing.
    pub nonce: [u8; NONCE_BYTES],
    /// Ciphertext, then the 16-byte tag.
    pub ciphertext: Vec<u8>,
}

impl Sealed {
    /// Nonce and ciphertext in one piece, as one column holds them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.nonce.as_slice(), &self.ciphertext].concat()
    }

    /// The two parts of what [`Sealed::to_bytes`] made.
    ///
    /// # Errors
    /// [`SealError::Short`] where not even the nonce is there.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let (nonce, ciphertext) =
            bytes.split_first_chunk::<NONCE_BYTES>().ok_or(SealError::Short(bytes.len()))?;
        Ok(Self { nonce: *nonce, ciphertext: ciphertext.to_vec() })
    }
}

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Too short to hold a nonce.
    #[error("sealed data of {0} bytes is cut short")]
    Short(usize),
    /// Wrong key, wrong context, or changed bytes.
    #[error(
        "sealed data does not open with this key and context: wrong keys in the key folder, or damaged data"
    )]
    DoesNotOpen,
    /// The plaintext is beyond what the cipher takes.
    #[error("data is too long to be sealed")]
    TooLong,
}

/// The keys in use. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    content: XChaCha20Poly1305,
    index: Zeroizing<[u8; 32]>,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(..)")
    }
}

impl Vault {
    /// Opens the vault over `folder`, making `content.key` and `index.key` the first time.
    ///
    /// # Errors
    /// As [`KeyFolder::key`].
    pub fn open(folder: &KeyFolder, entropy: Arc<dyn Entropy>) -> Result<Self, KeyFolderError> {
        let content = folder.key("content.key", &*entropy)?;
        let index = folder.key("index.key", &*entropy)?;
        let content = XChaCha20Poly1305::new((&*content).into());
        Ok(Self { inner: Arc::new(Inner { content, index, entropy }) })
    }

    /// Seals `plaintext`. It opens only with the same `context`, which names what it is and whose: `case:01J…`.
    ///
    /// # Errors
    /// [`SealError::TooLong`] past the cipher's limit of 256 GiB.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let nonce: [u8; NONCE_BYTES] = random_bytes(&*self.inner.entropy);
        let ciphertext = self
            .inner
            .content
            .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: context.as_bytes() })
            .map_err(|_| SealError::TooLong)?;
        Ok(Sealed { nonce, ciphertext })
    }

    /// Opens what was sealed under the same `context`.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`].
    pub fn open_sealed(&self, context: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.inner
            .content
            .decrypt(
                &XNonce::from(sealed.nonce),
                Payload { msg: &sealed.ciphertext, aad: context.as_bytes() },
            )
            .map(Zeroizing::new)
            .map_err(|_| SealError::DoesNotOpen)
    }

    /// A keyed index: the same `value` under the same `label` always gives the same 32 bytes, and nobody without the key can
    /// tell which value it was (design 9.3).
    #[must_use]
    pub fn index(&self, label: &str, value: &[u8]) -> [u8; 32] {
        mac(&self.inner.index[..], &[label.as_bytes(), &[0], value])
    }

    /// The tag that stands for a person in one ledger entry: `HMAC(key of the person, entry id)`, different in each entry.
    #[must_use]
    pub fn subject_tag(&self, subject_id: &str, entry_id: &str) -> [u8; 32] {
        let mut key = Zeroizing::new([0_u8; 32]);
        let expanded = Hkdf::<Sha256>::new(None, &self.inner.index[..]).expand_multi_info(
            &[b"cinnabar subject tag ".as_slice(), subject_id.as_bytes()],
            key.as_mut_slice(),
        );
        debug_assert!(expanded.is_ok(), "32 bytes are within HKDF's limit of 255 blocks");
        mac(&key[..], &[entry_id.as_bytes()])
    }

    /// The stable pseudonym of `value` towards one upstream: 32 hexadecimal digits.
    #[must_use]
    pub fn pseudonym(&self, upstream: &str, value: &str) -> String {
        let full = self.index(&format!("pseudonym {upstream}"), value.as_bytes());
        hex::encode(full.get(..16).unwrap_or(&full))
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 §2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Os;
    impl Entropy for Os {
        fn fill(&self, buffer: &mut [u8]) {
            for (n, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(n * 7 % 251).unwrap();
            }
        }
    }

    fn vault() -> Vault {
        let dir = tempfile::tempdir().unwrap();
        Vault::open(&KeyFolder::open(dir.path()).unwrap(), Arc::new(Os)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_in_its_context_only() {
        let vault = vault();
        let sealed = vault.seal("case:1", "你好".as_bytes()).unwrap();
        assert_eq!(&**vault.open_sealed("case:1", &sealed).unwrap(), "你好".as_bytes());
        assert_eq!(vault.open_sealed("case:2", &sealed), Err(SealError::DoesNotOpen));
        let mut bytes = sealed.to_bytes();
        assert_eq!(Sealed::from_bytes(&bytes).unwrap(), sealed);
        *bytes.last_mut().unwrap() ^= 1;
        assert!(vault.open_sealed("case:1", &Sealed::from_bytes(&bytes).unwrap()).is_err());
        assert_eq!(Sealed::from_bytes(&[0; 3]), Err(SealError::Short(3)));
    }

    #[test]
    fn one_person_has_a_different_tag_in_each_entry() {
        let vault = vault();
        assert_ne!(vault.subject_tag("a", "1"), vault.subject_tag("a", "2"));
        assert_ne!(vault.subject_tag("a", "1"), vault.subject_tag("b", "1"));
        assert_eq!(vault.subject_tag("a", "1"), vault.subject_tag("a", "1"));
        assert_ne!(vault.index("phone", b"1"), vault.index("mail", b"1"));
    }
}
