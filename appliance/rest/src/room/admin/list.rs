use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::{USERS_DEFAULT, room_json};
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::bubble::administer;
use axum::extract::State;

/// `GET room/v1.0/admin/rooms`: the bubbles of the caller's company, oldest first; with `name` those that hold it.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let users_max = query.number("nbUsersToKeep")?.unwrap_or(USERS_DEFAULT);
    let name = query.find("name").unwrap_or_default();
    let page = administer::list(&edge.app, &caller, name, window).await?;
    let domain = edge.app.domain();
    let items: Vec<_> = page.items.iter().map(|item| room_json(item, &caller, &domain, users_max)).collect();
    answer::list(&items, page.total, window)
}
