//! Certificates and keys: those of a chain that is configured, and the words in any.

use std::{fs, path::Path};

use c2pa::SigningAlg;
use jiff::Timestamp;
use x509_parser::{
    pem::Pem,
    prelude::{FromDer as _, X509Certificate},
    public_key::PublicKey,
};
use zeroize::Zeroizing;

/// What signs: a chain, its key, and how.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// The signing certificate and those above it but the root, in PEM.
    pub(crate) chain: String,
    /// The private key in PEM, PKCS #8.
    pub(crate) key: Zeroizing<String>,
    /// The algorithm that the key is for.
    pub(crate) algorithm: SigningAlg,
}

/// What is wrong with certificates or keys.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No certificate is in it.
    #[error("no certificate in PEM is there")]
    None,
    /// It is not a certificate.
    #[error("a certificate cannot be read")]
    Malformed,
    /// C2PA signs with no such key (specification, section 13.2.1).
    #[error(
        "the key of the certificate is of no kind that C2PA signs with: P-256, P-384, P-521, RSA, Ed25519"
    )]
    Algorithm,
    /// The key does not sign.
    #[error("the private key cannot be used: it must be PEM in PKCS #8 and belong to the certificate")]
    Key(#[source] Box<c2pa::Error>),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made")]
    Make(#[from] rcgen::Error),
    /// The folder of the keys cannot be used.
    #[error(transparent)]
    Folder(#[from] vault::KeyFolderError),
    /// A certificate cannot be kept.
    #[error("cannot write `{path}`")]
    Write {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl Credentials {
    /// The chain in the file `chain` and its key in the file `key`.
    ///
    /// # Errors
    /// [`CertificateError`] where they cannot be read or do not belong together.
    pub(crate) fn from_files(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let chain = read(chain)?;
        // The reader of keys takes no line more than the key's.
        let key = Zeroizing::new(format!("{}\n", Zeroizing::new(read(key)?).trim()));
        let algorithm = algorithm(&chain)?;
        Ok(Self { chain, key, algorithm })
    }

    /// The library's signer, without time stamps.
    pub(crate) fn signer(&self) -> Result<c2pa::BoxedSigner, CertificateError> {
        c2pa::create_signer::from_keys(self.chain.as_bytes(), self.key.as_bytes(), self.algorithm, None)
            .map_err(|error| CertificateError::Key(Box::new(error)))
    }

    /// The signing certificate alone, in PEM.
    pub(crate) fn leaf(&self) -> String {
        const END: &str = "-----END CERTIFICATE-----";
        let end = self.chain.find(END).map_or(self.chain.len(), |at| at + END.len());
        format!("{}\n", self.chain.get(..end).unwrap_or_default())
    }
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, CertificateError> {
    let error = |source| CertificateError::Read { path: path.display().to_string(), source };
    fs::read_to_string(path).map_err(error)
}

/// The certificates of a PEM text, in DER.
pub(crate) fn ders(pem: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let found: Vec<Vec<u8>> = Pem::iter_from_buffer(pem.as_bytes())
        .filter_map(|block| match block {
            Ok(block) if block.label == "CERTIFICATE" => Some(Ok(block.contents)),
            Ok(_) => None,
            Err(_) => Some(Err(CertificateError::Malformed)),
        })
        .collect::<Result<_, _>>()?;
    if found.is_empty() { Err(CertificateError::None) } else { Ok(found) }
}

/// The first and the last second at which the first certificate of a PEM text is valid.
pub(crate) fn validity(pem: &str) -> Result<(Timestamp, Timestamp), CertificateError> {
    let words = words(pem)?;
    words.validity.ok_or(CertificateError::Malformed)
}

/// What the first certificate of a PEM text says.
#[derive(Debug)]
pub(crate) struct Words {
    /// Common name of who issued it, or its organisation.
    pub(crate) issuer: Option<String>,
    /// Organisation of whom it is for.
    pub(crate) organisation: Option<String>,
    /// Common name of whom it is for.
    pub(crate) name: Option<String>,
    /// When it is valid.
    pub(crate) validity: Option<(Timestamp, Timestamp)>,
}

/// What the first certificate of a PEM text says.
pub(crate) fn words(pem: &str) -> Result<Words, CertificateError> {
    let chain = ders(pem)?;
    let first = chain.first().ok_or(CertificateError::None)?;
    let (_, certificate) = X509Certificate::from_der(first).map_err(|_| CertificateError::Malformed)?;
    let text = |attribute: Option<&x509_parser::x509::AttributeTypeAndValue<'_>>| {
        attribute.and_then(|attribute| attribute.as_str().ok()).map(str::to_owned)
    };
    let (issuer, subject) = (certificate.issuer(), certificate.subject());
    let issuer = text(issuer.iter_common_name().next()).or_else(|| text(issuer.iter_organization().next()));
    let dates = certificate.validity();
    let second = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp()).ok();
    Ok(Words {
        issuer,
        organisation: text(subject.iter_organization().next()),
        name: text(subject.iter_common_name().next()),
        validity: second(dates.not_before).zip(second(dates.not_after)),
    })
}

/// The algorithm that the first certificate's key is for.
fn algorithm(pem: &str) -> Result<SigningAlg, CertificateError> {
    /// `id-Ed25519` (RFC 8410).
    const ED25519: &str = "1.3.101.112";
    let chain = ders(pem)?;
    let first = chain.first().ok_or(CertificateError::None)?;
    let (_, certificate) = X509Certificate::from_der(first).map_err(|_| CertificateError::Malformed)?;
    let key = certificate.public_key();
    if key.algorithm.algorithm.to_id_string() == ED25519 {
        return Ok(SigningAlg::Ed25519);
    }
    match key.parsed().map_err(|_| CertificateError::Malformed)? {
        PublicKey::RSA(_) => Ok(SigningAlg::Ps256),
        PublicKey::EC(point) => match point.key_size() {
            256 => Ok(SigningAlg::Es256),
            384 => Ok(SigningAlg::Es384),
            // The 521 bits stand in 66 bytes.
            521 | 528 => Ok(SigningAlg::Es512),
            _ => Err(CertificateError::Algorithm),
        },
        _ => Err(CertificateError::Algorithm),
    }
}
