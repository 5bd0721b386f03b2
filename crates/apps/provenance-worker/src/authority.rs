//! The worker's own time stamp authority (RFC 3161): its word that a signature was there at a time.
//!
//! It is as good as the clock of this machine and the key beside it, and trusted where the generated root is. Its use
//! is that what it stamped stays intact here after the signing certificate has expired.

use jiff::Timestamp;
use rcgen::{KeyPair, SigningKey as _};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{
    certificates::{CertificateError, ders},
    der::{octets, oid, sequence, set_of, unsigned, value},
};

/// `id-signedData` (RFC 5652, section 5.1).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
/// `id-ct-TSTInfo` (RFC 3161, section 2.4.2).
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
/// `id-contentType` (RFC 5652, section 11.1).
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
/// `id-messageDigest` (RFC 5652, section 11.2).
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
/// `id-aa-signingCertificateV2` (RFC 5035, section 3).
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 47];
/// `id-sha256` (RFC 5754, section 2.2).
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// `ecdsa-with-SHA256` (RFC 5758, section 3.2).
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
/// The policy: `2.25.` and the number of a UUID (ITU-T X.667), which needs no registration.
const POLICY: &[u8] = &[
    0x69, 0x82, 0xd3, 0xc1, 0xf9, 0xb8, 0x8f, 0xb3, 0xa2, 0xb2, 0x9d, 0x9d, 0xa9, 0x9b, 0xe1, 0xb3, 0xf4,
    0xb1, 0xb4, 0x17,
];
/// `accuracy`: one second, since the time is told in whole seconds.
const ACCURACY_S: u8 = 1;

/// An authority and its certificates.
#[derive(Debug)]
pub(crate) struct Authority {
    key: KeyPair,
    /// Its certificate and those above it but the root, in DER.
    chain: Vec<Vec<u8>>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
}

/// Why there is no stamp.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StampError {
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    Entropy(getrandom::Error),
    /// The key does not sign.
    #[error("the key of the time stamp authority does not sign")]
    Key(#[source] rcgen::Error),
}

impl Authority {
    /// The authority of the key and the chain in PEM, its own certificate first.
    pub(crate) fn new(key: KeyPair, chain_pem: &str) -> Result<Self, CertificateError> {
        let chain = ders(chain_pem)?;
        let own = chain.first().ok_or(CertificateError::None)?;
        let (_, certificate) = X509Certificate::from_der(own).map_err(|_| CertificateError::Malformed)?;
        let issuer = certificate.tbs_certificate.issuer.as_raw().to_vec();
        let serial = certificate.tbs_certificate.raw_serial().to_vec();
        Ok(Self { key, chain, issuer, serial })
    }

    /// The answer to a request for a stamp on `message`, `TimeStampResp` in DER.
    pub(crate) fn stamp(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>, StampError> {
        let token = self.token(message, now)?;
        let granted = sequence(&[&unsigned(&[0])]);
        Ok(sequence(&[&granted, &token]))
    }

    fn token(&self, message: &[u8], now: Timestamp) -> Result<Vec<u8>, StampError> {
        let mut number = [0_u8; 16];
        getrandom::fill(&mut number).map_err(StampError::Entropy)?;
        let sha256 = sequence(&[&oid(SHA256)]);
        let imprint = sequence(&[&sha256, &octets(&Sha256::digest(message))]);
        let time = value(0x18, now.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes());
        let accuracy = sequence(&[&unsigned(&[ACCURACY_S])]);
        let info = sequence(&[&unsigned(&[1]), &oid(POLICY), &imprint, &unsigned(&number), &time, &accuracy]);

        // Signed is the SET; written is its content under another tag (RFC 5652, section 5.4).
        let attributes = set_of(vec![
            attribute(CONTENT_TYPE, oid(TST_INFO)),
            attribute(MESSAGE_DIGEST, octets(&Sha256::digest(&info))),
            attribute(SIGNING_CERTIFICATE_V2, self.signing_certificate()),
        ]);
        let signature = self.key.sign(&attributes).map_err(StampError::Key)?;
        let mut tagged = attributes;
        if let Some(tag) = tagged.first_mut() {
            *tag = 0xa0;
        }
        let signer = sequence(&[
            &unsigned(&[1]),
            &sequence(&[&self.issuer, &value(0x02, &self.serial)]),
            &sha256,
            &tagged,
            &sequence(&[&oid(ECDSA_WITH_SHA256)]),
            &octets(&signature),
        ]);
        let content = sequence(&[&oid(TST_INFO), &value(0xa0, &octets(&info))]);
        let mut chain = self.chain.clone();
        chain.sort();
        let signed = sequence(&[
            &unsigned(&[3]),
            &set_of(vec![sha256.clone()]),
            &content,
            &value(0xa0, &chain.concat()),
            &set_of(vec![signer]),
        ]);
        Ok(sequence(&[&oid(SIGNED_DATA), &value(0xa0, &signed)]))
    }

    /// `SigningCertificateV2`: which certificate it was, by its SHA-256, the default of the algorithm.
    fn signing_certificate(&self) -> Vec<u8> {
        let hash = self.chain.first().map(|own| octets(&Sha256::digest(own))).unwrap_or_default();
        sequence(&[&sequence(&[&sequence(&[&hash])])])
    }
}

fn attribute(kind: &[u8], content: Vec<u8>) -> Vec<u8> {
    sequence(&[&oid(kind), &set_of(vec![content])])
}
