//! The chain that is made where none is configured: root, issuing certificate, and under it one certificate that signs
//! and one that stamps times.
//!
//! Keys are made once, readable by the owner alone. Certificates are made anew with the same keys when little of their
//! time is left. Nobody outside knows the root: elsewhere what it signed is untrusted, which it says of itself.

use std::{fs, path::PathBuf};

use jiff::{Timestamp, ToSpan as _, tz::offset};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use vault::KeyFolder;
use zeroize::Zeroizing;

use crate::{
    authority::Authority,
    certificates::{CertificateError, Credentials, validity, words},
    der::{oid, sequence},
};

/// How long each certificate is valid. The root outlives what it issued; a signature is stamped, so that the signing
/// certificate may be short.
const ROOT_DAYS: i64 = 30 * 365;
const ISSUER_DAYS: i64 = 15 * 365;
const STAMPS_DAYS: i64 = 10 * 365;
const SIGNER_DAYS: i64 = 398;
/// A certificate with less left is made anew.
const LEFT_DAYS: i64 = 60;

/// The chain, and where it lies.
#[derive(Debug)]
pub(crate) struct Chain {
    path: PathBuf,
    folder: KeyFolder,
    organisation: String,
}

/// What is in use.
#[derive(Debug)]
pub(crate) struct Issued {
    /// What signs.
    pub(crate) credentials: Credentials,
    /// What stamps.
    pub(crate) authority: Authority,
    /// The root in PEM.
    pub(crate) root: String,
    /// From when on it is to be issued anew.
    pub(crate) renew_at: Timestamp,
}

/// Which of the four certificates.
#[derive(Debug, Clone, Copy)]
enum Role {
    Root,
    Issuer,
    Signer,
    Stamps,
}

impl Role {
    const fn file(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuer => "issuer",
            Self::Signer => "signer",
            Self::Stamps => "stamps",
        }
    }

    const fn days(self) -> i64 {
        match self {
            Self::Root => ROOT_DAYS,
            Self::Issuer => ISSUER_DAYS,
            Self::Signer => SIGNER_DAYS,
            Self::Stamps => STAMPS_DAYS,
        }
    }

    /// The common name after the organisation's.
    const fn title(self) -> &'static str {
        match self {
            Self::Root => "provenance root (self-made)",
            Self::Issuer => "provenance issuer",
            Self::Signer => "provenance signer",
            Self::Stamps => "time stamps",
        }
    }
}

impl Chain {
    /// The chain in the folder `path`, whose certificates name `organisation`.
    pub(crate) fn open(path: PathBuf, organisation: &str) -> Result<Self, CertificateError> {
        let folder = KeyFolder::open(&path)?;
        Ok(Self { path, folder, organisation: organisation.to_owned() })
    }

    /// The chain as it is to be used at `now`; what is missing or runs out is made.
    pub(crate) fn issue(&self, now: Timestamp) -> Result<Issued, CertificateError> {
        let root_key = self.key(Role::Root)?;
        let root = self.certificate(Role::Root, now, |params| params.self_signed(&root_key))?;
        let above = Issuer::from_ca_cert_pem(&root, &root_key)?;
        let issuer_key = self.key(Role::Issuer)?;
        let issuer = self.certificate(Role::Issuer, now, |params| params.signed_by(&issuer_key, &above))?;
        let above = Issuer::from_ca_cert_pem(&issuer, &issuer_key)?;
        let signer_key = self.key(Role::Signer)?;
        let signer = self.certificate(Role::Signer, now, |params| params.signed_by(&signer_key, &above))?;
        let stamps_key = self.key(Role::Stamps)?;
        let stamps = self.certificate(Role::Stamps, now, |params| params.signed_by(&stamps_key, &above))?;

        let mut renew_at = Timestamp::MAX;
        for pem in [&root, &issuer, &signer, &stamps] {
            renew_at = renew_at.min(renewal(validity(pem)?.1));
        }
        Ok(Issued {
            credentials: Credentials {
                chain: format!("{signer}{issuer}"),
                key: Zeroizing::new(signer_key.serialize_pem()),
                algorithm: c2pa::SigningAlg::Es256,
            },
            authority: Authority::new(stamps_key, &format!("{stamps}{issuer}"))?,
            root,
            renew_at,
        })
    }

