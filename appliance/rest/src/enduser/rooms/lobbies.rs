//! The lobby of a bubble (C5): who came by its link waits there until an organizer lets him in.

use super::room_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::jid;
use crate::path::Ids;
use app::Caller;
use app::bubble::{self, Door, Waiter};
use axum::extract::State;
use domain::clock::iso8601;
use domain::ids::{BubbleId, UserId};
use serde_json::{Value, json};

/// People whom an answer lists of the bubble.
const USERS_MAX: u32 = 100;

/// `PUT enduser/v1.0/rooms/{room}/lobbies` with `{hasLobby}`; without one, who waits comes in.
pub(crate) async fn set(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, mut fields: Fields) -> Answer {
    let on = fields.flag("hasLobby")?.ok_or_else(|| RestError::invalid("hasLobby", "is missing"))?;
    let door = if on { Door::Lobby } else { Door::Open };
    let page = bubble::set_door(&edge.app, &caller, &ids.room()?, door).await?;
    data(&room_json(&page, &caller, &edge.app.domain(), USERS_MAX))
}

/// `GET enduser/v1.0/rooms/{room}/lobbies/pending`
pub(crate) async fn pending(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    let waiting = bubble::lobby(&edge.app, &caller, &id).await?;
    data(&with_lobby(&edge, &caller, &id, &waiting).await?)
}

/// `PUT enduser/v1.0/rooms/{room}/lobbies/accept` with `{scope: "all"|"some", users?}`
pub(crate) async fn accept(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    answer(&edge, &caller, &ids.room()?, fields, true).await
}

/// `PUT enduser/v1.0/rooms/{room}/lobbies/deny` with the same.
pub(crate) async fn deny(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    answer(&edge, &caller, &ids.room()?, fields, false).await
}

async fn answer(edge: &Edge, caller: &Caller, id: &BubbleId, fields: Fields, let_in: bool) -> Answer {
    let answered = bubble::answer_lobby(&edge.app, caller, id, whom(fields)?, let_in).await?;
    let waiting = bubble::lobby(&edge.app, caller, id).await?;
    let mut json = with_lobby(edge, caller, id, &waiting).await?;
    let done = if let_in { "acceptedUsers" } else { "deniedUsers" };
    json["report"] = json!({ done: answered.done, "invalidUsers": answered.not });
    data(&json)
}

/// `None`: everybody.
fn whom(fields: Fields) -> Result<Option<Vec<UserId>>, RestError> {
    let mut body = fields.into_map();
    let wrong = || RestError::invalid("users", "expected a list of ids");
    match body.get("scope").and_then(Value::as_str) {
        Some("all") => return Ok(None),
        Some("some") => {}
        _ => return Err(RestError::invalid("scope", "expected all or some")),
    }
    let Some(Value::Array(users)) = body.remove("users") else { return Err(wrong()) };
    if users.is_empty() || users.len() > domain::bubble::WAITING_MAX {
        return Err(wrong());
    }
    let parsed = users.iter().map(|user| UserId::parse(user.as_str()?).ok());
    parsed.collect::<Option<Vec<UserId>>>().map(Some).ok_or_else(wrong)
}

async fn with_lobby(edge: &Edge, caller: &Caller, id: &BubbleId, waiting: &[Waiter]) -> Result<Value, RestError> {
    let domain = edge.app.domain();
    let page = bubble::find(&edge.app, caller, id).await?;
    let mut json = room_json(&page, caller, &domain, USERS_MAX);
    let waiter = |one: &Waiter| {
        json!({
            "userId": one.user,
            "jid_im": jid::bare(&one.user, &domain),
            "displayName": one.name,
            "privilege": if one.guest { "guest" } else { "user" },
            "status": "waiting",
            "additionDate": iso8601(one.since_ms),
        })
    };
    json["lobby"] = waiting.iter().map(waiter).collect();
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;

    #[test]
    fn an_answer_is_for_all_or_for_some_who_are_named_c5() {
        let read = |value| whom(fields(value));
        assert_eq!(read(json!({"scope": "all"})).ok(), Some(None));
        let id = "d00000000000000000000001";
        let one = UserId::parse(id).expect("an id");
        assert_eq!(read(json!({"scope": "some", "users": [id]})).ok(), Some(Some(vec![one])));
        for wrong in [
            json!({}),
            json!({"scope": "none"}),
            json!({"scope": "some"}),
            json!({"scope": "some", "users": []}),
            json!({"scope": "some", "users": ["1"]}),
            json!({"scope": "some", "users": vec![id; 101]}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
