//! Every route of the portal, in one place.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};

use crate::{
    PortalState,
    access::{self, Access},
    assets,
    pages::{
        agreement, api_docs, appeal, case_new, case_status, chat,
        console::{
            case, decision, decisions, grants, keys, ledger, lexicon, operators, queue, referral, safety,
            subjects, tasks, try_text,
        },
        home, invitation, rules, sign_in, verify, verify_file,
    },
    security, session, visit,
};

/// A pasted text of 60,000 Chinese characters in a form is nine bytes for each of them.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The routes, each with its handlers. `access::TABLE` says for whom each one is.
pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<PortalState>)> {
    vec![
        ("/", get(home::show)),
        ("/favicon.ico", get(assets::favicon)),
        ("/assets/{file}", get(assets::serve)),
        ("/chat", get(chat::show).post(chat::say)),
        ("/chat/stream", post(chat::stream)),
        ("/agreement", get(agreement::show).post(agreement::accept)),
        ("/verify", get(verify::show).post(verify::check)),
        (
            "/verify/file",
            get(verify_file::show)
                .post(verify_file::check)
                .layer(DefaultBodyLimit::max(verify_file::FILE_BODY_BYTES_MAX)),
        ),
        ("/rules", get(rules::show)),
        ("/cases", get(case_status::ask).post(case_status::find)),
        ("/cases/new", get(case_new::show).post(case_new::file)),
        ("/cases/{number}", get(case_status::show)),
        ("/cases/{number}/withdraw", post(case_status::withdraw)),
        ("/appeals", post(appeal::follow)),
        ("/appeals/{token}", get(appeal::show).post(appeal::file)),
        ("/api/docs", get(api_docs::show)),
        ("/sign-in", get(sign_in::show).post(sign_in::enter)),
        ("/sign-out", post(sign_in::leave)),
        ("/invitations/{token}", get(invitation::show).post(invitation::accept)),
        ("/console", get(queue::show)),
        ("/console/cases/{id}", get(case::show)),
        ("/console/cases/{id}/take", post(case::take)),
        ("/console/cases/{id}/give-back", post(case::give_back)),
        ("/console/cases/{id}/decide", post(case::decide)),
        ("/console/subjects", get(subjects::show)),
        ("/console/subjects/{id}/level", post(subjects::set_level)),
        ("/console/subjects/{id}/suspend", post(subjects::suspend)),
        ("/console/penalties/{id}/lift", post(subjects::lift)),
        ("/console/decisions", get(decisions::show)),
        ("/console/decisions/{id}", get(decision::show)),
        ("/console/ledger", get(ledger::show)),
        ("/console/keys", get(keys::show).post(keys::create)),
        ("/console/keys/{id}/revoke", post(keys::revoke)),
        ("/console/grants", get(grants::show).post(grants::give)),
        ("/console/grants/{id}/withdraw", post(grants::withdraw)),
        ("/console/operators", get(operators::show).post(operators::invite)),
        ("/console/operators/{id}/disable", post(operators::disable)),
        ("/console/invitations/{id}/renew", post(operators::renew)),
        ("/console/invitations/{id}/revoke", post(operators::revoke)),
        ("/console/tasks", get(tasks::show)),
        ("/console/tasks/{id}", get(referral::show)),
        ("/console/tasks/{id}/resolve", post(tasks::resolve)),
        ("/console/try", get(try_text::show).post(try_text::check)),
        ("/console/lexicon", get(lexicon::entries::show)),
        ("/console/lexicon/new", get(lexicon::form::show).post(lexicon::form::propose)),
        ("/console/lexicon/terms/{term}", get(lexicon::term::show).post(lexicon::term::retire)),
        (
            "/console/lexicon/import",
            get(lexicon::import::show)
                .post(lexicon::import::take)
                .layer(DefaultBodyLimit::max(lexicon::import::IMPORT_BODY_BYTES_MAX)),
        ),
        ("/console/lexicon/export", get(lexicon::export::download)),
        ("/console/lexicon/false-positives", get(lexicon::false_positives::show)),
        ("/console/lexicon/false-positives/{id}", post(lexicon::false_positives::close)),
        ("/console/lexicon/shadow", get(lexicon::shadow::show).post(lexicon::shadow::switch)),
        ("/console/safety", get(safety::show)),
        ("/console/lexicon/proposals", get(lexicon::proposals::show)),
        ("/console/lexicon/proposals/{id}", get(lexicon::proposal::show).post(lexicon::proposal::decide)),
        ("/console/lexicon/versions", get(lexicon::versions::show).post(lexicon::versions::roll_back)),
        ("/console/lexicon/coverage", get(lexicon::coverage::show).post(lexicon::coverage::set_risks)),
    ]
}

/// Everything the portal serves, its error pages for unknown addresses included.
///
/// Merge it with routers that have no fallback of their own.
pub fn router(state: PortalState) -> Router {
    let mut router = Router::new();
    for (path, handlers) in routes() {
        let permission = match access::of(path) {
            Access::Everyone => {
                router = router.route(path, handlers);
                continue;
            }
            Access::AnyOperator => None,
            Access::Operator(permission) => Some(permission),
        };
        let guarded = handlers.route_layer(from_fn_with_state((state.clone(), permission), session::guard));
        router = router.route(path, guarded);
    }
    let public_url = &state.operations.settings().public_url;
    router
        .fallback(visit::not_found)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(security::same_site_only(public_url))
        .layer(from_fn_with_state(state.clone(), visit::visit))
        .with_state(state)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_has_an_access_row_and_every_row_a_route() {
        let served: BTreeSet<&str> = routes().into_iter().map(|(path, _)| path).collect();
        let listed: BTreeSet<&str> = access::TABLE.iter().map(|(path, _)| *path).collect();
        assert_eq!(served, listed);
        assert_eq!(listed.len(), access::TABLE.len(), "a row occurs twice");
    }

    #[test]
    fn the_console_is_for_operators() {
        for (path, access) in access::TABLE {
            assert_eq!(*access == Access::Everyone, !path.starts_with("/console"), "{path}");
        }
    }
}
