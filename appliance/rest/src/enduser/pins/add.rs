use super::pin_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::pin;
use axum::extract::State;

/// `POST enduser/v1.0/users/{uid}/pins/{kind}/{peer}` with `{messageId}`: what the message says and when it came the box knows itself.
pub(crate) async fn add(State(edge): State<Edge>, Own(caller): Own, ids: Ids, mut fields: Fields) -> Answer {
    let message_id = fields.required_text("messageId")?;
    let found = pin::add(&edge.app, &caller, &ids.peer()?, message_id).await?;
    data(&pin_json(&found, &edge.app.domain()))
}
