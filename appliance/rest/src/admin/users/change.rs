use super::roles;
use crate::answer::{Answer, data};
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use crate::profile;
use crate::user::{Home, View};
use app::people::{self, AdminChange};
use axum::extract::State;
use zeroize::Zeroizing;

/// `PUT admin/v1.0/users/{uid}`: what the body does not give stays.
pub(crate) async fn change(State(edge): State<Edge>, SignedIn(caller): SignedIn, ids: Ids, fields: Fields) -> Answer {
    let id = ids.user()?;
    let (company, _) = people::find_member(&edge.app, &caller, &id).await?;
    let changed = people::change_member(&edge.app, &caller, &id, read(fields)?).await?;
    data(&Home::administered(&edge, &caller, company).await?.user(&changed, View::Private))
}

fn read(mut fields: Fields) -> Result<AdminChange, RestError> {
    Ok(AdminChange {
        profile: Some(profile::change(&mut fields)?),
        email: fields.text("loginEmail")?,
        active: fields.flag("isActive")?,
        roles: roles(&mut fields)?,
        password: fields.text("password")?.map(Zeroizing::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn what_is_not_given_stays() {
        let change = read(fields(json!({"isActive": false, "timeToLive": -1, "userInfo1": "x"}))).expect("a change");
        assert_eq!(change.active, Some(false));
        assert!(change.email.is_none() && change.roles.is_none() && change.password.is_none());
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        for name in ["loginEmail", "isActive", "roles", "password", "firstName"] {
            let refused = read(fields(json!({ name: 7 })));
            assert!(matches!(refused, Err(RestError::Invalid { field, .. }) if field == name), "{name}");
        }
    }
}
