use super::GoingOn;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use app::{Visitor, setup};
use axum::Extension;
use axum::extract::State;
use serde_json::json;
use zeroize::Zeroizing;

/// `POST /api/edge/v1/setup/code {code}`: a token for the code that the box shows.
pub(crate) async fn enter(
    State(edge): State<Edge>,
    GoingOn(going_on): GoingOn,
    visitor: Option<Extension<Visitor>>,
    mut fields: Fields,
) -> Answer {
    let code = Zeroizing::new(fields.required_text("code")?);
    let source = visitor.as_ref().map(|Extension(visitor)| visitor.source()).unwrap_or_default();
    let token = setup::unlock(&edge.app, &going_on, &code, source)?;
    if let Some(Extension(visitor)) = visitor {
        visitor.signed_in();
    }
    data(&json!({ "token": *token }))
}
