//! Speech: one file, labelled as a whole.

use axum::body::Body;
use bytes::Bytes;
use http::{StatusCode, header};

use super::{Answered, Ready};
use crate::{
    chat::{answer_headers, response},
    errors::RouteError,
    state::Gateway,
};

impl Gateway {
    pub(super) async fn speech(&self, ready: &Ready, file: Bytes) -> Result<Answered, RouteError> {
        let made = self.make(ready, &ready.first, file, Vec::new()).await?;
        let mut response =
            response(StatusCode::OK, made.marked.format.media_type(), Body::from(made.marked.bytes));
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, http::HeaderValue::from_static("nosniff"));
        answer_headers(self, &ready.first, headers);
        Ok(Answered { response: Ok(response), endings: vec![made.ending] })
    }
}
