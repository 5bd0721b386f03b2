//! What the operator decided, as far as the operations need it.

use identity::IdentityLevel;
use label::ProviderCode;
use safety::Audience;
use terms::TenantId;

/// How far the deployment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For trying it out on one machine: loopback, the reserved provider code, one-click agreement (design 9.7).
    Trial,
    /// For the public.
    Service,
}

/// Who must have accepted the service agreement (row `cn.genai.9`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementRule {
    /// Every end user, on our pages and behind every application.
    Everyone,
    /// The people on our own pages; applications have an agreement of their own with theirs.
    OwnPages,
}

/// What admission asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmitSettings {
    /// The identity level that talking needs (row `cn.ds.9`).
    pub identity_level: IdentityLevel,
    /// Who must have accepted the agreement.
    pub agreement: AgreementRule,
    /// For whom the deployment is: [`Audience::Minor`] where everybody is to be treated as one.
    pub audience: Audience,
}

/// The settings that operations read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Trial or service.
    pub mode: Mode,
    /// The address people and programs reach us at, without a slash at its end.
    pub public_url: String,
    /// The 27-character provider code (GB 45438 `ContentProducer`), or `TRIAL`.
    pub provider_code: ProviderCode,
    /// The provider's name as people know it.
    pub provider_name: String,
    /// A way to reach the provider that does not need this software: a telephone number, a mail address.
    pub contact: String,
    /// What admission asks for.
    pub admit: AdmitSettings,
    /// The models on offer, the default one first.
    pub models: Vec<String>,
    /// The tenant.
    pub tenant: TenantId,
}

impl Settings {
    /// The absolute address of a path of ours.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}
