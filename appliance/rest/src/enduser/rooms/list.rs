use super::{USERS_DEFAULT, room_json};
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::bubble;
use axum::extract::State;

/// `GET enduser/v1.0/rooms`: the caller's, oldest first; with `unsubscribed=true` those that he has left as well.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let users_max = query.number("nbUsersToKeep")?.unwrap_or(USERS_DEFAULT);
    let page = bubble::list(&edge.app, &caller, query.flag("unsubscribed")?, window).await?;
    let domain = edge.app.domain();
    let items: Vec<_> = page.items.iter().map(|item| room_json(item, &caller, &domain, users_max)).collect();
    answer::list(&items, page.total, window)
}
