//! The library, set up: what is trusted, what may be fetched (nothing), who signs.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use c2pa::{BoxedSigner, Context, settings::Settings};
use jiff::Timestamp;
use provenance::{RefusalCode, protocol::About};

use crate::{
    certificates::{self, CertificateError, Credentials},
    chain::{Chain, Issued},
    refusal,
    stamps::StampsBy,
};
use provenance::Refusal;

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The folder of the generated chain.
    pub keys: PathBuf,
    /// Whom the generated certificates name.
    pub organisation: String,
    /// A chain and its key in PEM; without them the generated one signs.
    pub certificates: Option<(PathBuf, PathBuf)>,
    /// Who stamps times.
    pub stamps: StampsBy,
    /// Public trust lists: files of anchors in PEM.
    pub trust_lists: Vec<PathBuf>,
    /// Anchors of the operator's own: files in PEM.
    pub anchors: Vec<PathBuf>,
}

/// The largest manifest that is unpacked. Real ones have under 1 MB, thumbnails among them.
const MANIFEST_MIB_MAX: usize = 32;

/// Signs and reads.
#[derive(Debug)]
pub struct Engine {
    chain: Chain,
    configured: Option<Credentials>,
    pub(crate) stamps: StampsBy,
    trust_lists: String,
    anchors: String,
    current: RwLock<Arc<Current>>,
}

/// What is in use until the chain is to be renewed.
pub(crate) struct Current {
    pub(crate) issued: Issued,
    pub(crate) signer: BoxedSigner,
    settings: Settings,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("renew_at", &self.issued.renew_at).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine at the time `now`.
    ///
    /// # Errors
    /// [`CertificateError`] where a file cannot be read or is not what it should be.
    pub fn open(config: &EngineConfig, now: Timestamp) -> Result<Self, CertificateError> {
        let chain = Chain::open(config.keys.clone(), &config.organisation)?;
        let configured = config
            .certificates
            .as_ref()
            .map(|(chain, key)| Credentials::from_files(chain, key))
            .transpose()?;
        let trust_lists = pems(&config.trust_lists)?;
        let anchors = pems(&config.anchors)?;
        let current = current(&chain, configured.as_ref(), &trust_lists, &anchors, now)?;
        let current = RwLock::new(Arc::new(current));
        Ok(Self { chain, configured, stamps: config.stamps.clone(), trust_lists, anchors, current })
    }

    /// What is in use at `now`, with the generated chain renewed where its time has come.
    pub(crate) fn current(&self, now: Timestamp) -> Result<Arc<Current>, Refusal> {
        let kept = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        if now < kept.issued.renew_at {
            return Ok(kept);
        }
        let mut place = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if place.issued.renew_at <= now {
            let configured = self.configured.as_ref();
            let fresh = current(&self.chain, configured, &self.trust_lists, &self.anchors, now)
                .map_err(|error| refusal(RefusalCode::Failed, error))?;
            *place = Arc::new(fresh);
        }
        Ok(Arc::clone(&place))
    }

    /// Who signs here.
    ///
    /// # Errors
    /// Where the chain cannot be renewed.
    pub fn about(&self, now: Timestamp) -> Result<About, Refusal> {
        let current = self.current(now)?;
        Ok(About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            signs: c2pa::Builder::supported_mime_types(),
            own_chain: self.configured.is_none(),
            anchor: self.configured.is_none().then(|| current.issued.root.clone()),
        })
    }
}

impl Current {
    /// A context for one request, which can be cancelled by itself.
    pub(crate) fn context(&self) -> Result<Arc<Context>, Refusal> {
        let context = Context::new()
            .with_settings(self.settings.clone())
            .map_err(|error| refusal(RefusalCode::Failed, error))?;
        Ok(context.into_shared())
    }
}

fn current(
    chain: &Chain,
    configured: Option<&Credentials>,
    trust_lists: &str,
    anchors: &str,
    now: Timestamp,
) -> Result<Current, CertificateError> {
    let issued = chain.issue(now)?;
    let signer = configured.unwrap_or(&issued.credentials).signer()?;
    let mut settings = Settings::new();
    settings.trust.user_anchors = Some(format!("{}{anchors}", issued.root));
    settings.trust.trust_anchors = (!trust_lists.is_empty()).then(|| trust_lists.to_owned());
    // What a configured chain signed is our own by its certificate. Its issuer may certify the whole world.
    settings.trust.allowed_list = configured.map(Credentials::leaf);
    settings.verify.remote_manifest_fetch = false;
    settings.verify.ocsp_fetch = false;
    settings.core.allowed_network_hosts = Some(Vec::new());
    settings.core.decode_identity_assertions = false;
    settings.core.max_decompressed_manifest_size_in_mb = MANIFEST_MIB_MAX;
    Ok(Current { issued, signer, settings })
}

/// The texts of PEM files, one after another, each looked at.
fn pems(files: &[PathBuf]) -> Result<String, CertificateError> {
    let mut all = String::new();
    for file in files {
        let text = certificates::read(file)?;
        certificates::ders(&text)?;
        all.push_str(&text);
        all.push('\n');
    }
    Ok(all)
}
