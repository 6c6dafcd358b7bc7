//! Companies and people made through administration, as the box owner makes them.

use crate::{ADMIN_COMPANIES, ADMIN_USERS, USERS, world};
use serde_json::{Value, json};
use world::{Person, SignedIn, expect};

/// The box owner, signed in.
pub(crate) async fn owner() -> SignedIn {
    let world = world();
    world.admin.sign_in(&world.edge).await
}

/// A company that one test has to itself.
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The domain of its people's addresses.
    pub(crate) domain: String,
}

/// One of its people, signed in.
pub(crate) struct Member {
    pub(crate) person: Person,
    pub(crate) signed_in: SignedIn,
}

impl Member {
    pub(crate) fn id(&self) -> &str {
        self.signed_in.id()
    }

    pub(crate) fn client(&self) -> &world::Client {
        &self.signed_in.client
    }

    /// A path below `users/{uid}` of his own.
    pub(crate) fn own(&self, rest: &str) -> String {
        format!("{USERS}/{}/{rest}", self.id())
    }

    /// The ids of his network.
    pub(crate) async fn network(&self) -> Vec<String> {
        ids(&expect::list(&self.client().get(&format!("{USERS}/networks?format=full")).await))
    }

    /// Invites somebody by id; the invitation.
    pub(crate) async fn invites(&self, whom: &Self) -> Value {
        let body = json!({"invitedUserId": whom.id()});
        expect::data(&self.client().post(&self.own("invitations"), &body).await)
    }

    /// Does something (`accept`, `cancel`...) to an invitation, by its JSON.
    pub(crate) async fn does(&self, what: &str, invitation: &Value) -> world::Answer {
        let path = self.own(&format!("invitations/{}/{what}", text(&invitation["id"])));
        self.client().post(&path, &json!({})).await
    }
}

/// The ids of some people, in order.
pub(crate) fn ids(people: &[Value]) -> Vec<String> {
    let mut ids: Vec<String> = people.iter().map(|person| text(&person["id"]).to_owned()).collect();
    ids.sort();
    ids
}

/// A string in an answer.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a string is expected: {value}"))
}

impl Tenant {
    /// A customer of its own in this mode; `name` is new to the suite, in lower case.
    pub(crate) async fn new(owner: &SignedIn, name: &str, visibility: &str) -> Self {
        Self::with(owner, name, json!({"visibility": visibility})).await
    }

    /// A company with these fields besides its name.
    pub(crate) async fn with(maker: &SignedIn, name: &str, fields: Value) -> Self {
        let mut body = fields;
        body["name"] = json!(format!("Tenant {name}"));
        let made = expect::data(&maker.client.post(ADMIN_COMPANIES, &body).await);
        let (id, name_told) = (text(&made["id"]).to_owned(), text(&made["name"]).to_owned());
        Self { id, name: name_told, domain: format!("{name}.test") }
    }

    /// A company in this mode; `organization` mode needs the organization.
    pub(crate) async fn in_organization(owner: &SignedIn, name: &str, visibility: &str, organization: &str) -> Self {
        let tenant = Self::new(owner, name, "private").await;
        tenant.change(owner, &json!({"organisationId": organization, "visibility": visibility})).await;
        tenant
    }

    /// Changes it, as who may.
    pub(crate) async fn change(&self, by: &SignedIn, fields: &Value) -> Value {
        expect::data(&by.client.put(&self.path(), fields).await)
    }

    /// Its path in administration.
    pub(crate) fn path(&self) -> String {
        format!("{ADMIN_COMPANIES}/{}", self.id)
    }

    /// Lets it and another see one another, or ends it.
    pub(crate) async fn visible_by(&self, owner: &SignedIn, other: &Self, on: bool) {
        let path = format!("{}/visible-by/{}", self.path(), other.id);
        let method = if on { "POST" } else { "DELETE" };
        expect::success(&owner.client.request(method, &path).send().await);
    }

    /// Adds somebody with these fields besides address and password, and signs in.
    pub(crate) async fn member(&self, by: &SignedIn, name: &str, fields: Value) -> Member {
        let person = self.person(by, name, fields).await;
        let signed_in = person.sign_in(&world().edge).await;
        Member { person, signed_in }
    }

    /// Adds somebody plain.
    pub(crate) async fn plain(&self, by: &SignedIn, name: &str) -> Member {
        self.member(by, name, json!({})).await
    }

    /// Adds somebody who does not sign in yet.
    pub(crate) async fn person(&self, by: &SignedIn, name: &str, fields: Value) -> Person {
        let mut person = Person::named(&self.name, &format!("{name}@{}", self.domain));
        let mut body = json!({
            "companyId": self.id, "loginEmail": person.email, "password": person.password,
            "firstName": person.first_name, "lastName": person.last_name, "roles": ["user"],
        });
        for (key, value) in fields.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        person.first_name = text(&body["firstName"]).to_owned();
        person.last_name = text(&body["lastName"]).to_owned();
        expect::success(&by.client.post(ADMIN_USERS, &body).await);
        person
    }
}

/// Makes an organization.
pub(crate) async fn organization(owner: &SignedIn, name: &str) -> String {
    let path = "/api/rainbow/admin/v1.0/organisations";
    let made = expect::data(&owner.client.post(path, &json!({"name": format!("Organization {name}")})).await);
    text(&made["id"]).to_owned()
}
