use super::company_json;
use crate::answer::{self, Answer};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::company;
use axum::extract::State;

/// `GET admin/v1.0/companies`: those that the caller administers, by name; with `name` only those that hold it.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    let name = query.find("name").unwrap_or_default();
    let page = company::list_administered(&edge.app, &caller, name, window).await?;
    let items: Vec<_> = page.items.iter().map(company_json).collect();
    answer::list(&items, page.total, window)
}
