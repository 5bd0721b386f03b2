//! Whose word is taken for the time of a signature.

use std::{sync::OnceLock, time::Duration};

use c2pa::{
    Signer, SigningAlg,
    crypto::{
        cose::CertificateTrustPolicy,
        time_stamp::{default_rfc3161_message, verify_time_stamp},
    },
    status_tracker::StatusTracker,
};
use jiff::Timestamp;

use crate::authority::Authority;

/// The largest answer of an authority. Real ones with their chain have 3 to 8 KB.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// How long an authority may take.
const ANSWER_MAX: Duration = Duration::from_secs(8);
/// What is kept free in a manifest for a stamp of the worker's own: it has about 1,500 bytes,
/// and grows with the name of the organisation.
const OWN_BYTES: usize = 4 * 1024;

/// Which authority stamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StampsBy {
    /// None: signatures expire with the certificate.
    Nobody,
    /// The worker's own, under the generated root.
    Own,
    /// One that answers RFC 3161 over HTTP at this URL.
    Url(String),
}

impl std::str::FromStr for StampsBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::Nobody),
            "own" => Ok(Self::Own),
            url if url.starts_with("https://") || url.starts_with("http://") => Ok(Self::Url(url.to_owned())),
            other => Err(format!("`{other}` is neither `own`, `none` nor a URL")),
        }
    }
}

/// A signer of the library with stamps. One for each signature, since it remembers what failed.
pub(crate) struct Stamped<'s> {
    pub(crate) signer: &'s (dyn Signer + Send + Sync),
    pub(crate) by: &'s StampsBy,
    pub(crate) authority: &'s Authority,
    /// The time of the signature, which the own authority stamps.
    pub(crate) now: Timestamp,
    /// Why there is no stamp, when that is why there is no signature.
    pub(crate) failure: OnceLock<String>,
}

impl Signer for Stamped<'_> {
    fn sign(&self, data: &[u8]) -> c2pa::Result<Vec<u8>> {
        self.signer.sign(data)
    }

    fn alg(&self) -> SigningAlg {
        self.signer.alg()
    }

    fn certs(&self) -> c2pa::Result<Vec<Vec<u8>>> {
        self.signer.certs()
    }

    fn reserve_size(&self) -> usize {
        match self.by {
            // The library's own estimate, with 10,000 bytes for a foreign stamp.
            StampsBy::Url(_) => self.signer.reserve_size(),
            StampsBy::Own | StampsBy::Nobody => {
                let chain: usize = self.signer.certs().map_or(0, |certs| certs.iter().map(Vec::len).sum());
                chain + 1024 + OWN_BYTES
            }
        }
    }

    fn send_timestamp_request(&self, message: &[u8]) -> Option<c2pa::Result<Vec<u8>>> {
        let stamp = match self.by {
            StampsBy::Nobody => return None,
            StampsBy::Own => self.authority.stamp(message, self.now).map_err(|error| error.to_string()),
            StampsBy::Url(url) => ask(url, message),
        };
        Some(stamp.map_err(|error| {
            let _ = self.failure.set(error.clone());
            c2pa::Error::OtherError(error.into())
        }))
    }
}

/// Asks the authority at `url` for a stamp on `message` and holds the answer against it.
fn ask(url: &str, message: &[u8]) -> Result<Vec<u8>, String> {
    let request = default_rfc3161_message(message).map_err(|error| error.to_string())?;
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(ANSWER_MAX)).max_redirects(0).build().into();
    let mut response = agent
        .post(url)
        .header("content-type", "application/timestamp-query")
        .send(request.as_slice())
        .map_err(|error| format!("`{url}` gives no stamp: {error}"))?;
    let answer = response
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES_MAX)
        .read_to_vec()
        .map_err(|error| format!("`{url}` gives no stamp: {error}"))?;
    let any = CertificateTrustPolicy::passthrough();
    verify_time_stamp(&answer, message, &any, &mut StatusTracker::default(), false)
        .map_err(|error| format!("what `{url}` answers is no stamp on the signature: {error}"))?;
    Ok(answer)
}
