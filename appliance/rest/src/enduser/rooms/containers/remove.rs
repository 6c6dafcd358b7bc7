use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::container;
use axum::extract::State;

/// `DELETE enduser/v1.0/rooms/containers/{container}`: its bubbles stay, in none.
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    one(&container::delete(&edge.app, &caller, &ids.container()?).await?, &caller)
}
