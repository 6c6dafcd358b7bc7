use super::group_json;
use crate::answer::{self, Answer};
use crate::caller::Own;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::group;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/groups`: by name.
pub(crate) async fn list(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let page = group::list(&edge.app, &caller, window).await?;
    let domain = edge.app.domain();
    let items: Vec<_> = page.items.iter().map(|item| group_json(item, &caller.user, &domain)).collect();
    answer::list(&items, page.total, window)
}
