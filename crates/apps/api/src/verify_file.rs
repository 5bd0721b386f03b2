//! `POST /api/v1/verify/file`: what is this file? What a platform asks of a post's file before it shows it (Labelling
//! Measures, article 6), without an account; and `POST /api/v1/propagate`, with an application's key, for what it writes
//! into the file then. Nothing is kept of either.

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use label::{AigcLabel, Reason};
use operations::{FileQuery, FileVerification, Operations, TextMatch};
use serde::{Deserialize, Serialize};
use terms::Locale;
use utoipa::{IntoParams, ToSchema};

use crate::{
    end_users::application,
    problem::Problem,
    verify::{Generation, proof_url, proof_word},
};

/// What the one who submits the file says of it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileQueryParams {
    /// Whether its user declared it to be generated (article 6 (2)).
    #[serde(default)]
    declared: bool,
}

/// What is known about the file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileResponse {
    /// `png`, `wav`, `txt` and so on; absent where the format is none that is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    /// `confirmed`, `possible`, `suspected`, `no_sign_found` or `inconclusive`. No sign does not make it a human's.
    state: &'static str,
    /// What a platform writes into the field `Label`: `1`, `2` or `3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    label_value: Option<&'static str>,
    /// The reminder to show beside it, by language; absent where none is owed.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<Notice>,
    /// What the state rests on.
    signs: Vec<SignView>,
    /// The hidden label (GB 45438-2025).
    hidden_label: HiddenLabel,
    /// The record, where it was generated here.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Record>,
}

/// The reminder of article 6.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notice {
    /// In Chinese.
    #[serde(rename = "zh-CN")]
    zh_cn: &'static str,
    /// In English.
    en: &'static str,
}

/// One sign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignView {
    /// `record`, `hidden_label`, `credentials`, `watermark`, `fingerprint`, `metadata`, `visible_label` or `declaration`.
    layer: &'static str,
    /// A stable word for it, such as `label_is` or `metadata_generator`.
    kind: &'static str,
    /// The state that it makes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    supports: Option<&'static str>,
    /// Where in the file.
    #[serde(skip_serializing_if = "str::is_empty")]
    place: &'static str,
    /// Its text, such as the name of a tool. Foreign: to be escaped where it is shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
}

/// The verdict on the hidden label.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HiddenLabel {
    /// `conforming`, `non_conforming`, `not_found` or `inconclusive`.
    verdict: &'static str,
    /// Every fault, as a stable word.
    reasons: Vec<&'static str>,
    /// Why nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<String>,
    /// Its fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    aigc: Option<serde_json::Value>,
}

/// A record and what can be proved of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Record {
    /// `exact` where the file is what was delivered to the byte, else `altered`.
    file_match: &'static str,
    /// The generation.
    generation: Option<Generation>,
    /// `ready` or `pending`.
    proof: &'static str,
    /// Where the proof file is, once it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof_url: Option<String>,
}

/// Looks at a file. The body is the file itself.
#[utoipa::path(post, tag = "Verification", path = "/api/v1/verify/file", params(FileQueryParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = FileResponse), (status = 413, description = "Larger than 64 MiB"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn post(
    State(operations): State<Operations>,
    Query(params): Query<FileQueryParams>,
    bytes: Bytes,
) -> Result<Json<FileResponse>, Problem> {
    if bytes.is_empty() {
        let detail = "the body is empty: send the file itself as the body";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "empty_file", detail));
    }
    let found = operations.verify_file(FileQuery { bytes, is_declared: params.declared }).await?;
    Ok(Json(response(&operations, found)))
}

/// What the platform says of the file, and its number for it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PropagateParams {
    /// Whether its user declared it to be generated (article 6 (2)).
    #[serde(default)]
    declared: bool,
    /// The platform's own number for it, for the field `PropagateID`; one is made where there is none.
    propagate_id: Option<String>,
}

/// Writes the propagator's fields into the file's hidden label, or a label that says what it was found to be. The body is the
/// file; so is the answer, with the label in the header `x-cinnabar-aigc` and the state in `x-cinnabar-state`.
#[utoipa::path(post, tag = "Verification", path = "/api/v1/propagate", params(PropagateParams), security(("application_key" = [])),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 64 MiB"),
        (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn propagate(
    State(operations): State<Operations>,
    headers: HeaderMap,
    Query(params): Query<PropagateParams>,
    bytes: Bytes,
) -> Result<Response, Problem> {
    application(&operations, &headers)?;
    let query = FileQuery { bytes, is_declared: params.declared };
    let done = operations.propagate_file(query, params.propagate_id).await?;
    let label = HeaderValue::try_from(done.label.to_json()).map_err(|error| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", format!("`file`: {error}"))
    })?;
    let answer = [
        (header::CONTENT_TYPE, HeaderValue::from_static(done.media_type)),
        (HeaderName::from_static("x-cinnabar-aigc"), label),
        (HeaderName::from_static("x-cinnabar-state"), HeaderValue::from_static(done.found.state.as_str())),
    ];
    Ok((answer, done.bytes).into_response())
}

fn response(operations: &Operations, found: FileVerification) -> FileResponse {
    let doubt = match &found.hidden {
        label::Conformance::Inconclusive(doubt) => Some(doubt.to_string()),
        _ => None,
    };
    let notice = found.state.notice(Locale::ZhCn).zip(found.state.notice(Locale::En));
    FileResponse {
        format: found.format,
        state: found.state.as_str(),
        label_value: found.state.label_value(),
        notice: notice.map(|(zh_cn, en)| Notice { zh_cn, en }),
        signs: found
            .signs
            .into_iter()
            .map(|sign| SignView {
                layer: sign.kind.layer().as_str(),
                kind: sign.kind.as_str(),
                supports: sign.kind.supports().map(label::State::as_str),
                place: sign.place,
                text: sign.text,
            })
            .collect(),
        hidden_label: HiddenLabel {
            verdict: found.hidden.as_str(),
            reasons: found.hidden.reasons().iter().map(Reason::code).collect(),
            doubt,
            aigc: found
                .aigc
                .as_ref()
                .map(AigcLabel::to_json)
                .and_then(|json| serde_json::from_str(&json).ok()),
        },
        record: found.record.map(|record| Record {
            file_match: match record.text_match {
                Some(TextMatch::Exact) => "exact",
                Some(TextMatch::Altered) | None => "altered",
            },
            proof: proof_word(&record.proof),
            proof_url: proof_url(operations, &record),
            generation: record.generation.map(Generation::from),
        }),
    }
}
