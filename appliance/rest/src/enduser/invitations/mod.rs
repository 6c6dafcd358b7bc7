//! Invitations into a user's network (B6).

pub(crate) mod accept;
pub(crate) mod cancel;
pub(crate) mod decline;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod remove;
pub(crate) mod send;
pub(crate) mod send_again;
pub(crate) mod send_many;

use crate::answer::{Answer, data};
use crate::edge::Edge;
use crate::error::RestError;
use app::Caller;
use app::network::{self, Invitation, Sides};
use domain::clock::iso8601;
use serde_json::{Value, json};

/// An invitation as the caller sees it.
async fn shown(edge: &Edge, caller: &Caller, invitation: &Invitation) -> Result<Value, RestError> {
    Ok(invitation_json(invitation, &network::sides(&edge.app, caller, invitation).await?))
}

async fn one(edge: &Edge, caller: &Caller, invitation: &Invitation) -> Answer {
    data(&shown(edge, caller, invitation).await?)
}

/// An invitation in Rainbow's JSON.
fn invitation_json(invitation: &Invitation, sides: &Sides) -> Value {
    json!({
        "id": invitation.id,
        "invitingUserId": invitation.inviter,
        "invitingUserEmail": sides.inviter_email,
        "invitedUserId": sides.invited,
        "invitedUserEmail": sides.invited_email,
        "invitedPhoneNumber": null,
        "requestedNotificationLanguage": null,
        "invitingDate": iso8601(invitation.created_ms),
        "lastNotificationDate": iso8601(invitation.sent_ms),
        "status": invitation.status.name(),
        "type": "visibility",
        "inviteToJoinMeeting": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{InvitationId, UserId};
    use domain::network::InvitationStatus;

    #[test]
    fn an_invitation_has_the_fields_that_the_sdk_reads_and_no_more_of_the_sides_than_is_shown_b6() {
        let id = |text: &str| UserId::parse(text).expect("an id");
        let invitation = Invitation {
            id: InvitationId::parse("c00000000000000000000001").expect("an id"),
            inviter: id("d00000000000000000000001"),
            invited: id("d00000000000000000000002"),
            address_hash: Some(vec![1; 32]),
            status: InvitationStatus::Pending,
            hidden: false,
            created_ms: 0,
            sent_ms: 1000,
        };
        let sides = Sides { inviter_email: Some(String::from("me@acme.test")), ..Sides::default() };
        let json = invitation_json(&invitation, &sides);
        for (key, expected) in [
            ("id", json!("c00000000000000000000001")),
            ("invitingUserId", json!("d00000000000000000000001")),
            ("invitingUserEmail", json!("me@acme.test")),
            ("invitedUserId", json!(null)),
            ("invitedUserEmail", json!(null)),
            ("invitingDate", json!("1970-01-01T00:00:00.000Z")),
            ("lastNotificationDate", json!("1970-01-01T00:00:01.000Z")),
            ("status", json!("pending")),
            ("type", json!("visibility")),
        ] {
            assert_eq!(json[key], expected, "{key}");
        }
    }
}
