//! Security data in `ReservedCode1`: a signature over the producer's fields (TC260-PG-202511A), SM3withSM2.
//!
//! [`AigcLabel::with_security`] writes what the guide says; [`AigcLabel::security`] checks what real files hold, which spell
//! and hash it differently. The key lies in the label that it signs, so that a signature which holds says that the label
//! was not changed since, and who signed only where the key is one that the reader knew before: a *pinned* one.
//! What the label is attached to is not signed: `Bindings` would say it, and their hash of the content is not computed here.

mod data;
mod key;

use terms::Entropy;

use crate::{AigcLabel, Field, aigc::push_json_string};

pub use key::{KeyError, SecretKey, VerifyingKey};

/// SM3withSM2, in the tree of object identifiers.
const SM3_WITH_SM2: &str = "1.2.156.10197.1.501";

/// What the security data of a label turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// The field is empty.
    Absent,
    /// The field holds something of a vendor's own, which cannot be checked.
    Opaque,
    /// There is security data, but no signature over the label in it.
    NoSignature,
    /// There is a signature of another algorithm, whose name this is.
    Unsupported(String),
    /// The signature does not hold, or its key cannot be read: the label was changed, or never signed so.
    Failed,
    /// The signature holds.
    Verified(Proof),
}

/// How a signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// How the signer hashed.
    pub form: DigestForm,
    /// Whether the key is known.
    pub standing: KeyStanding,
    /// The key.
    pub key: VerifyingKey,
    /// Whether a second signature of the same key holds over what binds the label to its content. The content itself
    /// is not compared: vendors do not say which part of it they hashed.
    pub binding: bool,
}

/// How the message of a signature was hashed. Real files have both forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestForm {
    /// As the standard says (GB/T 32918.2): e = SM3(ZA ‖ M).
    Standard,
    /// With a hash of a hash: e = SM3(ZA ‖ SM3(M)).
    Double,
}

/// What a key is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyStanding {
    /// The reader knew it before: the signature says who signed.
    Pinned,
    /// It came with the label: the signature says only that the label is whole.
    Carried,
}

impl Security {
    /// The word for it in machine-readable reports.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Opaque => "opaque",
            Self::NoSignature => "no_signature",
            Self::Unsupported(_) => "unsupported",
            Self::Failed => "failed",
            Self::Verified(proof) => proof.standing.as_str(),
        }
    }
}

impl DigestForm {
    /// The word for it in machine-readable reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Double => "double",
        }
    }
}

impl KeyStanding {
    /// The word for a signature of such a key.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pinned => "verified_pinned",
            Self::Carried => "verified_integrity_only",
        }
    }
}

impl AigcLabel {
    /// The same label with security data: a signature by `key` over the producer's fields, in the standard form. The
    /// randomness of the nonce is `entropy` and the key together (RFC 6979, 3.6), so that a weak source betrays no key.
    ///
    /// # Errors
    /// [`KeyError::Signing`], which a sound key has no reason to give.
    pub fn with_security(self, key: &SecretKey, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        let signature = key.sign(message(&self).as_bytes(), entropy)?;
        let text = data::to_json(&signature, &key.verifying_key());
        Ok(self.with_reserved_code1(&text))
    }

    /// Checks the producer's security data, with `pinned` as the keys that are known.
    #[must_use]
    pub fn security(&self, pinned: &[VerifyingKey]) -> Security {
        let text = self.get(Field::ReservedCode1);
        if text.is_empty() {
            return Security::Absent;
        }
        match data::SecurityData::parse(text) {
            Some(data) => verdict(&data, message(self).as_bytes(), pinned),
            None => Security::Opaque,
        }
    }
}

/// What is signed: the members of the producer's object as they stand in it, without its braces (202511A, A.1).
fn message(label: &AigcLabel) -> String {
    let mut message = String::with_capacity(128);
    for field in [Field::Label, Field::ContentProducer, Field::ProduceId] {
        if !message.is_empty() {
            message.push(',');
        }
        push_json_string(&mut message, field.key());
        message.push(':');
        push_json_string(&mut message, label.get(field));
    }
    message
}

fn verdict(data: &data::SecurityData, message: &[u8], pinned: &[VerifyingKey]) -> Security {
    let mut found = Security::NoSignature;
    for signature in data.signatures.iter().filter(|signature| signature.is_of_label) {
        let carried = data.keys_of(signature);
        match check(signature, message, pinned, carried) {
            Ok((form, standing, key)) => {
                let only = std::slice::from_ref(&key);
                let binding = data.signatures.iter().any(|other| {
                    !other.is_of_label
                        && data
                            .bindings
                            .iter()
                            .any(|binding| check(other, binding.as_bytes(), only, &[]).is_ok())
                });
                return Security::Verified(Proof { form, standing, key, binding });
            }
            Err(failed) => found = failed,
        }
    }
    found
}

/// The form in which a signature holds and the key: first one that is known, else one that the label carries.
fn check(
    signature: &data::Signature,
    message: &[u8],
    pinned: &[VerifyingKey],
    carried: &[VerifyingKey],
) -> Result<(DigestForm, KeyStanding, VerifyingKey), Security> {
    if signature.algorithm != SM3_WITH_SM2 {
        return Err(Security::Unsupported(signature.algorithm.clone()));
    }
    let pinned = pinned.iter().map(|key| (KeyStanding::Pinned, key));
    pinned
        .chain(carried.iter().map(|key| (KeyStanding::Carried, key)))
        .find_map(|(standing, key)| Some((key.verify(message, &signature.der)?, standing, key.clone())))
        .ok_or(Security::Failed)
}

#[cfg(test)]
mod tests;
