use super::told;
use crate::answer::{self, Answer};
use crate::caller::Own;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::conversation;
use axum::extract::State;

/// `GET enduser/v1.0/users/{uid}/conversations`: newest first.
pub(crate) async fn list(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let page = conversation::list(&edge.app, &caller, window).await?;
    answer::list(&told(&edge, &caller, &page.items).await?, page.total, window)
}
