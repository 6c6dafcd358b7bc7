use super::{USERS_DEFAULT, room_json};
use crate::answer::{self, Answer};
use crate::body::{ENTRIES_MAX, Fields};
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::query::{LIMIT_MAX, Query};
use app::bubble;
use app::people::Window;
use axum::extract::State;
use std::collections::BTreeSet;

/// `POST enduser/v1.0/rooms/ids` with `{rooms: [...]}`: those of them that the caller sees.
pub(crate) async fn find(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    query: Query,
    mut fields: Fields,
) -> Answer {
    let wanted = match fields.texts("rooms")? {
        Some(wanted) => wanted,
        None => fields.one_or_more("id")?,
    };
    let wanted: BTreeSet<String> = wanted.into_iter().take(ENTRIES_MAX).collect();
    let users_max = query.number("nbUsersToKeep")?.unwrap_or(USERS_DEFAULT);
    let all = bubble::list(&edge.app, &caller, true, Window { offset: 0, limit: u32::MAX }).await?;
    let found = all.items.into_iter().filter(|page| wanted.contains(page.id.as_str())).collect();
    let domain = edge.app.domain();
    answer::page_of(found, query.window(LIMIT_MAX, LIMIT_MAX)?, |page| room_json(page, &caller, &domain, users_max))
}
