//! Links of bubbles, for their organizers (C4, R2).

use crate::answer::{self, Answer, data};
use crate::body::Fields;
use crate::caller::{Own, SignedIn};
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use crate::query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
use app::Caller;
use app::bubble::link::{self, OpenLink};
use axum::extract::State;
use domain::ids::BubbleId;
use serde_json::{Value, json};

fn shown(edge: &Edge, caller: &Caller, link: &OpenLink) -> Value {
    json!({
        "openInviteId": link.token.as_str(),
        "invitationURL": edge.app.link_address(&link.token),
        "roomId": link.bubble,
        "roomType": "normal",
        "userId": caller.user,
    })
}

/// `roomId` of a body.
fn room(fields: &mut Fields) -> Result<BubbleId, RestError> {
    BubbleId::parse(&fields.required_text("roomId")?).map_err(|_| RestError::NotFound)
}

/// `GET enduser/v1.0/rooms/{room}/public-links`: that of one bubble.
pub(crate) async fn read(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids) -> Answer {
    let found = link::find_link(&edge.app, &caller, &ids.room()?).await?;
    data(&shown(&edge, &caller, &found.ok_or(RestError::NotFound)?))
}

/// `GET enduser/v1.0/users/{uid}/public-links`: the caller's, with `roomId` that of one bubble.
pub(crate) async fn list(State(edge): State<Edge>, Own(caller): Own, query: Query) -> Answer {
    let mut links = link::list_links(&edge.app, &caller).await?;
    if let Some(room) = query.find("roomId") {
        links.retain(|link| link.bubble.as_str() == room);
    }
    answer::page_of(links, query.window(LIMIT_DEFAULT, LIMIT_MAX)?, |link| shown(&edge, &caller, link))
}

/// `POST enduser/v1.0/users/{uid}/public-links/bind` with `{roomId}`
pub(crate) async fn bind(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let made = link::make_link(&edge.app, &caller, &room(&mut fields)?).await?;
    data(&shown(&edge, &caller, &made))
}

/// `PUT enduser/v1.0/users/{uid}/public-links/reset` with `{roomId}`: another one; the older one is void.
pub(crate) async fn reset(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let made = link::reset_link(&edge.app, &caller, &room(&mut fields)?).await?;
    data(&shown(&edge, &caller, &made))
}

/// `PUT enduser/v1.0/users/{uid}/public-links/unbind` with `{roomId}`: none any more.
pub(crate) async fn unbind(State(edge): State<Edge>, Own(caller): Own, mut fields: Fields) -> Answer {
    let id = room(&mut fields)?;
    link::remove_link(&edge.app, &caller, &id).await?;
    data(&json!({ "roomId": id }))
}
