use super::one;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::Own;
use crate::edge::Edge;
use crate::error::RestError;
use app::network::{self, Invited};
use axum::extract::State;
use domain::ids::UserId;

/// `POST enduser/v1.0/users/{uid}/invitations` with `{invitedUserId}` or `{email}`; no mail is sent, so `lang` and
/// `customMessage` change nothing.
pub(crate) async fn send(State(edge): State<Edge>, Own(caller): Own, fields: Fields) -> Answer {
    let made = network::invite(&edge.app, &caller, read(fields)?).await?;
    one(&edge, &caller, &made).await
}

fn read(mut fields: Fields) -> Result<Invited, RestError> {
    if let Some(id) = fields.text("invitedUserId")? {
        let id = UserId::parse(&id).map_err(|error| RestError::invalid("invitedUserId", error.to_string()))?;
        return Ok(Invited::User(id));
    }
    if fields.has("invitedPhoneNumber") && !fields.has("email") {
        return Err(RestError::invalid("invitedPhoneNumber", "people are invited by invitedUserId or email"));
    }
    fields.required_text("email").map(Invited::Email)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn somebody_is_invited_by_id_or_by_address_b6() {
        let id = "d00000000000000000000bad";
        assert!(matches!(read(fields(json!({"invitedUserId": id, "lang": "fr"}))), Ok(Invited::User(_))));
        assert!(matches!(read(fields(json!({"email": "a@b.test"}))), Ok(Invited::Email(_))));
        for (body, name) in [
            (json!({}), "email"),
            (json!({"email": 7}), "email"),
            (json!({"invitedUserId": "x"}), "invitedUserId"),
            (json!({"invitedPhoneNumber": "+33"}), "invitedPhoneNumber"),
        ] {
            assert!(matches!(read(fields(body)), Err(RestError::Invalid { field, .. }) if field == name), "{name}");
        }
    }
}
