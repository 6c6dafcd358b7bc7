use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::container;
use axum::extract::State;

/// `GET enduser/v1.0/rooms/containers/{container}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    one(&container::find(&edge.app, &caller, &ids.container()?).await?, &caller)
}
