use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::web_push;
use axum::extract::State;
use serde_json::json;

/// `DELETE /api/edge/v1/push/subscriptions/{subscription}`
pub(crate) async fn unsubscribe(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let subscription = ids.subscription()?;
    web_push::unsubscribe(&edge.app, &caller, &subscription).await?;
    data(&json!({ "id": subscription }))
}
