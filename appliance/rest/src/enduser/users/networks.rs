use super::several;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::Query;
use app::people;
use axum::extract::State;

/// The SDK reads its roster in one request and without a limit.
const LIMIT_MAX: u32 = 10_000;

/// `GET enduser/v1.0/users/networks`: the roster (B6).
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let network = people::network(&edge.app, &caller).await?;
    several(&edge, network, window)
}
