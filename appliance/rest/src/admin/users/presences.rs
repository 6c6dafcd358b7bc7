use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::users::presences::presences;
use crate::path::Ids;
use app::people;
use axum::extract::State;

/// `GET admin/v1.0/users/{uid}/presences`: of a member whom the caller administers.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.user()?;
    people::find_member(&edge.app, &caller, &id).await?;
    let (level, devices) = people::presences(&edge.app, &caller, &id).await?;
    data(&presences(level, &devices))
}
