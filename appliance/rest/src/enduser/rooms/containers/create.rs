use super::{description, one, rooms};
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use app::container;
use axum::extract::State;

/// `POST enduser/v1.0/rooms/containers/` with `{name, description, rooms}`
pub(crate) async fn create(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let (new, rooms) = (description(&mut fields)?, rooms(&mut fields)?);
    one(&container::create(&edge.app, &caller, new, rooms).await?, &caller)
}
