//! One file per page: its typed context, its samples, its handlers.

pub mod agreement;
pub mod api_docs;
pub mod appeal;
pub mod case_new;
pub mod case_status;
pub mod chat;
pub mod console;
pub mod error;
pub mod home;
pub mod invitation;
pub mod rules;
pub mod sign_in;
pub mod statement;
pub mod verify;
pub mod verify_file;

use askama::Template;
use terms::Locale;

use crate::Key;

/// A page that can be rendered without a service behind it.
pub trait Samples: Template + Sized {
    /// The page in the states worth looking at, each with a name that fits a file.
    fn samples(locale: Locale) -> Vec<(&'static str, Self)>;
}

/// One field of a form: what was typed, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<Key>,
}

impl Field {
    /// A field with that content and nothing wrong.
    #[must_use]
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// The same field with that complaint about it.
    #[must_use]
    pub fn wrong(self, error: Key) -> Self {
        Self { error: Some(error), ..self }
    }
}

/// The static files under their served names, for previews written to a folder.
pub fn assets() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    crate::assets::all()
}

/// Every page in every sample state, rendered: the name and the HTML.
///
/// # Errors
/// When a template fails to render.
pub fn render_samples(locale: Locale) -> Result<Vec<(&'static str, String)>, askama::Error> {
    fn of<P: Samples>(locale: Locale) -> Result<Vec<(&'static str, String)>, askama::Error> {
        P::samples(locale).into_iter().map(|(name, page)| Ok((name, page.render()?))).collect()
    }
    Ok([
        of::<home::HomePage>(locale)?,
        of::<chat::ChatPage>(locale)?,
        of::<verify::VerifyPage>(locale)?,
        of::<verify_file::VerifyFilePage>(locale)?,
        of::<rules::RulesPage>(locale)?,
        of::<agreement::AgreementPage>(locale)?,
        of::<case_new::CaseNewPage>(locale)?,
        of::<case_status::CaseCodePage>(locale)?,
        of::<case_status::CaseStatusPage>(locale)?,
        of::<appeal::AppealPage>(locale)?,
        of::<api_docs::ApiDocsPage>(locale)?,
        of::<sign_in::SignInPage>(locale)?,
        of::<invitation::InvitationPage>(locale)?,
        of::<error::ErrorPage>(locale)?,
        of::<console::queue::QueuePage>(locale)?,
        of::<console::case::CasePage>(locale)?,
        of::<console::subjects::SubjectsPage>(locale)?,
        of::<console::decisions::DecisionsPage>(locale)?,
        of::<console::decision::DecisionPage>(locale)?,
        of::<console::referral::ReferralPage>(locale)?,
        of::<console::ledger::LedgerPage>(locale)?,
        of::<console::grants::GrantsPage>(locale)?,
        of::<console::keys::KeysPage>(locale)?,
        of::<console::operators::OperatorsPage>(locale)?,
        of::<console::tasks::TasksPage>(locale)?,
        of::<console::try_text::TryPage>(locale)?,
        of::<console::lexicon::entries::EntriesPage>(locale)?,
        of::<console::lexicon::term::TermPage>(locale)?,
        of::<console::lexicon::form::FormPage>(locale)?,
        of::<console::safety::SafetyPage>(locale)?,
        of::<console::lexicon::import::ImportPage>(locale)?,
        of::<console::lexicon::false_positives::FalsePositivesPage>(locale)?,
        of::<console::lexicon::shadow::ShadowPage>(locale)?,
        of::<console::lexicon::proposals::ProposalsPage>(locale)?,
        of::<console::lexicon::proposal::ProposalPage>(locale)?,
        of::<console::lexicon::versions::VersionsPage>(locale)?,
        of::<console::lexicon::coverage::CoveragePage>(locale)?,
    ]
    .concat())
}
