use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::conversation;
use axum::Json;
use axum::extract::State;
use serde_json::json;

/// `POST enduser/v1.0/users/{uid}/conversations/{conversation}/bookmark` with `{messageId}`
pub(crate) async fn set(State(edge): State<Edge>, Own(caller): Own, ids: Ids, mut fields: Fields) -> Answer {
    let message_id = Some(fields.required_text("messageId")?);
    conversation::set_bookmark(&edge.app, &caller, &ids.conversation()?, message_id).await?;
    Ok(Json(json!({ "status": "the message is marked", "data": [] })))
}

/// `DELETE` of the same.
pub(crate) async fn remove(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    conversation::set_bookmark(&edge.app, &caller, &ids.conversation()?, None).await?;
    Ok(Json(json!({ "status": "no message is marked", "data": [] })))
}
