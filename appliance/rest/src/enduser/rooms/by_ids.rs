use super::{USERS_DEFAULT, room_json};
use crate::answer::{self, Answer};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use app::bubble;
use axum::extract::State;
use domain::ids::BubbleId;
use std::collections::BTreeSet;

/// `POST enduser/v1.0/rooms/ids` with `{roomIds: [...]}`: those of them that the caller sees.
pub(crate) async fn find(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    query: Query,
    mut fields: Fields,
) -> Answer {
    let window = query.window(LIMIT_MAX, LIMIT_MAX)?;
    let users_max = query.number("nbUsersToKeep")?.unwrap_or(USERS_DEFAULT);
    let given = match fields.texts("roomIds")? {
        Some(given) => Some(given),
        None => fields.texts("rooms")?,
    };
    let wanted = match given {
        Some(wanted) => wanted,
        None => fields.one_or_more("id")?,
    };
    // What can be no bubble's id is nobody's, and passed over like it.
    let wanted: BTreeSet<BubbleId> = wanted.iter().filter_map(|id| BubbleId::parse(id).ok()).collect();
    let found = bubble::find_many(&edge.app, &caller, wanted.into_iter().collect()).await?;
    let domain = edge.app.domain();
    answer::page_of(found, window, |page| room_json(page, &caller, &domain, users_max))
}
