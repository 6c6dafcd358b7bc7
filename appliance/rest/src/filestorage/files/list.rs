use super::{descriptor, filter};
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::file;
use axum::extract::State;

/// `GET filestorage/v1.0/files`: the caller's own, the newest first.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let page = file::list(&edge.app, &caller, &filter(&query)?, window).await?;
    let items: Vec<_> = page.items.iter().map(|item| descriptor(item, &edge)).collect();
    answer::list(&items, page.total, window)
}
