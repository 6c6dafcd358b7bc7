//! The password that a bubble's link asks for (C5).

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::link;
use axum::extract::State;
use domain::ids::BubbleId;
use serde_json::json;
use zeroize::Zeroizing;

/// `PUT enduser/v1.0/rooms/{room}/passwords` with `{hasPassword}`: the box makes it, the organizer is told it.
pub(crate) async fn set(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, mut fields: Fields) -> Answer {
    let on = fields.flag("hasPassword")?.ok_or_else(|| RestError::invalid("hasPassword", "is missing"))?;
    let id = ids.room()?;
    let set = link::find_password(&edge.app, &caller, &id).await?;
    // Whoever switches on what is on gets what he has.
    let password = if on && set.is_some() { set } else { link::set_password(&edge.app, &caller, &id, on).await? };
    told(&id, password.as_ref())
}

/// `PUT enduser/v1.0/rooms/{room}/passwords/reset`: another one.
pub(crate) async fn reset(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    told(&id, link::set_password(&edge.app, &caller, &id, true).await?.as_ref())
}

/// `GET /api/edge/v1/rooms/{room}/password`: its organizer reads it again.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let id = ids.room()?;
    told(&id, link::find_password(&edge.app, &caller, &id).await?.as_ref())
}

fn told(id: &BubbleId, password: Option<&Zeroizing<String>>) -> Answer {
    let password = password.map(|password| password.as_str());
    data(&json!({ "roomId": id, "hasPassword": password.is_some(), "password": password }))
}
