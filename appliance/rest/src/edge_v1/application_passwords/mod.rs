//! One's own application passwords (A11): for standard XMPP clients, each named and revocable.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod remove;

use app::sign_in::ApplicationPassword;
use domain::clock::iso8601;
use serde_json::{Value, json};

fn entry(one: &ApplicationPassword) -> Value {
    json!({
        "id": one.id,
        "name": one.name,
        "creationDate": iso8601(one.created_ms),
        "lastUseDate": one.used_ms.map(iso8601),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::ApplicationPasswordId;

    #[test]
    fn an_application_password_is_listed_without_the_password_a2_a11() {
        let id = ApplicationPasswordId::parse("d00000000000000000000bad").expect("an id");
        let mut one = ApplicationPassword { id, name: String::from("Phone"), created_ms: 0, used_ms: None };
        let expected = json!({
            "id": "d00000000000000000000bad",
            "name": "Phone",
            "creationDate": "1970-01-01T00:00:00.000Z",
            "lastUseDate": null,
        });
        assert_eq!(entry(&one), expected);
        one.used_ms = Some(60_000);
        assert_eq!(entry(&one)["lastUseDate"], json!("1970-01-01T00:01:00.000Z"));
    }
}
