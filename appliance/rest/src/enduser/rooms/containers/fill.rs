use super::{one, rooms};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::container;
use axum::extract::State;

/// `PUT enduser/v1.0/rooms/containers/{container}/add` with `{rooms}`: out of those in which they were.
pub(crate) async fn add(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, mut fields: Fields) -> Answer {
    let id = ids.container()?;
    one(&container::add(&edge.app, &caller, &id, rooms(&mut fields)?).await?, &caller)
}

/// `PUT enduser/v1.0/rooms/containers/{container}/remove` with `{rooms}`
pub(crate) async fn take_out(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let id = ids.container()?;
    one(&container::take_out(&edge.app, &caller, &id, rooms(&mut fields)?).await?, &caller)
}
