//! Who somebody is to the service, and what that lets them do.
//!
//! [`IdentityLevel`] says how well a person is known, [`Requirements`] what each [`Capability`] asks for, [`Agreement`]
//! what they agreed to, [`permits`] what each role of the provider's people may do. A refusal is data: it names the rule.
//!
//! No person, name or number is kept here, and nothing here verifies an identity: that arrives as a level.

pub mod level;

pub mod capability;

pub mod agreement;

pub mod permission;

pub use agreement::{Acceptance, Agreement, AgreementError, AgreementHash};
pub use capability::{Capability, Refusal, RequirementError, Requirements};
pub use level::IdentityLevel;
pub use permission::{Permission, permits};
