//! A user in Rainbow's JSON.

use crate::edge::Edge;
use crate::error::RestError;
use crate::jid;
use app::people::User;
use app::{Caller, company};
use domain::clock::iso8601;
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use domain::rights::Role;
use serde_json::{Value, json};

/// Who looks at a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Somebody in the network: no roles, no state of the account.
    Contact,
    /// The user, or the company's administrator.
    Private,
}

/// What a user's JSON says that is not the user's own.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    domain: String,
    company: CompanyId,
    /// `None`: the caller may administer the company's members but not read its page.
    company_name: Option<String>,
    kind: Option<CompanyKind>,
}

impl Home {
    /// The caller's own company.
    pub(crate) async fn of_caller(edge: &Edge, caller: &Caller) -> Result<Self, RestError> {
        let page = company::read(&edge.app, caller, &caller.company).await?;
        Ok(Self {
            domain: edge.app.domain(),
            company: page.company.id,
            company_name: Some(page.company.name),
            kind: Some(caller.kind),
        })
    }

    /// A company whose members the caller administers.
    pub(crate) async fn administered(edge: &Edge, caller: &Caller, company: CompanyId) -> Result<Self, RestError> {
        if company == caller.company {
            return Self::of_caller(edge, caller).await;
        }
        Ok(Self { domain: edge.app.domain(), company, company_name: None, kind: None })
    }

    /// A user of this company.
    pub(crate) fn user(&self, user: &User, view: View) -> Value {
        let mut json = self.contact(user);
        if let (View::Private, Some(fields)) = (view, json.as_object_mut()) {
            let administers = user.roles.has(Role::CompanyAdmin);
            fields.insert(String::from("roles"), json!(user.roles.names()));
            fields.insert(String::from("adminType"), json!(if administers { "company_admin" } else { "undefined" }));
            fields.insert(String::from("isActive"), json!(user.active));
            fields.insert(String::from("accountType"), json!("free"));
            fields.insert(String::from("visibility"), json!("same_than_company"));
            fields.insert(String::from("creationDate"), json!(iso8601(user.created_ms)));
            fields.insert(String::from("customData"), json!({}));
        }
        json
    }

    /// What the user's contacts see.
    fn contact(&self, user: &User) -> Value {
        let profile = &user.profile;
        json!({
            "id": user.id,
            "companyId": self.company,
            "companyName": self.company_name,
            "isInDefaultCompany": self.kind.map(|kind| kind == CompanyKind::Default),
            "loginEmail": user.email,
            "firstName": profile.first_name,
            "lastName": profile.last_name,
            "displayName": display_name(user),
            "nickName": profile.nick_name,
            "title": profile.title,
            "jobTitle": profile.job_title,
            "country": profile.country,
            "language": profile.language,
            "timezone": profile.timezone,
            "jid_im": jid::bare(&user.id, &self.domain),
            "jid_tel": jid::phone(&user.id, &self.domain),
            "emails": [{ "email": user.email, "type": "work" }],
            "phoneNumbers": [],
            "tags": [],
            "isInitialized": true,
            "isTerminated": false,
            "lastAvatarUpdateDate": null,
        })
    }
}

/// First and last name; the address's local part when there is neither.
fn display_name(user: &User) -> String {
    let name = format!("{} {}", user.profile.first_name, user.profile.last_name);
    let name = name.trim();
    if name.is_empty() { user.email.as_str().split('@').next().unwrap_or_default().to_owned() } else { name.to_owned() }
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

    fn user(first_name: &str, last_name: &str, roles: Roles) -> User {
        User {
            no: PersonNo(1),
            id: UserId::parse(ID).expect("an id"),
            email: Email::parse("ada@acme.test").expect("an address"),
            profile: Profile {
                first_name: first_name.to_owned(),
                last_name: last_name.to_owned(),
                ..Profile::default()
            },
            roles,
            active: true,
            presence: Level::Online,
            created_ms: 0,
        }
    }

    fn home() -> Home {
        Home {
            domain: String::from("edge.test"),
            company: CompanyId::parse("c00000000000000000000bad").expect("an id"),
            company_name: Some(String::from("Acme")),
            kind: Some(CompanyKind::EndCustomer),
        }
    }

    #[test]
    fn a_contact_has_what_the_sdk_reads_and_nothing_private_b1() {
        let json = home().user(&user("Ada", "Byron", Roles::USER), View::Contact);
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
        for key in ["roles", "adminType", "isActive", "creationDate", "jid_password"] {
            assert!(json.get(key).is_none(), "{key}");
        }
    }

    #[test]
    fn the_private_view_tells_roles_and_kind_of_administrator_a8() {
        let member = home().user(&user("Ada", "Byron", Roles::USER), View::Private);
        assert_eq!((&member["roles"], &member["adminType"]), (&json!(["user"]), &json!("undefined")));
        let admin = home().user(&user("Ada", "Byron", Roles::USER.with(Role::CompanyAdmin)), View::Private);
        assert_eq!((&admin["roles"], &admin["adminType"]), (&json!(["user", "admin"]), &json!("company_admin")));
        assert_eq!(admin["creationDate"], json!("1970-01-01T00:00:00.000Z"));
        assert!(admin.get("jid_password").is_none());
    }

    #[test]
    fn somebody_without_a_name_is_shown_by_the_address_a3() {
        for (first, last, expected) in
            [("Ada", "Byron", "Ada Byron"), ("Ada", "", "Ada"), ("", "Byron", "Byron"), ("", "", "ada")]
        {
            assert_eq!(display_name(&user(first, last, Roles::USER)), expected);
        }
    }
}
