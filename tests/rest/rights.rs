//! Table R1, its column "create and manage company and members", cell by cell, as the people who hold the roles.

use crate::tenant::{Member, Tenant, ids, owner, text};
use crate::{ADMIN_COMPANIES, ADMIN_USERS, NOBODY};
use serde_json::json;
use world::{SignedIn, expect};

/// A business partner with a customer, and two companies that are neither: one hidden, one public.
struct Market {
    owner: SignedIn,
    partner: Tenant,
    customer: Tenant,
    hidden: Tenant,
    public: Tenant,
}

impl Market {
    async fn new(test: &str) -> Self {
        let owner = owner().await;
        let partner =
            Tenant::with(&owner, &format!("{test}-partner"), json!({"isBP": true, "visibility": "private"})).await;
        let customer = Tenant::new(&owner, &format!("{test}-customer"), "private").await;
        let linked = customer.change(&owner, &json!({"bpId": partner.id})).await;
        assert_eq!(linked["bpId"], json!(partner.id));
        let hidden = Tenant::new(&owner, &format!("{test}-hidden"), "private").await;
        let public = Tenant::new(&owner, &format!("{test}-public"), "public").await;
        Self { owner, partner, customer, hidden, public }
    }

    /// Somebody of a company with these roles.
    async fn holder(&self, of: &Tenant, name: &str, roles: &[&str]) -> Member {
        let mut all = vec!["user"];
        all.extend(roles);
        of.member(&self.owner, name, json!({ "roles": all })).await
    }

    /// Does everything of the column to a company; each act must be answered alike: 200, 403 or 404.
    async fn acts(&self, who: &Member, on: &Tenant, expected: u16) {
        let member = on.person(&self.owner, &format!("victim-of-{}", who.id()), json!({})).await;
        let listed = format!("{ADMIN_USERS}?companyId={}&limit=1000", on.id);
        let all = expect::list(&self.owner.client.get(&listed).await);
        let found = all.iter().find(|user| user["loginEmail"] == json!(member.email)).expect("just added");
        let victim = format!("{ADMIN_USERS}/{}", text(&found["id"]));
        let new = json!({
            "companyId": on.id, "loginEmail": format!("new-by-{}@{}", who.id(), on.domain),
            "password": "Made-by-4dmin!", "firstName": "New", "roles": ["user"],
        });
        let acts = [
            ("GET", on.path(), json!(null)),
            ("PUT", on.path(), json!({ "name": on.name })),
            ("GET", listed, json!(null)),
            ("POST", ADMIN_USERS.to_owned(), new),
            ("GET", victim.clone(), json!(null)),
            ("GET", format!("{victim}/presences"), json!(null)),
            ("PUT", victim.clone(), json!({"title": "Dr."})),
            ("DELETE", victim, json!(null)),
        ];
        for (method, path, body) in acts {
            let request = who.client().request(method, &path);
            let answer = if body.is_null() { request.send().await } else { request.json(&body).send().await };
            assert_eq!(answer.status, expected, "{}: {}: {}", who.person.email, answer.asked, answer.text());
            if expected >= 400 {
                expect::refusal(&answer, expected);
            }
        }
    }
}

#[tokio::test]
async fn each_role_manages_company_and_members_as_the_table_says_r1() {
    let market = Market::new("cells").await;
    // Role, the company it is held in; what is answered on own, the customer's, a hidden and a public company.
    let cells: [(&str, &Tenant, &[&str], [u16; 4]); 6] = [
        ("operation", &market.partner, &["bp_admin"], [200, 200, 404, 403]),
        ("finance", &market.partner, &["bp_finance"], [200, 200, 404, 403]),
        // Seen, because an admin of a partner assigns licences to its customers; not managed.
        ("admin", &market.partner, &["admin"], [200, 403, 404, 403]),
        ("both", &market.partner, &["admin", "bp_admin"], [200, 200, 404, 403]),
        ("user", &market.partner, &[], [403, 404, 404, 403]),
        ("customer-admin", &market.customer, &["admin"], [404, 200, 404, 403]),
    ];
    for (name, of, roles, [own, customers, hidden, public]) in cells {
        let holder = market.holder(of, name, roles).await;
        market.acts(&holder, &market.partner, own).await;
        market.acts(&holder, &market.customer, customers).await;
        market.acts(&holder, &market.hidden, hidden).await;
        market.acts(&holder, &market.public, public).await;
    }
}

