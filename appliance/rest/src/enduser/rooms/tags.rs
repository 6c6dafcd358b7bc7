use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::{self, Change};
use axum::extract::State;
use serde_json::Value;

/// `PUT enduser/v1.0/rooms/{room}/tags` with `{tags: [...]}`: texts, or objects with a `tag` each.
pub(crate) async fn change(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    let wrong = || RestError::invalid("tags", "expected a list of strings");
    let Some(Value::Array(given)) = fields.into_map().remove("tags") else { return Err(wrong()) };
    let tag = |tag: &Value| tag.as_str().or_else(|| tag["tag"].as_str()).map(str::to_owned);
    let tags = given.iter().map(tag).collect::<Option<Vec<String>>>().ok_or_else(wrong)?;
    let change = Change { tags: Some(tags), ..Change::default() };
    one(&edge, &caller, &bubble::describe(&edge.app, &caller, &ids.room()?, change).await?)
}
