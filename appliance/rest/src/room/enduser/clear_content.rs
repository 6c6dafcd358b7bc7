use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::one;
use crate::path::Ids;
use app::bubble;
use axum::extract::State;

/// `POST room/v1.0/enduser/rooms/{room}/clearcontent`: all that was said goes, for everybody; files are their owners' alone again.
pub(crate) async fn clear(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    bubble::clear(&edge.app, &caller, &id).await?;
    one(&edge, &caller, &bubble::find(&edge.app, &caller, &id).await?)
}
