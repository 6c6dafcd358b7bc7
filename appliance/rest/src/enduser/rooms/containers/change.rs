use super::{description, one};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::container;
use axum::extract::State;

/// `PUT enduser/v1.0/rooms/containers/{container}` with `{name, description}`: what the body does not give stays.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let change = description(&mut fields)?;
    one(&container::update(&edge.app, &caller, &ids.container()?, change).await?, &caller)
}
