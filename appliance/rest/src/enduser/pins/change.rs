use super::pin_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::pin;
use axum::extract::State;

/// `PUT enduser/v1.0/users/{uid}/pins/{kind}/{peer}/{pin}` with `{messageId}`: another message in its place.
pub(crate) async fn change(State(edge): State<Edge>, Own(caller): Own, ids: Ids, mut fields: Fields) -> Answer {
    let message_id = fields.required_text("messageId")?;
    let found = pin::move_to(&edge.app, &caller, &ids.peer()?, &ids.pin()?, message_id).await?;
    data(&pin_json(&found, &edge.app.domain()))
}
