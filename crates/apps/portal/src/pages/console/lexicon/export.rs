//! `/console/lexicon/export`: a version of the feature library as a file.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use operations::LexiconFormat;
use serde::Deserialize;

use crate::{PortalState, failure::Failure, session::Operator};

/// What to write.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    version: Option<u64>,
    #[serde(default)]
    format: String,
}

/// `GET /console/lexicon/export`
pub(crate) async fn download(
    State(state): State<PortalState>,
    operator: Operator,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let format = match wanted.format.as_str() {
        "" => LexiconFormat::Csv,
        word => LexiconFormat::from_word(word).ok_or(Failure::status(StatusCode::BAD_REQUEST))?,
    };
    let bytes = state.operations.lexicon_export(&operator.actor, wanted.version, format).await?;
    let version = wanted.version.map(|number| format!("-v{number}")).unwrap_or_default();
    let name = format!("lexicon{version}-{}.{}", format.as_str(), format.extension());
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static(format.media_type());
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response())
}
