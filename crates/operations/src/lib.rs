//! The use cases: what anybody can do with Cinnabar, one file each.
//!
//! An operation authorises, asks the domain, writes to the store and leaves a ledger entry, in one transaction. The gateway, the
//! JSON API, the pages, the command line and the background jobs all call the same [`Operations`].
//!
//! What is deliberately not here: HTTP, HTML, SQL, and any rule that could be decided from values alone (that is the domain's).

mod admit;
mod blocks;
mod cases_deadlines;
mod cases_desk;
mod cases_intake;
mod cases_release;
mod cases_view;
mod decisions;
mod ended_sessions;
mod entries;
mod error;
mod follow_ups;
mod generation;
mod invitations;
mod keys;
mod label_grants;
mod lease;
mod lexicon;
mod log;
mod media;
mod memory;
mod operators;
mod operators_desk;
mod people;
mod policy;
mod proofs;
mod propagate;
mod recovery;
mod room;
mod services;
mod settings;
mod tasks;
mod text_try;
mod threads;
mod tries;
mod verify;
mod verify_file;

pub use admit::{Admitted, ApplicationKey, EndUserRule, Envelope, Subject};
pub use blocks::{BlockRecord, DecisionNotice, Evidence, FindingNote};
pub use cases_desk::{CaseDetail, CaseFilter, CaseRow};
pub use cases_intake::{OpenCase, Receipt};
pub use cases_view::{CaseAnswer, CaseState, CaseView};
pub use decisions::{DecisionDetail, DecisionState, DecisionView, LawRef, StatementView};
pub use ended_sessions::SESSION_BYTES_MAX;
pub use error::{OperationError, Refusal};
pub use follow_ups::{Notice, NoticeKind, ReferralKind, ReferralView, SAME_REFERRAL};
pub use generation::{
    CONTENTS_MAX, Content, ContentHasher, EndReason, Ending, FILE_CHANNEL, Generation, LabelOutcome,
};
pub use invitations::{Invitation, InvitationView, OPERATOR_ROLES};
pub use keys::{KeyRequest, KeyView, NewKey};
pub use label_grants::{GrantRequest, GrantScope, LabelGrant, LabelGrantView};
pub use lease::{LEASE, LEASE_RENEWAL, Lease, LeaseError};
pub use lexicon::{
    FalsePositiveState, FalsePositiveView, LEXICON_ENTRIES_MAX, LEXICON_FILE_BYTES_MAX, LEXICON_PAGE_MAX,
    LexiconCandidate, LexiconCategoryRisks, LexiconCoverage, LexiconDiff, LexiconDraft, LexiconEntryView,
    LexiconFormat, LexiconHits, LexiconImport, LexiconInForce, LexiconList, LexiconPage, LexiconPreview,
    LexiconProbe, LexiconProposalKind, LexiconProposalRequest, LexiconProposalState, LexiconProposalView,
    LexiconQuery, LexiconRefused, LexiconRefusedLine, LexiconShadowCount, LexiconShadowView, LexiconSource,
    LexiconState, LexiconTextQuery, LexiconVersionView, RiskCoverage, SafetyRules,
};
pub use log::{LedgerStatus, LogEntryView, LogError};
pub use media::{MEDIA_BYTES_MAX, MarkError, MarkFacts, Marked, MediaFile, MediaMarker, Visible, hidden};
pub use operators::{OperatorSession, OperatorView};
pub use operators_desk::OperatorRecord;
pub use people::{AgreementView, NewSession, PenaltyRequest, PenaltyView, PersonView, SubjectView};
pub use policy::{PolicyError, PolicyProblem, with_policy};
pub use propagate::{Propagated, propagated_label};
pub use services::{Operations, Parts};
pub use settings::{AdmitSettings, AgreementRule, Mode, Settings};
pub use store::Room;
pub use tasks::TaskView;
pub use text_try::{TRY_BYTES_MAX, TriedText};
pub use tries::ClientNetwork;
pub use verify::{GenerationView, ProofState, TextMatch, Verdict, Verification, VerifyQuery};
pub use verify_file::{FileQuery, FileVerification, VERIFY_FILE_BYTES_MAX};
