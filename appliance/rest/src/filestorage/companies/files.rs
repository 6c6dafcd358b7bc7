use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::filestorage::files::{descriptor, filter};
use crate::path::Ids;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::file;
use axum::extract::State;

/// `GET filestorage/v1.0/companies/{company}/files`: for who administers it.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let page = file::of_company(&edge.app, &caller, &ids.company()?, &filter(&query)?, window).await?;
    let items: Vec<_> = page.items.iter().map(|item| descriptor(item, &edge)).collect();
    answer::list(&items, page.total, window)
}
