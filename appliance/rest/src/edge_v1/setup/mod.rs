//! The first run of a box in a browser (I8). On a box that is set up nothing of it is left but a word that says so.

pub(crate) mod answers;
pub(crate) mod code;
pub(crate) mod finish;
pub(crate) mod read;
pub(crate) mod recovery_key;

use crate::caller::bearer;
use crate::edge::Edge;
use crate::error::RestError;
use app::setup::Setup;
use app::{AppError, Unauthenticated, Visitor};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// The setup that goes on on this box.
pub(crate) struct GoingOn(pub(crate) Arc<Setup>);

impl FromRequestParts<Edge> for GoingOn {
    type Rejection = RestError;

    async fn from_request_parts(_: &mut Parts, edge: &Edge) -> Result<Self, RestError> {
        going_on(edge).map(Self)
    }
}

fn going_on(edge: &Edge) -> Result<Arc<Setup>, RestError> {
    let setup = edge.setup.as_ref().filter(|setup| !setup.is_finished());
    setup.map(Arc::clone).ok_or_else(|| AppError::SetUp.into())
}

/// Lets through who shows a token that was given for the code.
pub(crate) async fn require(State(edge): State<Edge>, request: Request, next: Next) -> Result<Response, RestError> {
    let setup = going_on(&edge)?;
    if !bearer(request.headers()).is_some_and(|token| setup.is_unlocked_by(token)) {
        return Err(Unauthenticated::SetupLocked.into());
    }
    if let Some(visitor) = request.extensions().get::<Visitor>() {
        visitor.signed_in();
    }
    Ok(next.run(request).await)
}
