use super::{roles, set_apart};
use crate::admin::sharing_of_member;
use crate::answer::Answer;
use crate::body::Fields;
use crate::caller::SignedIn;
use crate::edge::Edge;
use crate::error::RestError;
use crate::path::Ids;
use crate::profile;
use crate::user;
use app::people::{self, AdminChange};
use axum::extract::State;
use domain::ids::CompanyId;
use zeroize::Zeroizing;

/// `PUT admin/v1.0/users/{uid}`: what the body does not give stays.
pub(crate) async fn change(
    State(edge): State<Edge>,
    SignedIn(caller): SignedIn,
    ids: Ids,
    mut fields: Fields,
) -> Answer {
    let id = ids.user()?;
    let (company, _) = people::find_member(&edge.app, &caller, &id).await?;
    stays(&mut fields, &company)?;
    let changed = people::change_member(&edge.app, &caller, &id, read(fields)?).await?;
    user::administered(&edge, &caller, &company, changed).await
}

/// A user belongs to one company (A9): clients send it along, but it cannot be another.
fn stays(fields: &mut Fields, company: &CompanyId) -> Result<(), RestError> {
    match fields.text("companyId")? {
        Some(asked) if asked != company.as_str() => {
            Err(RestError::invalid("companyId", "a user belongs to one company and cannot be moved to another"))
        }
        _ => Ok(()),
    }
}

fn read(mut fields: Fields) -> Result<AdminChange, RestError> {
    Ok(AdminChange {
        profile: Some(profile::change(&mut fields)?),
        email: fields.text("loginEmail")?,
        active: fields.flag("isActive")?,
        roles: roles(&mut fields)?,
        set_apart: set_apart(&mut fields)?,
        shares_files: sharing_of_member(&mut fields)?,
        password: fields.text("password")?.map(Zeroizing::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use domain::visibility::Visibility;
    use serde_json::json;

    #[test]
    fn what_is_not_given_stays() {
        let change = read(fields(json!({"isActive": false, "timeToLive": -1, "userInfo1": "x"}))).expect("a change");
        assert_eq!(change.active, Some(false));
        assert!(change.email.is_none() && change.roles.is_none() && change.password.is_none());
    }

    #[test]
    fn a_member_is_set_apart_or_as_the_company_again_b2() {
        let asked = |mode: &str| read(fields(json!({ "visibility": mode }))).map(|change| change.set_apart);
        assert!(matches!(asked("private"), Ok(Some(Some(Visibility::Private)))));
        assert!(matches!(asked("same_than_company"), Ok(Some(None))));
        assert!(matches!(asked("hotspot"), Err(RestError::Invalid { field: "visibility", .. })));
        assert!(matches!(read(fields(json!({}))).map(|change| change.set_apart), Ok(None)));
    }

    #[test]
    fn a_user_stays_in_his_company_a9() {
        let company = CompanyId::parse("c00000000000000000000bad").expect("an id");
        assert!(stays(&mut fields(json!({})), &company).is_ok());
        assert!(stays(&mut fields(json!({"companyId": company.as_str()})), &company).is_ok());
        let moved = stays(&mut fields(json!({"companyId": "c00000000000000000000aaa"})), &company);
        assert!(matches!(moved, Err(RestError::Invalid { field: "companyId", .. })));
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        for name in ["loginEmail", "isActive", "roles", "password", "firstName", "visibility"] {
            let refused = read(fields(json!({ name: 7 })));
            assert!(matches!(refused, Err(RestError::Invalid { field, .. }) if field == name), "{name}");
        }
    }
}
