use super::pin_json;
use crate::answer::{Answer, data};
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use app::pin;
use axum::extract::State;

/// `DELETE enduser/v1.0/users/{uid}/pins/{kind}/{peer}/{pin}`
pub(crate) async fn remove(State(edge): State<Edge>, Own(caller): Own, ids: Ids) -> Answer {
    let found = pin::remove(&edge.app, &caller, &ids.peer()?, &ids.pin()?).await?;
    data(&pin_json(&found, &edge.app.domain()))
}
