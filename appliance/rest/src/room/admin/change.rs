use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::{description, one};
use crate::path::Ids;
use app::bubble::administer;
use axum::extract::State;

/// `PUT room/v1.0/admin/rooms/{room}`: what the body does not give stays.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let change = description(&mut fields)?;
    one(&edge, &caller, &administer::describe(&edge.app, &caller, &ids.room()?, change).await?)
}
