//! Who may see which page: one row for each route. The router is built from `routes` and refuses to serve a route
//! that has no row here; a test compares the two.

use identity::Permission;

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone, without an account.
    Everyone,
    /// Any operator who is signed in.
    AnyOperator,
    /// Operators whose role has the permission.
    Operator(Permission),
}

/// The table. The rows for everyone may only become fewer.
pub const TABLE: &[(&str, Access)] = &[
    ("/", Access::Everyone),
    ("/favicon.ico", Access::Everyone),
    ("/assets/{file}", Access::Everyone),
    ("/chat", Access::Everyone),
    ("/chat/stream", Access::Everyone),
    ("/agreement", Access::Everyone),
    ("/verify", Access::Everyone),
    ("/verify/file", Access::Everyone),
    ("/rules", Access::Everyone),
    ("/cases", Access::Everyone),
    ("/cases/new", Access::Everyone),
    ("/cases/{number}", Access::Everyone),
    ("/cases/{number}/withdraw", Access::Everyone),
    ("/appeals", Access::Everyone),
    ("/appeals/{token}", Access::Everyone),
    ("/api/docs", Access::Everyone),
    ("/sign-in", Access::Everyone),
    ("/sign-out", Access::Everyone),
    ("/invitations/{token}", Access::Everyone),
    ("/console", Access::AnyOperator),
    ("/console/cases/{id}", Access::Operator(Permission::ViewCases)),
    ("/console/cases/{id}/take", Access::Operator(Permission::DecideCases)),
    ("/console/cases/{id}/give-back", Access::Operator(Permission::DecideCases)),
    ("/console/cases/{id}/decide", Access::Operator(Permission::DecideCases)),
    ("/console/subjects", Access::Operator(Permission::ViewSubjects)),
    ("/console/subjects/{id}/level", Access::Operator(Permission::SetIdentityLevel)),
    ("/console/subjects/{id}/suspend", Access::Operator(Permission::ImposePenalty)),
    ("/console/penalties/{id}/lift", Access::Operator(Permission::LiftPenalty)),
    ("/console/decisions", Access::Operator(Permission::ViewDecisions)),
    ("/console/decisions/{id}", Access::Operator(Permission::ViewEvidence)),
    ("/console/ledger", Access::Operator(Permission::ViewLedger)),
    ("/console/keys", Access::Operator(Permission::ManageKeys)),
    ("/console/keys/{id}/revoke", Access::Operator(Permission::ManageKeys)),
    ("/console/grants", Access::Operator(Permission::ViewGrants)),
    ("/console/grants/{id}/withdraw", Access::Operator(Permission::ManageGrants)),
    ("/console/operators", Access::Operator(Permission::ManageOperators)),
    ("/console/operators/{id}/disable", Access::Operator(Permission::ManageOperators)),
    ("/console/invitations/{id}/renew", Access::Operator(Permission::ManageOperators)),
    ("/console/invitations/{id}/revoke", Access::Operator(Permission::ManageOperators)),
    ("/console/tasks", Access::Operator(Permission::ViewTasks)),
    ("/console/tasks/{id}", Access::Operator(Permission::ViewEvidence)),
    ("/console/tasks/{id}/resolve", Access::Operator(Permission::ResolveTasks)),
    ("/console/try", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/new", Access::Operator(Permission::ProposeLexicon)),
    ("/console/lexicon/terms/{term}", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/import", Access::Operator(Permission::ProposeLexicon)),
    ("/console/lexicon/export", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/false-positives", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/false-positives/{id}", Access::Operator(Permission::ProposeLexicon)),
    ("/console/lexicon/shadow", Access::Operator(Permission::ViewLexicon)),
    ("/console/safety", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/proposals", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/proposals/{id}", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/versions", Access::Operator(Permission::ViewLexicon)),
    ("/console/lexicon/coverage", Access::Operator(Permission::ViewLexicon)),
];

/// Who may see the route; a route without a row is for no role but the administrator's.
#[must_use]
pub fn of(path: &str) -> Access {
    TABLE
        .iter()
        .find(|(row, _)| *row == path)
        .map_or(Access::Operator(Permission::ManageOperators), |(_, access)| *access)
}
