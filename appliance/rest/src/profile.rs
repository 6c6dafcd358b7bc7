//! The personal fields of a user in a body (A3).

use crate::body::Fields;
use crate::error::RestError;
use app::people::{Profile, ProfileChange};

/// The change that a body asks for; what it does not give stays.
pub(crate) fn change(fields: &mut Fields) -> Result<ProfileChange, RestError> {
    let first_name = fields.text("firstName")?;
    let last_name = fields.text("lastName")?;
    let title = fields.text("title")?;
    let job_title = fields.text("jobTitle")?;
    let nick_name = fields.text("nickName")?;
    let country = fields.text("country")?;
    let language = fields.text("language")?;
    let timezone = fields.text("timezone")?;
    Ok(Box::new(move |profile: &mut Profile| {
        let set = |field: &mut String, new: Option<String>| {
            if let Some(new) = new {
                *field = new;
            }
        };
        set(&mut profile.first_name, first_name);
        set(&mut profile.last_name, last_name);
        set(&mut profile.title, title);
        set(&mut profile.job_title, job_title);
        set(&mut profile.nick_name, nick_name);
        set(&mut profile.country, country);
        set(&mut profile.language, language);
        set(&mut profile.timezone, timezone);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::fields;
    use serde_json::json;

    #[test]
    fn only_what_is_given_changes() {
        let mut profile = Profile { first_name: String::from("Ada"), title: String::from("Dr."), ..Profile::default() };
        let given = json!({"lastName": "Byron", "title": "", "roles": ["admin"], "firstName": null});
        change(&mut fields(given)).expect("a valid body")(&mut profile);
        let expected =
            Profile { first_name: String::from("Ada"), last_name: String::from("Byron"), ..Profile::default() };
        assert_eq!(profile, expected);
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named() {
        for name in ["firstName", "lastName", "title", "jobTitle", "nickName", "country", "language", "timezone"] {
            let refused = change(&mut fields(json!({ name: 1 })));
            assert!(matches!(refused, Err(RestError::Invalid { field, .. }) if field == name), "{name}");
        }
    }
}
