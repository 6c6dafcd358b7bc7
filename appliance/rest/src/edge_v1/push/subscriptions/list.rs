use crate::answer::{Answer, page_of};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use app::web_push::{self, ListedSubscription};
use axum::extract::State;
use domain::clock::iso8601;
use serde_json::{Value, json};

/// `GET /api/edge/v1/push/subscriptions`: those of all sign-ins; the address itself is told to nobody.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    page_of(web_push::list(&edge.app, &caller).await?, window, entry)
}

fn entry(listed: &ListedSubscription) -> Value {
    json!({
        "id": listed.id,
        "service": listed.service,
        "isCurrent": listed.current,
        "creationDate": iso8601(listed.created_ms),
    })
}
