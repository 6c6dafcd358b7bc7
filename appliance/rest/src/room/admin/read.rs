use crate::answer::{Answer, data};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::enduser::rooms::{USERS_DEFAULT, room_json};
use crate::path::Ids;
use crate::query::Query;
use app::bubble::administer;
use axum::extract::State;

/// `GET room/v1.0/admin/rooms/{room}`
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, query: Query) -> Answer {
    let found = administer::find(&edge.app, &caller, &ids.room()?).await?;
    let users_max = query.number("nbUsersToKeep")?.unwrap_or(USERS_DEFAULT);
    data(&room_json(&found, &caller, &edge.app.domain(), users_max))
}
