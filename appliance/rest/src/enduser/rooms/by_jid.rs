use super::one;
use crate::answer::Answer;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::path::Ids;
use app::bubble;
use axum::extract::State;

/// `GET enduser/v1.0/rooms/jids/{jid}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room_by_jid(&edge.app.domain())?;
    one(&edge, &caller, &bubble::find(&edge.app, &caller, &id).await?)
}
