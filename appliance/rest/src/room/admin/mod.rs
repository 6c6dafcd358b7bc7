//! What a company's administrator does with its bubbles: what they are called, whose they are and who is in them, nothing of
//! what is said.

pub(crate) mod avatar;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod read;
pub(crate) mod rehost;
pub(crate) mod remove;

use crate::body::Fields;
use crate::error::RestError;
use app::bubble::administer::Among;
use domain::ids::UserId;

/// `{scope: "some"|"all", users: [...]}` of a body; users without a scope are these.
fn among(fields: &mut Fields) -> Result<Among, RestError> {
    let (scope, users) = (fields.text("scope")?, fields.texts("users")?);
    match (scope.as_deref(), users) {
        (Some("all"), None) => Ok(Among::All),
        (None | Some("some"), Some(users)) => {
            let user = |id: &String| UserId::parse(id).map_err(|_| RestError::NotFound);
            Ok(Among::Some(users.iter().map(user).collect::<Result<_, _>>()?))
        }
        _ => Err(RestError::invalid("scope", "expected some, with a list of users, or all without one")),
    }
}

/// Somebody named in a body.
fn user(fields: &mut Fields, name: &'static str) -> Result<Option<UserId>, RestError> {
    let given = fields.text(name)?;
    given.map(|id| UserId::parse(&id).map_err(|error| RestError::invalid(name, error.to_string()))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn all_are_meant_only_where_it_is_said_and_nobody_is_named() {
        let read = |body| among(&mut fields(body));
        assert!(matches!(read(json!({"scope": "all"})), Ok(Among::All)));
        let one = json!({"users": ["d00000000000000000000001"]});
        assert!(matches!(read(one), Ok(Among::Some(users)) if users.len() == 1));
        for wrong in [json!({}), json!({"scope": "some"}), json!({"scope": "all", "users": []}), json!({"scope": "x"})]
        {
            assert!(read(wrong).is_err());
        }
    }
}
