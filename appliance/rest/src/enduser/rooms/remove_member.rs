use super::change_member::told;
use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::bubble::{self, Step};
use axum::extract::State;

/// `DELETE enduser/v1.0/rooms/{room}/users/{member}`: takes an invitation back, or somebody off the list; oneself: out of
/// it, and off the list.
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let (id, user) = (ids.room()?, ids.member()?);
    let page = bubble::step(&edge.app, &caller, &id, Step::Forget(user.clone()), "").await?;
    data(&told(&user, page.as_ref(), None, &edge.app.domain()))
}
