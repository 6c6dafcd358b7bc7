use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::users::presences::presences;
use crate::path::Ids;
use app::people;
use axum::extract::State;

/// `GET admin/v1.0/users/{uid}/presences`: of a member whom the caller administers.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (level, devices) = people::administered_presences(&edge.app, &caller, &ids.user()?).await?;
    data(&presences(level, &devices))
}
