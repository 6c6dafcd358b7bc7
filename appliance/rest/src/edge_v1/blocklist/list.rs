use crate::answer::{Answer, page_of};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use crate::user::display_name;
use app::{network, people};
use axum::extract::State;
use domain::ids::UserId;
use serde_json::json;
use std::collections::HashMap;

/// `GET /api/edge/v1/blocklist`: ids, and the names of those whom the caller may still know of.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let blocked = network::blocked(&edge.app, &caller)?;
    let known = people::find_many(&edge.app, &caller, blocked.clone()).await?;
    let names: HashMap<UserId, String> = known.iter().map(|seen| (seen.user.id.clone(), display_name(seen))).collect();
    page_of(blocked, window, |id| json!({ "id": id, "displayName": names.get(id) }))
}
