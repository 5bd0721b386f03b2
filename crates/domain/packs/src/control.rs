//! Controls: what the software does for a duty, and whether this version does it.

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// Whether this version has a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlStatus {
    /// It works in this version.
    Implemented,
    /// It does not yet.
    Planned,
}

/// A name that is no control.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown control `{0}`: use a name of crates/domain/packs/src/control.rs, or add it there")]
pub struct UnknownControl(pub String);

macro_rules! controls {
    ($($variant:ident, $name:literal, $status:ident, $doc:literal;)+) => {
        /// Something that the software does, named by rows of packs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub enum Control {
            $(#[doc = $doc] $variant,)+
        }

        impl Control {
            /// All of them, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in packs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Whether this version has it.
            #[must_use]
            pub const fn status(self) -> ControlStatus {
                match self { $(Self::$variant => ControlStatus::$status),+ }
            }

            /// What it does, in one English line.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $doc),+ }
            }
        }
    };
}

// A control becomes `Implemented` in the commit that makes it work, with the test that shows it.
controls! {
    GatewayInputCheck, "gateway.input-check", Implemented, "Checks the texts of every prompt before they go to the model.";
    GatewayOutputCheck, "gateway.output-check", Implemented, "Checks the texts of every whole answer before it leaves.";
    GatewayStreamGuard, "gateway.stream-guard", Implemented, "Holds back and cuts streamed answers in mid-sentence.";
    SafetyLexicon, "safety.lexicon", Implemented, "Word lists with a version that each entry names.";
    LexiconCoverage, "safety.lexicon-coverage", Implemented, "Counts the words of each class of risk and says what is missing.";
    LexiconRenewal, "safety.lexicon-renewal", Planned, "Raises a task while words are missing, and when the lists were not renewed in time.";
    SafetyPersonalData, "safety.personal-data", Implemented, "Finds and masks identity, phone, card and plate numbers, addresses, keys and passwords.";
    SafetyClassifier, "safety.classifier", Implemented, "Scores passages by risk, beyond word lists.";
    SafetyTwoPerson, "safety.two-person", Implemented, "Lets a list entry in or out only with a second person's approval.";
    SafetyPolicy, "safety.policy", Implemented, "Decides about each hit by category, direction, audience and capability.";
    DecisionStatement, "decisions.statement", Implemented, "Gives each decision a statement of reasons, an id and an appeal link.";
    DecisionEvidence, "decisions.evidence", Implemented, "Keeps what a decision rests on, encrypted, for its appeal.";
    ReviewReferral, "decisions.referral", Implemented, "Asks a person to look at what a rule refers to them, with sealed evidence.";
    ReviewSampling, "decisions.sampling", Planned, "Draws samples of decisions for review by people.";
    LabelText, "label.text", Implemented, "Writes the visible label into text answers.";
    LabelInterface, "label.interface", Implemented, "Shows on our own chat page, all the time, that this is AI.";
    LabelEnvelope, "label.envelope", Implemented, "Carries the seven label fields beside answers of programs' interfaces.";
    LabelVerify, "label.verify", Implemented, "Tells from a text or an id whether it was generated here.";
    LabelExport, "label.export", Implemented, "Copies the label along with an answer of our own chat page.";
    LabelMetadata, "label.metadata", Implemented, "Writes the label into media files and reads it back.";
    LabelImage, "label.image", Implemented, "Draws the visible label on pictures.";
    LabelAudio, "label.audio", Implemented, "Puts the spoken or rhythmic label into sound.";
    LabelVideo, "label.video", Planned, "Draws the visible label on moving pictures.";
    LabelScene, "label.scene", Planned, "Shows the label at the start of a virtual scene.";
    LabelPropagate, "label.propagate", Implemented, "Reads foreign labels and writes what a platform has to add.";
    LabelPreserve, "label.preserve", Planned, "Keeps marks through every transformation and refuses to strip them.";
    LabelGrant, "label.unlabelled-grant", Implemented, "Delivers without visible label only under a recorded grant.";
    LedgerLog, "ledger.log", Implemented, "Leaves a durable, verifiable entry for everything generated and decided.";
    LedgerProof, "ledger.proof", Implemented, "Proves an entry to people who do not trust the provider.";
    LedgerRetention, "ledger.retention", Planned, "Deletes what is past its time and keeps what is not.";
    CasesAppeal, "cases.appeal", Implemented, "Takes appeals against decisions, with a published limit.";
    CasesComplaint, "cases.complaint", Implemented, "Takes complaints, with a published limit.";
    CasesReport, "cases.report", Implemented, "Takes reports of content, with a published limit.";
    AdmitAgreement, "admit.agreement", Implemented, "Admits people only after they accepted the agreement in force, by its hash, for whom the operator asks for it.";
    AdmitIdentity, "admit.identity", Implemented, "Admits people only at the identity level that the operator sets.";
    AdmitVerify, "admit.verify-identity", Planned, "Checks identities itself, by phone or by an identity provider.";
    AdmitPublish, "admit.publish", Planned, "Lets nobody publish who is not identified.";
    AdmitScope, "admit.scope", Planned, "Records for whom and where the service is, and loads packs by it.";
    PenaltySuspend, "penalties.suspend", Implemented, "Suspends a person, with reasons and an appeal.";
    PenaltyLadder, "penalties.ladder", Planned, "Counts strikes and climbs from warning to closing.";
    PortalRules, "portal.rules", Implemented, "Publishes rules, process and time limits from the data the clock uses.";
    PortalAiNotice, "portal.ai-notice", Implemented, "Says on our own chat page, before the first message and all the time, that this is an AI.";
    PortalDisclosure, "portal.disclosure", Planned, "Publishes audience, uses, limits, model and mechanism of the service.";
    PortalFiling, "portal.filing-number", Planned, "Shows the filing number with its link.";
    PortalAuthority, "portal.authority", Planned, "Shows where the authority takes complaints.";
    PrivacyMinimise, "privacy.minimise", Implemented, "Keeps content and identity out of the ledger and out of logs.";
    PrivacyRequests, "privacy.requests", Planned, "Takes requests for access, copy, correction and erasure, with a clock.";
    PrivacyConsent, "privacy.consent", Planned, "Records consent and its withdrawal, purpose by purpose.";
    PrivacyAssessment, "privacy.assessment", Planned, "Keeps impact assessments.";
    PrivacyBreach, "privacy.breach", Planned, "Guides through a leak: remedy, authority, people.";
    PrivacyTransfer, "privacy.transfer", Planned, "Counts persons whose data goes to models abroad.";
    MinorsMode, "minors.mode", Planned, "Limits by age: time, hours, content, guardians.";
    SessionTimer, "session.timer", Planned, "Reminds after long use.";
    SessionExit, "session.exit", Planned, "Ends at once when a person wants to leave.";
    CrisisResponse, "session.crisis", Implemented, "Answers signs of danger that a rule finds with ways to get help, and tells a person of the operator's.";
    BiometricConsent, "media.consent", Planned, "Asks for the separate consent of a person depicted.";
    RumourRefute, "safety.refute", Planned, "Puts official refutations into answers on known rumours.";
    ModelRegister, "models.register", Planned, "Registers models with filing number, licence and region.";
    CorpusRegister, "corpus.register", Planned, "Registers training data with source, licence and basis.";
    CorpusAnnotation, "corpus.annotation", Planned, "Versions annotation rules and checks roles and samples.";
    AssessEvaluate, "assess.evaluate", Planned, "Runs question banks and keeps their results.";
    FilingWorkflow, "filing.workflow", Planned, "Guides filing, change and cancellation, with their clocks.";
    FilingGate, "filing.gate", Planned, "Opens to the public only with assessment and numbers entered.";
    DossierBuild, "filing.dossier", Planned, "Builds the dossier from what the service recorded.";
    AppStoreBundle, "filing.app-store", Planned, "Builds what an application store has to check.";
    InspectionExport, "inspection.export", Planned, "Gives an inspector a bundle that verifies by itself.";
    IncidentReport, "incidents.report", Planned, "Drafts reports to the authority, sent by a named person.";
    PolicyRegister, "policies.register", Planned, "Keeps the management systems with owner, version and review.";
    PartnerClauses, "policies.clauses", Planned, "Gives customers of the interface their duties in writing.";
    KillSwitch, "service.switches", Planned, "Switches registration, publishing, a model or the service off.";
    ServiceHealth, "service.health", Implemented, "Reports health and figures, limits load, drains at shutdown.";
    ServiceFailover, "service.failover", Planned, "Moves to another model when one fails.";
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Control {
    type Err = UnknownControl;

    fn from_str(name: &str) -> Result<Self, UnknownControl> {
        Self::ALL
            .iter()
            .copied()
            .find(|control| control.as_str() == name)
            .ok_or_else(|| UnknownControl(name.chars().take(64).collect()))
    }
}

impl TryFrom<String> for Control {
    type Error = UnknownControl;

    fn try_from(name: String) -> Result<Self, UnknownControl> {
        name.parse()
    }
}
