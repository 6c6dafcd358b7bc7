use super::GoingOn;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::edge::Edge;
use app::setup;
use axum::extract::State;
use serde_json::json;
use zeroize::Zeroizing;

/// `POST /api/edge/v1/setup/finish {password}`: the administrator's; from the answer on the box is a normal one.
pub(crate) async fn finish(State(edge): State<Edge>, GoingOn(going_on): GoingOn, mut fields: Fields) -> Answer {
    let password = Zeroizing::new(fields.required_text("password")?);
    let finished = setup::finish(&edge.app, &going_on, password).await?;
    data(&json!({ "address": finished.address, "domain": finished.domain, "name": finished.name }))
}