#[tokio::test]
async fn partners_roles_give_an_end_customers_people_nothing_r1() {
    let market = Market::new("customers").await;
    for (name, role) in [("operation", "bp_admin"), ("finance", "bp_finance")] {
        let holder = market.holder(&market.customer, name, &[role]).await;
        market.acts(&holder, &market.customer, 403).await;
        market.acts(&holder, &market.partner, 404).await;
    }
}

#[tokio::test]
async fn a_partner_lists_and_adds_its_own_customers_and_no_partners_r1() {
    let market = Market::new("adds").await;
    let operation = market.holder(&market.partner, "operation", &["bp_admin"]).await;
    let added = Tenant::with(&operation.signed_in, "adds-added", json!({"visibility": "closed"})).await;
    let page = expect::data(&operation.client().get(&added.path()).await);
    assert_eq!((&page["bpId"], &page["isBP"]), (&json!(market.partner.id), &json!(false)));
    market.acts(&operation, &added, 200).await;
    let listed = expect::list(&operation.client().get(&format!("{ADMIN_COMPANIES}?limit=1000")).await);
    let mut expected = vec![market.partner.id.clone(), market.customer.id.clone(), added.id.clone()];
    expected.sort();
    assert_eq!(ids(&listed), expected);

    let body = json!({"name": "Another partner", "isBP": true});
    expect::refusal(&operation.client().post(ADMIN_COMPANIES, &body).await, 403);
    let admin = market.holder(&market.partner, "admin", &["admin"]).await;
    expect::refusal(&admin.client().post(ADMIN_COMPANIES, &json!({"name": "By an admin"})).await, 403);
    let listed = expect::list(&admin.client().get(ADMIN_COMPANIES).await);
    assert_eq!(ids(&listed), std::slice::from_ref(&market.partner.id));
}

#[tokio::test]
async fn a_customer_that_leaves_its_partner_is_out_of_its_reach_at_once_r1() {
    let market = Market::new("leaves").await;
    let operation = market.holder(&market.partner, "operation", &["bp_admin"]).await;
    expect::success(&operation.client().get(&market.customer.path()).await);
    for body in [json!({"bpId": null}), json!({"bpId": market.hidden.id})] {
        expect::refusal(&operation.client().put(&market.customer.path(), &body).await, 403);
    }
    for wrong in [json!({"bpId": market.hidden.id}), json!({"bpId": NOBODY}), json!({"bpId": "7"})] {
        expect::refusal(&market.owner.client.put(&market.customer.path(), &wrong).await, 400);
    }
    market.customer.change(&market.owner, &json!({"bpId": null})).await;
    let foreign = operation.client().get(&market.customer.path()).await;
    let missing = operation.client().get(&format!("{ADMIN_COMPANIES}/{NOBODY}")).await;
    expect::refusal(&foreign, 404);
    expect::indistinguishable((&foreign, &market.customer.id), (&missing, NOBODY));
    market.acts(&operation, &market.customer, 404).await;
}

#[tokio::test]
async fn a_partner_gives_nobody_a_role_that_reaches_further_r1() {
    let market = Market::new("raise").await;
    let operation = market.holder(&market.partner, "operation", &["bp_admin"]).await;
    let (colleague, chief) = (
        market.holder(&market.partner, "colleague", &[]).await,
        market.holder(&market.customer, "chief", &["admin"]).await,
    );
    for who in [&operation, &colleague, &chief] {
        for role in ["superadmin", "bp_admin", "bp_finance"] {
            let path = format!("{ADMIN_USERS}/{}", who.id());
            let answer = operation.client().put(&path, &json!({"roles": ["user", role]})).await;
            expect::refusal(&answer, 403);
        }
    }
    let path = format!("{ADMIN_USERS}/{}", chief.id());
    let lowered = expect::data(&operation.client().put(&path, &json!({"roles": ["user"]})).await);
    assert_eq!(lowered["roles"], json!(["user"]));
    expect::refusal(&chief.client().get(&market.customer.path()).await, 403);
}
