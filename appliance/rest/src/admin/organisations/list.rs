use super::organisation_json;
use crate::answer::{Answer, page_of};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::company;
use axum::extract::State;

/// `GET admin/v1.0/organisations`
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_DEFAULT, LIMIT_MAX)?;
    page_of(company::list_organizations(&edge.app, &caller).await?, window, organisation_json)
}
