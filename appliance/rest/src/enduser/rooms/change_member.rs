use super::member_json;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use app::bubble::{self, BubblePage, Step};
use axum::extract::State;
use domain::ids::UserId;
use serde_json::json;

/// `PUT enduser/v1.0/rooms/{room}/users/{member}` with `{status}` or `{privilege}`: the caller's own answer, or what an
/// organizer makes of somebody.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let (id, user) = (ids.room()?, ids.member()?);
    let (status, privilege) = (fields.text("status")?, fields.text("privilege")?);
    let step = step(&user, user == caller.user, status.as_deref(), privilege.as_deref())?;
    let page = bubble::step(&edge.app, &caller, &id, step, "").await?;
    data(&told(&user, page.as_ref(), status.as_deref(), &edge.app.domain()))
}

fn step(user: &UserId, own: bool, status: Option<&str>, privilege: Option<&str>) -> Result<Step, RestError> {
    let user = || user.clone();
    match (privilege, status, own) {
        (Some("moderator"), ..) => Ok(Step::Promote(user())),
        (Some("user"), ..) => Ok(Step::Demote(user())),
        (Some("owner"), ..) => Ok(Step::Transfer(user())),
        (Some(_), ..) => Err(RestError::invalid("privilege", "expected moderator, user or owner")),
        (None, Some("accepted"), true) => Ok(Step::Accept),
        (None, Some("rejected"), true) => Ok(Step::Decline),
        (None, Some("unsubscribed"), true) => Ok(Step::Leave),
        (None, Some("unsubscribed"), false) => Ok(Step::Exclude(user())),
        (None, Some("deleted"), _) => Ok(Step::Forget(user())),
        (None, Some(_), true) => {
            Err(RestError::invalid("status", "expected accepted, rejected, unsubscribed or deleted"))
        }
        (None, Some(_), false) => Err(RestError::invalid("status", "of others: expected unsubscribed or deleted")),
        (None, None, _) => Err(RestError::invalid("status", "is missing: expected status or privilege")),
    }
}

/// What somebody is after a step; of who is not in the list any more, what the client asked for.
pub(super) fn told(user: &UserId, page: Option<&BubblePage>, asked: Option<&str>, domain: &str) -> serde_json::Value {
    match page.and_then(|page| Some((page, page.bubble.members.get(user)?))) {
        Some((page, member)) => member_json(&page.bubble, user, member, domain),
        None => json!({ "userId": user, "status": asked.unwrap_or("deleted") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answers_for_oneself_alone_c3() {
        let user = UserId::parse("d00000000000000000000001").expect("an id");
        assert_eq!(step(&user, true, Some("accepted"), None).ok(), Some(Step::Accept));
        assert!(step(&user, false, Some("accepted"), None).is_err(), "nobody accepts for somebody else");
        assert!(step(&user, false, Some("rejected"), None).is_err());
        assert_eq!(step(&user, false, Some("unsubscribed"), None).ok(), Some(Step::Exclude(user.clone())));
        assert!(step(&user, true, None, None).is_err() && step(&user, true, None, Some("guest")).is_err());
    }
}
