use super::user;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::one;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::administer;
use axum::extract::State;

/// `PUT room/v1.0/admin/rooms/{room}/rehost` with `{userId}`, a co-organizer (C3).
pub(crate) async fn rehost(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let id = ids.room()?;
    let to = user(&mut fields, "userId")?.ok_or_else(|| RestError::invalid("userId", "is missing: expected an id"))?;
    one(&edge, &caller, &administer::rehost(&edge.app, &caller, &id, to).await?)
}
