use super::pin_json;
use crate::answer::{Answer, page_of};
use crate::caller::Own;
use crate::edge::Edge;
use crate::path::Ids;
use crate::query::{LIMIT_MAX, Query};
use app::pin;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/pins/{kind}/{peer}`: the newest message first.
pub(crate) async fn list(State(edge): State<Edge>, Own(caller): Own, ids: Ids, query: Query) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let pins = pin::list(&edge.app, &caller, &ids.peer()?).await?;
    let domain = edge.app.domain();
    page_of(pins, window, |pin| pin_json(pin, &domain))
}
