use super::{is_full, many};
use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use crate::query::Query;
use app::bubble::poll;
use axum::extract::State;

/// `GET enduser/v1.0/polls/{poll}?format`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    let found = poll::find(&edge.app, &caller, &ids.poll()?).await?;
    let told = many(&edge, &caller, vec![found], is_full(&query)?).await?;
    data(told.first().ok_or(RestError::NotFound)?)
}
