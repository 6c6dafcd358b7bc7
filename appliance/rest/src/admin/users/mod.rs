//! The members of a company.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod presences;
pub(crate) mod read;
pub(crate) mod remove;

use crate::body::Fields;
use crate::error::RestError;
use crate::user::AS_COMPANY;
use domain::rights::{Role, Roles};
use domain::visibility::Visibility;

/// `roles` of a body, with `adminType`, which says what an administrator administers: here always the company.
fn roles(fields: &mut Fields) -> Result<Option<Roles>, RestError> {
    if let Some(kind) = fields.text("adminType")?
        && !matches!(kind.as_str(), "company_admin" | "undefined")
    {
        return Err(RestError::invalid("adminType", "expected company_admin or undefined"));
    }
    let Some(names) = fields.texts("roles")? else { return Ok(None) };
    let roles = Roles::parse(names.iter().map(String::as_str));
    roles.map(Some).map_err(|_| {
        let known: Vec<&str> = Role::NAMES.iter().map(|(_, name)| *name).collect();
        RestError::invalid("roles", format!("expected some of {}", known.join(", ")))
    })
}

/// `visibility` of a body: as the company, or set apart from it. What the company's mode allows, the verb says (B2).
fn set_apart(fields: &mut Fields) -> Result<Option<Option<Visibility>>, RestError> {
    let Some(name) = fields.text("visibility")? else { return Ok(None) };
    if name == AS_COMPANY {
        return Ok(Some(None));
    }
    let mode = Visibility::parse(&name).ok_or_else(|| {
        RestError::invalid("visibility", format!("expected {AS_COMPANY}, public or private, as the company allows"))
    });
    mode.map(|mode| Some(Some(mode)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn roles_are_read_by_rainbows_names_a8() {
        let mut given = fields(json!({"roles": ["user", "admin"], "adminType": "company_admin"}));
        assert_eq!(roles(&mut given).ok().flatten(), Some(Roles::USER.with(Role::CompanyAdmin)));
        assert!(matches!(roles(&mut fields(json!({}))), Ok(None)));
    }

    #[test]
    fn the_kind_of_administrator_alone_makes_none_a8() {
        assert!(matches!(roles(&mut fields(json!({"adminType": "company_admin"}))), Ok(None)));
    }

    #[test]
    fn unknown_roles_and_kinds_are_refused_a8() {
        for body in [
            json!({"roles": ["emperor"]}),
            json!({"roles": "admin"}),
            json!({"roles": [1]}),
            json!({"roles": ["user", "admin"], "adminType": "organization_admin"}),
            json!({"adminType": 7}),
        ] {
            assert!(matches!(roles(&mut fields(body)), Err(RestError::Invalid { .. })));
        }
    }
}
