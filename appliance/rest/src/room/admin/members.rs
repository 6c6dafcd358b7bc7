//! Some of a bubble's members, or all: made co-organizers, members again, or put out.

use super::among;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::one;
use crate::path::Ids;
use app::bubble::{Step, administer};
use axum::extract::State;
use domain::ids::UserId;

/// `PUT room/v1.0/admin/rooms/{room}/users/promote` with `{scope, users}`
pub(crate) async fn promote(edge: State<Edge>, caller: SignedIn, ids: Ids, fields: Fields) -> Answer {
    step(edge, caller, ids, fields, Step::Promote).await
}

/// `PUT room/v1.0/admin/rooms/{room}/users/demote` with `{scope, users}`
pub(crate) async fn demote(edge: State<Edge>, caller: SignedIn, ids: Ids, fields: Fields) -> Answer {
    step(edge, caller, ids, fields, Step::Demote).await
}

/// `PUT room/v1.0/admin/rooms/{room}/users/delete` with `{scope, users}`
pub(crate) async fn put_out(edge: State<Edge>, caller: SignedIn, ids: Ids, fields: Fields) -> Answer {
    step(edge, caller, ids, fields, Step::Exclude).await
}

async fn step(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
    step: fn(UserId) -> Step,
) -> Answer {
    let id = ids.room()?;
    // Who administers nothing here learns nothing of what the body must be.
    administer::find(&edge.app, &caller, &id).await?;
    let among = among(&mut fields)?;
    one(&edge, &caller, &administer::members(&edge.app, &caller, &id, among, step).await?)
}