    fn key(&self, role: Role) -> Result<KeyPair, CertificateError> {
        let name = format!("{}.key", role.file());
        let fresh = match self.folder.contains(&name) {
            true => String::new(),
            false => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?.serialize_pem(),
        };
        let pem = self.folder.secret(&name, || Zeroizing::new(fresh))?;
        Ok(KeyPair::from_pem(&pem)?)
    }

    /// The kept certificate while it has time left, else one that `sign` makes, which is kept.
    fn certificate(
        &self,
        role: Role,
        now: Timestamp,
        sign: impl FnOnce(CertificateParams) -> Result<rcgen::Certificate, rcgen::Error>,
    ) -> Result<String, CertificateError> {
        let path = self.path.join(format!("{}.pem", role.file()));
        if let Ok(kept) = fs::read_to_string(&path)
            && let Ok((from, until)) = validity(&kept)
            && (from..renewal(until)).contains(&now)
            && self.is_named_right(role, &kept)
        {
            return Ok(kept);
        }
        let pem = sign(self.parameters(role, now))?.pem();
        let beside = path.with_extension("new");
        let error = |source| CertificateError::Write { path: path.display().to_string(), source };
        fs::write(&beside, &pem).and_then(|()| fs::rename(&beside, &path)).map_err(error)?;
        Ok(pem)
    }

    /// Whether a certificate still names the organisation. Those above it keep their names: others may trust them.
    fn is_named_right(&self, role: Role, pem: &str) -> bool {
        match role {
            Role::Root | Role::Issuer => true,
            Role::Signer | Role::Stamps => words(pem)
                .is_ok_and(|words| words.organisation.as_deref() == Some(self.organisation.as_str())),
        }
    }

    /// The profile of a certificate (C2PA specification, section 14.5.1; RFC 3161, section 2.3).
    fn parameters(&self, role: Role, now: Timestamp) -> CertificateParams {
        let mut params = CertificateParams::default();
        // The beginning of the day that is so many after `now`, in UTC; a day before it for clocks that differ.
        let day = |days: i64| {
            let at = offset(0).to_datetime(now.checked_add((days * 24).hours()).unwrap_or(Timestamp::MAX));
            // INVARIANT: months are 1–12 and days 1–31.
            let small = |number: i8| u8::try_from(number).unwrap_or(1);
            date_time_ymd(i32::from(at.year()), small(at.month()), small(at.day()))
        };
        params.not_before = day(-1);
        params.not_after = day(role.days());
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, self.organisation.as_str());
        params.distinguished_name.push(DnType::CommonName, format!("{} {}", self.organisation, role.title()));
        params.use_authority_key_identifier_extension = !matches!(role, Role::Root);
        match role {
            Role::Root | Role::Issuer => {
                let below = u8::from(matches!(role, Role::Root));
                params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
                params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            }
            Role::Signer => {
                params.is_ca = IsCa::ExplicitNoCa;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                // Readers that are given no list of their own accept this one; `documentSigning` alone is refused by
                // some versions of the reference library.
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
            }
            Role::Stamps => {
                params.is_ca = IsCa::ExplicitNoCa;
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                // A certificate that stamps has this purpose alone, marked critical.
                let purpose = sequence(&[&oid(&[0x2b, 6, 1, 5, 5, 7, 3, 8])]);
                let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose);
                extension.set_criticality(true);
                params.custom_extensions = vec![extension];
            }
        }
        params
    }
}

/// When a certificate that is valid until `until` is to be made anew.
fn renewal(until: Timestamp) -> Timestamp {
    until.checked_sub((LEFT_DAYS * 24).hours()).unwrap_or(Timestamp::MIN)
}
