//! What the holder of a bubble's link does (C4).

use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::query::Query;
use app::bubble::Door;
use app::bubble::link::{self, Arrival, Knock, LinkPage};
use app::{Source, Visitor};
use axum::Extension;
use axum::extract::State;
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(crate) fn source(visitor: Option<&Extension<Visitor>>) -> Source {
    visitor.map(|Extension(visitor)| visitor.source()).unwrap_or_default()
}

/// `GET enduser/v1.0/rooms/open-invites/validate?openInviteId=`: where a link leads.
pub(crate) async fn validate(State(edge): State<Edge>, visitor: Option<Extension<Visitor>>, query: Query) -> Answer {
    let token = query.find("openInviteId").ok_or_else(|| RestError::invalid("openInviteId", "is missing"))?;
    let token = Zeroizing::new(token.to_owned());
    data(&shown(&link::look_at(&edge.app, &token, source(visitor.as_ref())).await?))
}

pub(crate) fn shown(page: &LinkPage) -> Value {
    json!({
        "roomName": page.name,
        "roomTopic": page.topic,
        "roomLocked": page.door == Door::Locked,
        "hasLobby": page.door == Door::Lobby,
        "hasPassword": page.asks_password,
        "guestsAllowed": page.takes_guests,
        "invitingFirstName": page.organizer.0,
        "invitingLastName": page.organizer.1,
        "invitingCompanyName": page.company_name,
    })
}

/// `POST enduser/v1.0/rooms/open-invites` with `{openInviteId, roomPassword?}`: somebody with an account comes by a link.
pub(crate) async fn come(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    visitor: Option<Extension<Visitor>>,
    mut fields: Fields,
) -> Answer {
    let by = Knock {
        token: Zeroizing::new(fields.required_text("openInviteId")?),
        password: fields.text("roomPassword")?.map(Zeroizing::new),
        source: source(visitor.as_ref()),
    };
    data(&came(&link::come(&edge.app, &caller, by).await?))
}

pub(crate) fn came(arrival: &Arrival) -> Value {
    json!({
        "roomId": arrival.bubble,
        "hasAlreadyJoinThisRoom": arrival.already,
        "status": if arrival.waiting { "waiting" } else { "accepted" },
    })
}
