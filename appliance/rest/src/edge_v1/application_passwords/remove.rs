use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::sign_in;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/application-passwords/{application_password}`: ends the streams that it opened.
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.application_password()?;
    sign_in::remove_application_password(&edge.app, &caller, &id).await?;
    data(&json!({ "id": id }))
}
