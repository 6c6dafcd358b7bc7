use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::jid;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::bubble;
use axum::extract::State;
use serde_json::json;

/// `GET enduser/v1.0/rooms/jids`: the addresses of the caller's bubbles.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let page = bubble::list(&edge.app, &caller, query.flag("unsubscribed")?, window).await?;
    let domain = edge.app.domain();
    let items: Vec<_> = page.items.iter().map(|item| json!(jid::room(&item.id, &domain))).collect();
    answer::list(&items, page.total, window)
}
