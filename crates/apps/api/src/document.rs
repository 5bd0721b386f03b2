//! The OpenAPI document, made from the handlers.

use axum::response::IntoResponse;
use http::header;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Cinnabar API",
        description = "Verification, cases, end users and the public log. The model-facing surface under /v1 follows OpenAI's own document."
    ),
    paths(
        crate::verify::post,
        crate::verify_file::post,
        crate::verify_file::propagate,
        crate::cases_routes::open,
        crate::cases_routes::status,
        crate::end_users::agreement,
        crate::end_users::set_identity,
        crate::end_users::accept_agreement,
        crate::operator::sign_in,
        crate::operator::sign_out,
        crate::lexicon::entries::search,
        crate::lexicon::proposals::list,
        crate::lexicon::proposals::propose,
        crate::lexicon::proposals::one,
        crate::lexicon::proposals::approve,
        crate::lexicon::proposals::reject,
        crate::lexicon::proposals::withdraw,
        crate::lexicon::files::import,
        crate::lexicon::files::preview,
        crate::lexicon::files::export,
        crate::lexicon::versions::list,
        crate::lexicon::versions::diff,
        crate::lexicon::figures::coverage,
        crate::lexicon::figures::set_risks,
        crate::lexicon::figures::hits,
        crate::lexicon::figures::false_positives,
        crate::lexicon::figures::allow,
        crate::lexicon::figures::dismiss,
        crate::lexicon::figures::shadows,
        crate::lexicon::figures::start_shadow,
        crate::lexicon::figures::stop_shadow,
        crate::ledger::checkpoint,
        crate::ledger::key,
        crate::ledger::tile,
        crate::ledger::proof,
    ),
    tags(
        (name = "Verification", description = "Whether something was generated here. Nothing that is sent is kept."),
        (name = "Cases", description = "Appeals, complaints and reports. No account and no key is needed."),
        (name = "End users", description = "What your application knows of the people who use it."),
        (name = "Lexicons", description = "The feature library: entries, proposals, versions, coverage, figures. Needs an operator's session."),
        (name = "Public log", description = "The log of generations and decisions, as C2SP tlog-tiles ask."),
    ),
    modifiers(&Bearers)
)]
struct Document;

struct Bearers;

impl Modify for Bearers {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = |format| HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format).build();
        let components = document.components.get_or_insert_with(Default::default);
        for (name, format) in [("application_key", "ck-…"), ("operator_session", "token of a session")] {
            components.security_schemes.insert(name.to_owned(), SecurityScheme::Http(bearer(format)).into());
        }
    }
}

/// The OpenAPI document as JSON.
#[must_use]
pub fn openapi_json() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default()
}

pub(crate) async fn json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_the_api_is_described() {
        let document: serde_json::Value = serde_json::from_str(&openapi_json()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let routes = include_str!("lib.rs");
        let mut count = 0;
        // A route stands on a line of its own, or its path does.
        let starts = [".route(\"", "\"/api/", "\"/ledger/"];
        for line in routes
            .lines()
            .map(str::trim_start)
            .filter(|line| starts.iter().any(|start| line.starts_with(start)))
        {
            let path = line.split('"').nth(1).unwrap().replace("{*path}", "{path}");
            if path != "/api/openapi.json" {
                assert!(paths.contains_key(&path), "{path} is not in the document");
                count += 1;
            }
        }
        assert_eq!(paths.len(), count);
    }
}
