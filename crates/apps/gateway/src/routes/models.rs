//! `GET /v1/models` and `GET /v1/models/{model}`.

use axum::{
    Json,
    extract::{Path, State},
};
use http::HeaderMap;
use wire::models::{Model, ModelList};

use super::authorization;
use crate::{errors::RouteError, state::Gateway};

pub(crate) async fn list(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
) -> Result<Json<ModelList>, RouteError> {
    gateway.inner.operations.authenticate_key(authorization(&headers))?;
    let models = gateway.inner.operations.settings().models.iter();
    Ok(Json(ModelList::new(models.map(|name| model(&gateway, name)).collect())))
}

pub(crate) async fn one(
    State(gateway): State<Gateway>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Model>, RouteError> {
    gateway.inner.operations.authenticate_key(authorization(&headers))?;
    if gateway.inner.operations.settings().models.contains(&name) {
        Ok(Json(model(&gateway, &name)))
    } else {
        Err(RouteError::UnknownModel(crate::prompt::cut(&name, 200)))
    }
}

fn model(gateway: &Gateway, name: &str) -> Model {
    Model::new(name, 0, gateway.inner.upstream.name())
}
