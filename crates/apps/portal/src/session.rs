//! Who is asking: the person of the chat, or the operator of the console.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, request::Parts};
use identity::Permission;
use operations::PersonView;
use terms::Actor;

use crate::{
    Page, PortalState,
    answer::see_other,
    cookies::{self, Cookies},
    failure::Failure,
    page::OperatorBadge,
};

/// The person whose session the request carries, where there is one.
pub(crate) struct Person(pub(crate) Option<PersonView>);

impl FromRequestParts<PortalState> for Person {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &PortalState) -> Result<Self, Failure> {
        match state.cookies().read(&parts.headers, cookies::PERSON) {
            Some(token) => Ok(Self(state.operations.session_person(&token).await?)),
            None => Ok(Self(None)),
        }
    }
}

/// The operator who is signed in. Only routes behind [`guard`] have one.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) actor: Actor,
    pub(crate) id: terms::OperatorId,
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or(Failure::status(StatusCode::FORBIDDEN))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or(Failure::status(StatusCode::INTERNAL_SERVER_ERROR))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self::for_address("")))
    }
}

impl PortalState {
    pub(crate) fn cookies(&self) -> Cookies {
        Cookies::for_address(&self.operations.settings().public_url)
    }
}

/// Lets operators through whose role has the permission; others sign in first, or are told that they may not.
///
/// The operation behind the route authorises again: this guard keeps out early and by one table, that one decides.
pub(crate) async fn guard(
    State((state, permission)): State<(PortalState, Option<Permission>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = state.cookies().read(request.headers(), cookies::OPERATOR);
    let operator = match token {
        Some(token) => match state.operations.session_operator(&token).await {
            Ok(operator) => operator,
            Err(error) => return Failure::from(error).into_response(),
        },
        None => None,
    };
    let Some(operator) = operator else {
        return if request.method() == Method::GET {
            see_other(&format!("/sign-in?next={}", request.uri().path()))
        } else {
            Failure::status(StatusCode::FORBIDDEN).into_response()
        };
    };
    if !permission.is_none_or(|permission| identity::permits(operator.role, permission)) {
        return Failure::status(StatusCode::FORBIDDEN).into_response();
    }
    let actor = Actor::Operator(operator.operator_id, operator.role);
    if let Some(page) = request.extensions_mut().get_mut::<Page>() {
        page.operator = Some(OperatorBadge { name: operator.name, role: operator.role });
    }
    request.extensions_mut().insert(Operator { actor, id: operator.operator_id });
    next.run(request).await
}
