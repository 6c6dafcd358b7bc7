use crate::answer::Answer;
use crate::body::Bytes;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::one;
use crate::path::Ids;
use app::bubble::administer;
use axum::extract::State;

/// `POST room/v1.0/admin/rooms/{room}/avatars`
pub(crate) async fn put(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    Bytes(picture): Bytes,
) -> Answer {
    let id = ids.room()?;
    administer::set_avatar(&edge.app, &caller, &id, Some(picture)).await?;
    one(&edge, &caller, &administer::find(&edge.app, &caller, &id).await?)
}

/// `DELETE room/v1.0/admin/rooms/{room}/avatars`
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    administer::set_avatar(&edge.app, &caller, &id, None).await?;
    one(&edge, &caller, &administer::find(&edge.app, &caller, &id).await?)
}
