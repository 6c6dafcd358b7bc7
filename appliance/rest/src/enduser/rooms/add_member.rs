use super::member_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::{self, Step};
use axum::extract::State;
use domain::ids::UserId;

/// `POST enduser/v1.0/rooms/{room}/users` with `{userId, reason, privilege, status}`: colleagues may be put in with
/// `accepted`, others are asked.
pub(crate) async fn add(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, mut fields: Fields) -> Answer {
    let user = UserId::parse(&fields.required_text("userId")?);
    let user = user.map_err(|error| RestError::invalid("userId", error.to_string()))?;
    let reason = fields.text("reason")?.unwrap_or_default();
    let accepted = match fields.text("status")?.as_deref() {
        None | Some("invited") => false,
        Some("accepted") => true,
        Some(_) => return Err(RestError::invalid("status", "expected invited or accepted")),
    };
    let moderator = match fields.text("privilege")?.as_deref() {
        None | Some("user") => false,
        Some("moderator") => true,
        Some(_) => return Err(RestError::invalid("privilege", "expected user or moderator")),
    };
    let step = Step::Add { user: user.clone(), moderator, accepted };
    let page = bubble::step(&edge.app, &caller, &ids.room()?, step, &reason).await?;
    let found = page.as_ref().and_then(|page| Some((page, page.bubble.members.get(&user)?)));
    let (page, member) = found.ok_or(RestError::NotFound)?;
    data(&member_json(&page.bubble, &user, member, &edge.app.domain()))
}
