//! Files in and out.

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use operations::{LexiconDraft, LexiconFormat, LexiconImport, LexiconPreview, LexiconRefused, Operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Draft, FieldError, invalid,
    proposals::{self, Proposed},
    word,
};
use crate::{operator::Operator, problem::Problem};

/// What the body is.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct File {
    /// `csv`, `txt`, `xlsx` or `jsonl`.
    format: String,
    /// The file's name: the title of the proposal.
    #[serde(default)]
    name: String,
    /// Why. It is kept. A preview needs none.
    #[serde(default)]
    reasons: String,
    /// Whether lines that cannot be taken are left out. Else the file is refused.
    #[serde(default)]
    leave_out: bool,
    /// Of a plain list: the category of all its terms.
    #[serde(default)]
    category: String,
    /// Of a plain list: the measure of all its terms.
    #[serde(default)]
    measure: String,
    /// Of a plain list: the direction of all its terms, `both` without it.
    direction: Option<String>,
}

impl File {
    fn import(&self, bytes: Bytes) -> Result<LexiconImport, FieldError> {
        Ok(LexiconImport {
            name: self.name.clone(),
            format: word("format", &self.format, LexiconFormat::from_word)?,
            bytes: bytes.into(),
            usual: LexiconDraft {
                category: self.category.clone(),
                measure: self.measure.clone(),
                direction: self.direction.clone().unwrap_or_else(|| "both".to_owned()),
                ..LexiconDraft::default()
            },
        })
    }
}

/// A line that cannot be taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedLine {
    /// The sheet, in a workbook.
    sheet: Option<String>,
    /// The line or row, from 1.
    line: usize,
    /// What is wrong there.
    problem: String,
}

/// What a file would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// New entries.
    added: usize,
    /// Entries in the place of earlier ones.
    changed: usize,
    /// Entries that are there already.
    unchanged: usize,
    /// Lines that cannot be taken.
    refused: usize,
    /// The first of the new entries.
    added_shown: Vec<Draft>,
    /// The first of the changed entries, as they would be.
    changed_shown: Vec<Draft>,
    /// The first of the refused lines.
    refused_shown: Vec<RefusedLine>,
}

impl From<LexiconPreview> for Preview {
    fn from(preview: LexiconPreview) -> Self {
        let drafts = |drafts: Vec<LexiconDraft>| drafts.into_iter().map(Draft::from).collect();
        Self {
            added: preview.added,
            changed: preview.changed,
            unchanged: preview.unchanged,
            refused: preview.refused,
            added_shown: drafts(preview.added_shown),
            changed_shown: drafts(preview.changed_shown),
            refused_shown: preview
                .refused_shown
                .into_iter()
                .map(|line| RefusedLine { sheet: line.sheet, line: line.line, problem: line.problem })
                .collect(),
        }
    }
}

/// Which version, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Export {
    /// `csv`, `txt`, `xlsx`, `jsonl` or `filing` (the keyword list of the filing dossier, a workbook).
    format: String,
    /// The version; the newest without it.
    version: Option<u64>,
}

/// Says what a file would change. Nothing is kept.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/import/preview", params(File), request_body(content = Vec<u8>, content_type = "application/octet-stream"), security(("operator_session" = [])),
    responses((status = 200, body = Preview), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn preview(
    State(operations): State<Operations>,
    operator: Operator,
    Query(file): Query<File>,
    body: Bytes,
) -> Result<Json<Preview>, Problem> {
    let import = file.import(body)?;
    Ok(Json(operations.lexicon_import_preview(&operator.actor, import).await?.into()))
}

/// Makes a file one proposal.
#[utoipa::path(post, tag = "Lexicons", path = "/api/v1/lexicon/import", params(File), request_body(content = Vec<u8>, content_type = "application/octet-stream"), security(("operator_session" = [])),
    responses((status = 201, body = Proposed), (status = 409, body = Problem, content_type = "application/problem+json"), (status = 422, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn import(
    State(operations): State<Operations>,
    operator: Operator,
    Query(file): Query<File>,
    body: Bytes,
) -> Result<(StatusCode, Json<Proposed>), Problem> {
    let import = file.import(body)?;
    let refused = if file.leave_out { LexiconRefused::LeaveOut } else { LexiconRefused::StopAll };
    let id = operations.lexicon_import(&operator.actor, import, &file.reasons, refused).await?;
    Ok(proposals::created(id))
}

/// A version of the library as a file.
#[utoipa::path(get, tag = "Lexicons", path = "/api/v1/lexicon/export", params(Export), security(("operator_session" = [])),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn export(
    State(operations): State<Operations>,
    operator: Operator,
    Query(export): Query<Export>,
) -> Result<Response, Problem> {
    let format = word("format", &export.format, LexiconFormat::from_word)?;
    let bytes = operations.lexicon_export(&operator.actor, export.version, format).await?;
    let name = format!("attachment; filename=\"lexicon.{}\"", format.extension());
    let name = HeaderValue::try_from(name).map_err(|error| invalid("format", error))?;
    let media = HeaderValue::from_static(format.media_type());
    Ok(([(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
