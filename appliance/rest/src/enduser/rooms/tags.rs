//! Words by which clients sort bubbles.

use super::{USERS_DEFAULT, one, room_json};
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use crate::query::Query;
use app::bubble::{self, Change, Tag};
use axum::extract::State;
use domain::ids::BubbleId;
use serde_json::{Value, json};

/// `PUT enduser/v1.0/rooms/{room}/tags` with `{tags: [...]}`: texts, or objects with a `tag`, a `color` and an `emoji` each.
pub(crate) async fn change(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    let wrong = || RestError::invalid("tags", "expected a list of strings");
    let Some(Value::Array(given)) = fields.into_map().remove("tags") else { return Err(wrong()) };
    let tags = given.iter().map(Tag::parse).collect::<Option<Vec<Tag>>>().ok_or_else(wrong)?;
    let change = Change { tags: Some(tags), ..Change::default() };
    one(&edge, &caller, &bubble::describe(&edge.app, &caller, &ids.room()?, change).await?)
}

/// `GET enduser/v1.0/rooms/tags?tag=A&tag=B`: the caller's bubbles that have one of these tags, with what each has.
pub(crate) async fn list(State(edge): State<Edge>, SignedIn(caller): SignedIn, query: Query) -> Answer {
    let words: Vec<&str> = query.all("tag").collect();
    if words.is_empty() {
        return Err(RestError::invalid("tag", "is missing: expected one tag or more"));
    }
    let users_max = query.number("nbUsersToKeep")?.unwrap_or(USERS_DEFAULT);
    let found = bubble::tagged(&edge.app, &caller, &words).await?;
    let domain = edge.app.domain();
    let details: Vec<Value> = found.iter().map(|page| room_json(page, &caller, &domain, users_max)).collect();
    data(&json!({ "rooms": tags_of(&details), "roomDetails": details }))
}

/// `DELETE enduser/v1.0/rooms/tags` with `{tag, rooms}`: off these bubbles, or off all where there is none.
pub(crate) async fn remove(State(edge): State<Edge>, SignedIn(caller): SignedIn, mut fields: Fields) -> Answer {
    let word = fields.required_text("tag")?;
    let rooms = fields.texts("rooms")?.unwrap_or_default();
    let rooms: Vec<BubbleId> =
        rooms.iter().map(|id| BubbleId::parse(id).map_err(|_| RestError::NotFound)).collect::<Result<_, _>>()?;
    let changed = bubble::untag(&edge.app, &caller, &rooms, &word).await?;
    let domain = edge.app.domain();
    let details: Vec<Value> = changed.iter().map(|page| room_json(page, &caller, &domain, 0)).collect();
    data(&json!({ "rooms": tags_of(&details) }))
}

fn tags_of(rooms: &[Value]) -> Vec<Value> {
    rooms.iter().map(|room| json!({ "roomId": room["id"], "tags": room["tags"] })).collect()
}
