use super::{descriptor, filter};
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::file;
use axum::extract::State;

/// `GET filestorage/v1.0/files/viewers/{viewer}`: what was shared with the caller, or in a bubble that he sees.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let viewer = ids.viewer(&caller.user)?;
    let page = file::received(&edge.app, &caller, &viewer, &filter(&query)?, window).await?;
    let items: Vec<_> = page.items.iter().map(|item| descriptor(item, &edge)).collect();
    answer::list(&items, page.total, window)
}
