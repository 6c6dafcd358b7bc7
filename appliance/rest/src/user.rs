//! A person in Rainbow's JSON.

use crate::answer::{Answer, data};
use crate::edge::Edge;
use crate::error::RestError;
use crate::jid;
use app::people::{Seen, User};
use app::{Caller, company};
use domain::clock::iso8601;
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use domain::rights::Role;
use domain::visibility::Visibility;
use serde_json::{Value, json};

/// Who looks at a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Anybody who may know of him: no roles, no state of the account; addresses only to who is near.
    Contact,
    /// The user, or the company's administrator.
    Private,
}

/// What is shown in place of a name to people who see no address either.
const NAMELESS: &str = "(no name)";
/// The `visibility` of a member who is not set apart (B2).
pub(crate) const AS_COMPANY: &str = "same_than_company";

/// A company whose members the caller administers.
pub(crate) struct Administered {
    company: CompanyId,
    name: String,
    standalone: bool,
}

impl Administered {
    pub(crate) async fn company(edge: &Edge, caller: &Caller, id: &CompanyId) -> Result<Self, RestError> {
        let page = company::find_administered(&edge.app, caller, id).await?;
        let standalone = page.facts.kind == CompanyKind::Default;
        Ok(Self { company: page.company.id, name: page.company.name, standalone })
    }

    /// A member, as the administrator sees him.
    pub(crate) fn member(&self, user: User, domain: &str) -> Value {
        let company_name = Some(self.name.clone());
        let (company, standalone) = (self.company.clone(), self.standalone);
        person(&Seen { user, company, company_name, standalone, near: true }, domain, View::Private)
    }
}

/// Answers one member, as the administrator sees him.
pub(crate) async fn administered(edge: &Edge, caller: &Caller, company: &CompanyId, user: User) -> Answer {
    data(&Administered::company(edge, caller, company).await?.member(user, &edge.app.domain()))
}

/// A person.
pub(crate) fn person(seen: &Seen, domain: &str, view: View) -> Value {
    let mut json = contact(seen, domain);
    let user = &seen.user;
    if let (View::Private, Some(fields)) = (view, json.as_object_mut()) {
        let administers = user.roles.has(Role::CompanyAdmin);
        fields.insert(String::from("roles"), json!(user.roles.names()));
        fields.insert(String::from("adminType"), json!(if administers { "company_admin" } else { "undefined" }));
        fields.insert(String::from("guestMode"), json!(user.roles.is_guest()));
        fields.insert(String::from("isActive"), json!(user.active));
        fields.insert(String::from("hasJoined"), json!(user.joined));
        fields.insert(String::from("accountType"), json!("free"));
        fields.insert(String::from("visibility"), json!(user.set_apart.map_or(AS_COMPANY, Visibility::name)));
        let sharing = user.shares_files.map_or(AS_COMPANY, crate::admin::customisation);
        fields.insert(String::from("fileSharingCustomisation"), json!(sharing));
        fields.insert(String::from("creationDate"), json!(iso8601(user.created_ms)));
        fields.insert(String::from("customData"), json!({}));
    }
    json
}

/// What anybody sees who may know of him; addresses, language and time zone only who is near (B6).
fn contact(seen: &Seen, domain: &str) -> Value {
    let (user, near) = (&seen.user, seen.near);
    let profile = &user.profile;
    let emails = if near { json!([{ "email": user.email, "type": "work" }]) } else { json!([]) };
    json!({
        "id": user.id,
        "companyId": seen.company,
        "companyName": seen.company_name,
        "isInDefaultCompany": seen.standalone,
        "loginEmail": near.then_some(&user.email),
        "firstName": profile.first_name,
        "lastName": profile.last_name,
        "displayName": display_name(seen),
        "nickName": profile.nick_name,
        "title": profile.title,
        "jobTitle": profile.job_title,
        "country": profile.country,
        "language": near.then_some(&profile.language),
        "timezone": near.then_some(&profile.timezone),
        "jid_im": jid::bare(&user.id, domain),
        "jid_tel": jid::phone(&user.id, domain),
        "emails": emails,
        "phoneNumbers": [],
        "tags": [],
        "isInitialized": true,
        "isTerminated": false,
        "lastAvatarUpdateDate": null,
    })
}

