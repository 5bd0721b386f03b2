//! Keys on the curve of SM2, in hexadecimal DER: PKCS#8 for the secret half, SPKI for the public one.

use std::{convert::Infallible, fmt};

use sm2::{
    dsa::{
        Signature, SigningKey,
        signature::{
            RandomizedSigner as _, Verifier as _,
            rand_core::{TryCryptoRng, TryRng},
        },
    },
    elliptic_curve::sec1::ToSec1Point as _,
    pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _},
};
use sm3::{Digest as _, Sm3};
use terms::{Entropy, random_bytes};
use zeroize::Zeroizing;

use super::DigestForm;

/// The name of a signer who gives none (GM/T 0009-2012, 10).
const USER_ID: &str = "1234567812345678";
/// A draw is no key once in 2^32; a source that fails so often is broken.
const DRAWS_MAX: usize = 8;

/// Why something is no key, or makes no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not hexadecimal digits.
    #[error("the key is not in hexadecimal digits")]
    NotHex,
    /// Not a secret key of SM2 in PKCS#8.
    #[error("not a secret key of SM2 (PKCS#8 in DER)")]
    NotSecret,
    /// Not a public key of SM2.
    #[error("not a public key of SM2 (SPKI in DER, or a point)")]
    NotPublic,
    /// The source of randomness gave no number in the range of keys.
    #[error("the source of randomness gives no key")]
    Entropy,
    /// No signature came of the key.
    #[error("the key makes no signature")]
    Signing,
}

/// A key that signs labels. Its text is a secret.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A new key.
    ///
    /// # Errors
    /// [`KeyError::Entropy`] where the source is broken.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, KeyError> {
        (0..DRAWS_MAX)
            .find_map(|_| {
                let draw = Zeroizing::new(random_bytes::<32>(entropy));
                SigningKey::from_slice(USER_ID, draw.as_slice()).ok().map(Self)
            })
            .ok_or(KeyError::Entropy)
    }

    /// Reads the hexadecimal digits of a key in PKCS#8.
    ///
    /// # Errors
    /// [`KeyError::NotHex`] and [`KeyError::NotSecret`].
    pub fn from_pkcs8_hex(text: &str) -> Result<Self, KeyError> {
        let der = Zeroizing::new(hex::decode(text.trim()).map_err(|_| KeyError::NotHex)?);
        let key = sm2::SecretKey::from_pkcs8_der(&der).map_err(|_| KeyError::NotSecret)?;
        SigningKey::new(USER_ID, &key).map(Self).map_err(|_| KeyError::NotSecret)
    }

    /// The key in PKCS#8, as hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError::NotSecret`], which a key that was made or read has no reason to give.
    pub fn to_pkcs8_hex(&self) -> Result<Zeroizing<String>, KeyError> {
        let der = sm2::SecretKey::from(*self.0.as_nonzero_scalar())
            .to_pkcs8_der()
            .map_err(|_| KeyError::NotSecret)?;
        Ok(Zeroizing::new(hex::encode(der.as_bytes())))
    }

    /// The half that everybody may know.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key().into())
    }

    /// The signature over `message` in DER, in the standard form.
    pub(super) fn sign(&self, message: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, KeyError> {
        let signature: Signature =
            self.0.try_sign_with_rng(&mut Draws(entropy), message).map_err(|_| KeyError::Signing)?;
        Ok(signature.to_der().to_vec())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A key that signatures are checked with.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(sm2::PublicKey);

impl VerifyingKey {
    /// Reads the hexadecimal digits of a key: SPKI, or a point that is whole or has the sign of its other half.
    ///
    /// # Errors
    /// [`KeyError::NotHex`] and [`KeyError::NotPublic`].
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = hex::decode(text.trim()).map_err(|_| KeyError::NotHex)?;
        let key = sm2::PublicKey::from_public_key_der(&bytes)
            .ok()
            .or_else(|| sm2::PublicKey::from_sec1_bytes(&bytes).ok())
            .or_else(|| sm2::PublicKey::from_sec1_bytes(&tagged(4, <[u8; 64]>::try_from(bytes).ok()?)).ok());
        key.map(Self).ok_or(KeyError::NotPublic)
    }

    /// Every key that a label may mean: vendors also write half a point without its sign, with or without `00` before it.
    pub(super) fn candidates(text: &str) -> Vec<Self> {
        if let Ok(key) = Self::from_hex(text) {
            return vec![key];
        }
        let bytes = hex::decode(text.trim()).unwrap_or_default();
        let half = bytes.strip_prefix(&[0]).filter(|half| half.len() == 32).unwrap_or(&bytes);
        let Ok(half) = <[u8; 32]>::try_from(half) else { return Vec::new() };
        [2, 3]
            .into_iter()
            .filter_map(|sign| sm2::PublicKey::from_sec1_bytes(&tagged(sign, half)).ok().map(Self))
            .collect()
    }

    /// The key in SPKI, as the hexadecimal digits that labels hold.
    #[must_use]
    pub fn to_spki_hex(&self) -> String {
        self.0.to_public_key_der().map_or_else(
            // A point is a key too, so that nothing is lost where DER could not be made of it.
            |_| hex::encode_upper(self.0.to_sec1_point(false).as_bytes()),
            |der| hex::encode_upper(der.as_bytes()),
        )
    }

    /// The form in which a signature in DER holds over `message`, if it does.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<DigestForm> {
        let signature = Signature::from_der(signature).ok()?;
        let key = sm2::dsa::VerifyingKey::new(USER_ID, self.0).ok()?;
        if key.verify(message, &signature).is_ok() {
            return Some(DigestForm::Standard);
        }
        key.verify(&Sm3::digest(message), &signature).is_ok().then_some(DigestForm::Double)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.to_spki_hex())
    }
}

/// A point or half of one with the byte that says how it is written (SEC 1, 2.3.3).
fn tagged<const N: usize>(tag: u8, point: [u8; N]) -> Vec<u8> {
    [&[tag], point.as_slice()].concat()
}

/// The caller's entropy as the library asks for it.
struct Draws<'e>(&'e dyn Entropy);

impl TryRng for Draws<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(random_bytes(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(random_bytes(self.0)))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl TryCryptoRng for Draws<'_> {}