/// First and last name. Without either: the address's local part to who is near, a text that tells nothing to others.
pub(crate) fn display_name(seen: &Seen) -> String {
    let name = seen.user.profile.full_name();
    let address = || seen.user.email.as_str().split('@').next().unwrap_or_default();
    match (name.is_empty(), seen.near) {
        (false, _) => name,
        (true, true) => address().to_owned(),
        (true, false) => NAMELESS.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::people::Profile;
    use domain::email::Email;
    use domain::ids::UserId;
    use domain::presence::Level;
    use domain::rights::Roles;
    use store::person::PersonNo;

    const ID: &str = "d00000000000000000000bad";
    const DOMAIN: &str = "edge.test";

    fn seen(first_name: &str, last_name: &str, roles: Roles, near: bool) -> Seen {
        let profile = Profile {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            language: String::from("fr"),
            timezone: String::from("Europe/Paris"),
            ..Profile::default()
        };
        let user = User {
            no: PersonNo(1),
            id: UserId::parse(ID).expect("an id"),
            email: Email::parse("ada@acme.test").expect("an address"),
            profile,
            set_apart: None,
            shares_files: None,
            roles,
            active: true,
            joined: true,
            presence: Level::Online,
            created_ms: 0,
        };
        let company = CompanyId::parse("c00000000000000000000bad").expect("an id");
        Seen { user, company, company_name: Some(String::from("Acme")), standalone: false, near }
    }

    #[test]
    fn a_contact_has_what_the_sdk_reads_and_nothing_private_b1() {
        let json = person(&seen("Ada", "Byron", Roles::USER, true), DOMAIN, View::Contact);
        for (key, expected) in [
            ("id", json!(ID)),
            ("companyId", json!("c00000000000000000000bad")),
            ("companyName", json!("Acme")),
            ("loginEmail", json!("ada@acme.test")),
            ("displayName", json!("Ada Byron")),
            ("jid_im", json!(format!("{ID}@edge.test"))),
            ("jid_tel", json!(format!("tel_{ID}@edge.test"))),
            ("emails", json!([{"email": "ada@acme.test", "type": "work"}])),
            ("phoneNumbers", json!([])),
            ("isInDefaultCompany", json!(false)),
        ] {
            assert_eq!(json[key], expected, "{key}");
        }
        for key in ["roles", "adminType", "isActive", "hasJoined", "creationDate", "visibility", "jid_password"] {
            assert!(json.get(key).is_none(), "{key}");
        }
    }

    #[test]
    fn who_is_not_near_sees_a_name_and_no_address_b6() {
        for (first, last) in [("Ada", "Byron"), ("", "")] {
            let json = person(&seen(first, last, Roles::USER, false), DOMAIN, View::Contact);
            let told = json.to_string();
            for word in ["ada@", "acme.test", "\"ada\"", "fr\"", "Paris"] {
                assert!(!told.contains(word), "{word}: {told}");
            }
            assert_eq!((&json["loginEmail"], &json["emails"]), (&Value::Null, &json!([])));
            assert!(json["displayName"].as_str().is_some_and(|name| !name.is_empty()), "{told}");
        }
    }

    #[test]
    fn the_private_view_tells_roles_and_kind_of_administrator_a8() {
        let member = person(&seen("Ada", "Byron", Roles::USER, true), DOMAIN, View::Private);
        assert_eq!((&member["roles"], &member["adminType"]), (&json!(["user"]), &json!("undefined")));
        let roles = Roles::USER.with(Role::CompanyAdmin);
        let admin = person(&seen("Ada", "Byron", roles, true), DOMAIN, View::Private);
        assert_eq!((&admin["roles"], &admin["adminType"]), (&json!(["user", "admin"]), &json!("company_admin")));
        assert_eq!(admin["creationDate"], json!("1970-01-01T00:00:00.000Z"));
        assert!(admin.get("jid_password").is_none());
    }

    #[test]
    fn the_private_view_tells_how_a_member_is_set_apart_b2() {
        let mut member = seen("Ada", "Byron", Roles::USER, true);
        assert_eq!(person(&member, DOMAIN, View::Private)["visibility"], json!("same_than_company"));
        member.user.set_apart = Some(Visibility::Private);
        assert_eq!(person(&member, DOMAIN, View::Private)["visibility"], json!("private"));
    }

    #[test]
    fn somebody_without_a_name_is_shown_by_the_address_to_who_sees_it_a3() {
        for (first, last, near, expected) in [
            ("Ada", "Byron", true, "Ada Byron"),
            ("Ada", "", false, "Ada"),
            ("", "Byron", true, "Byron"),
            ("", "", true, "ada"),
            ("", "", false, NAMELESS),
        ] {
            assert_eq!(display_name(&seen(first, last, Roles::USER, near)), expected);
        }
    }
}
