//! Companies by `admin/v1.0`: adding, changing, organizations, visibility-by (B2, B4, B5, B11).

use crate::tenant::{Tenant, ids, organization, owner, text};
use crate::{ADMIN_COMPANIES, ADMIN_USERS, NOBODY, USERS, world};
use serde_json::{Value, json};
use world::expect;

const ORGANISATIONS: &str = "/api/rainbow/admin/v1.0/organisations";

#[tokio::test]
async fn the_owner_adds_a_company_and_its_people_live_in_it_b11() {
    let owner = owner().await;
    let body = json!({"name": " Fresh Company ", "country": "Fr", "state": null, "offerType": "freemium"});
    let made = expect::data(&owner.client.post(ADMIN_COMPANIES, &body).await);
    for (key, expected) in [
        ("name", json!("Fresh Company")),
        ("visibility", json!("public")),
        ("visibleBy", json!([])),
        ("organisationId", json!(null)),
        ("isBP", json!(false)),
        ("bpId", json!(null)),
    ] {
        assert_eq!(made[key], expected, "{key}");
    }
    assert!(made["creationDate"].is_string());
    expect::not_number_like(text(&made["id"]));
    let company = Tenant {
        id: text(&made["id"]).to_owned(),
        name: String::from("Fresh Company"),
        domain: String::from("fresh.test"),
    };
    let member = company.plain(&owner, "somebody").await;
    assert_eq!(member.signed_in.company_id(), company.id);
    let page = member.client().get(&format!("/api/rainbow/enduser/v1.0/companies/{}", company.id)).await;
    assert_eq!(expect::data(&page)["name"], json!("Fresh Company"));
    for wrong in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "x".repeat(300)}),
        json!({"name": "Odd", "visibility": "secret"}),
        json!({"name": "Odd", "isBP": "yes"}),
        json!({"name": "Odd", "organisationId": NOBODY}),
        json!({"name": "Odd", "bpId": NOBODY}),
        json!({"name": "Odd", "visibleBy": [NOBODY]}),
    ] {
        expect::refusal(&owner.client.post(ADMIN_COMPANIES, &wrong).await, 400);
    }
    expect::refusal(&owner.client.post(ADMIN_COMPANIES, &json!({"name": "fresh company"})).await, 409);
}

#[tokio::test]
async fn the_admin_sets_name_and_mode_of_his_own_company_and_of_no_other_b3() {
    let owner = owner().await;
    let (own, other) =
        (Tenant::new(&owner, "chief-own", "public").await, Tenant::new(&owner, "chief-other", "closed").await);
    let chief = own.member(&owner, "chief", json!({"roles": ["user", "admin"], "adminType": "company_admin"})).await;
    let plain = own.plain(&owner, "plain").await;
    let body = json!({"name": "Tenant renamed", "visibility": "private", "status": "active", "country": "FRA"});
    let changed = expect::data(&chief.client().put(&own.path(), &body).await);
    assert_eq!((&changed["name"], &changed["visibility"]), (&json!("Tenant renamed"), &json!("private")));
    let told = expect::data(&plain.client().get(&format!("{USERS}/{}", chief.id())).await);
    assert_eq!(told["companyName"], json!("Tenant renamed"), "the new name is everywhere at once");
    let listed = expect::list(&chief.client().get(&format!("{ADMIN_COMPANIES}?limit=100&offset=0")).await);
    assert_eq!(ids(&listed), std::slice::from_ref(&own.id));
    assert_eq!(expect::data(&chief.client().get(&own.path()).await), changed);

    expect::refusal(&plain.client().get(&own.path()).await, 403);
    expect::refusal(&plain.client().put(&own.path(), &json!({"name": "Mine"})).await, 403);
    expect::refusal(&plain.client().get(ADMIN_COMPANIES).await, 403);
    expect::refusal(&chief.client().post(ADMIN_COMPANIES, &json!({"name": "Second"})).await, 403);
    let missing_path = format!("{ADMIN_COMPANIES}/{NOBODY}");
    for (foreign, missing) in [
        (chief.client().get(&other.path()).await, chief.client().get(&missing_path).await),
        (
            chief.client().put(&other.path(), &json!({"visibility": "public"})).await,
            chief.client().put(&missing_path, &json!({"visibility": "public"})).await,
        ),
    ] {
        expect::refusal(&foreign, 404);
        expect::indistinguishable((&foreign, &other.id), (&missing, NOBODY));
    }
    for wrong in [json!({"visibility": "hotspot"}), json!({"visibility": "organization"}), json!({"name": ""})] {
        expect::refusal(&chief.client().put(&own.path(), &wrong).await, 400);
    }
    expect::refusal(&chief.client().put(&own.path(), &json!({"name": other.name})).await, 409);
    assert_eq!(expect::data(&chief.client().get(&own.path()).await), changed);
}

#[tokio::test]
async fn what_only_the_owner_may_do_no_admin_does_b5_b11() {
    let owner = owner().await;
    let (own, public) =
        (Tenant::new(&owner, "limits-own", "public").await, Tenant::new(&owner, "limits-public", "public").await);
    let closed = Tenant::new(&owner, "limits-closed", "closed").await;
    let organization = organization(&owner, "limits").await;
    let chief = own.member(&owner, "chief", json!({"roles": ["user", "admin"]})).await;
    for body in [json!({"organisationId": organization}), json!({"organisationId": null}), json!({"bpId": null})] {
        expect::refusal(&chief.client().put(&own.path(), &body).await, 403);
    }
    for method in ["POST", "DELETE"] {
        for (one, other, status) in
            [(&own, &public, 403), (&own, &closed, 403), (&closed, &own, 404), (&public, &own, 403)]
        {
            let path = format!("{}/visible-by/{}", one.path(), other.id);
            expect::refusal(&chief.client().request(method, &path).send().await, status);
        }
        let of = |id: &str| format!("{}/visible-by/{id}", own.path());
        let foreign = chief.client().request(method, &of(&closed.id)).send().await;
        let missing = chief.client().request(method, &of(NOBODY)).send().await;
        expect::indistinguishable((&foreign, &closed.id), (&missing, NOBODY));
    }
    expect::refusal(&chief.client().get(ORGANISATIONS).await, 403);
    expect::refusal(&chief.client().post(ORGANISATIONS, &json!({"name": "Mine"})).await, 403);
    for roles in [json!(["user", "superadmin"]), json!(["user", "bp_admin"]), json!(["user", "bp_finance"])] {
        let raise = chief.client().put(&format!("{ADMIN_USERS}/{}", chief.id()), &json!({ "roles": roles })).await;
        expect::refusal(&raise, 403);
    }
}

#[tokio::test]
async fn visible_by_is_told_to_administrators_and_set_by_its_own_routes_b5() {
    let owner = owner().await;
    let (one, other) =
        (Tenant::new(&owner, "shown-one", "isolated").await, Tenant::new(&owner, "shown-other", "isolated").await);
    for _ in 0..2 {
        one.visible_by(&owner, &other, true).await;
        for (of, to) in [(&one, &other), (&other, &one)] {
            let page = expect::data(&owner.client.get(&of.path()).await);
            assert_eq!(page["visibleBy"], json!([to.id]), "it holds both ways");
        }
    }
    let refused = expect::refusal(&owner.client.put(&one.path(), &json!({"visibleBy": []})).await, 400);
    assert!(text(&refused["errorDetails"]).contains("/visible-by/"), "{refused}");
    other.visible_by(&owner, &one, false).await;
    other.visible_by(&owner, &one, false).await;
    assert_eq!(expect::data(&owner.client.get(&one.path()).await)["visibleBy"], json!([]));
    let with_itself = format!("{}/visible-by/{}", one.path(), one.id);
    expect::refusal(&owner.client.request("POST", &with_itself).send().await, 400);
    let with_nobody = format!("{}/visible-by/{NOBODY}", one.path());
    expect::refusal(&owner.client.request("POST", &with_nobody).send().await, 404);
}

#[tokio::test]
async fn a_company_comes_into_an_organization_and_out_of_it_b4() {
    let owner = owner().await;
    let organization = organization(&owner, "come and go").await;
    let listed = expect::list(&owner.client.get(ORGANISATIONS).await);
    assert!(listed.iter().any(|one| one["id"] == json!(organization) && one["name"].is_string()));
    expect::refusal(&owner.client.post(ORGANISATIONS, &json!({"name": "Organization come and go"})).await, 409);
    expect::refusal(&owner.client.post(ORGANISATIONS, &json!({"name": ""})).await, 400);

    let company = Tenant::new(&owner, "joiner", "private").await;
    expect::refusal(&owner.client.put(&company.path(), &json!({"visibility": "organization"})).await, 400);
    for wrong in [json!({"organisationId": NOBODY}), json!({"organisationId": "7"}), json!({"organisationId": 7})] {
        expect::refusal(&owner.client.put(&company.path(), &wrong).await, 400);
    }
    let joined = company.change(&owner, &json!({"organisationId": organization, "visibility": "organization"})).await;
    assert_eq!((&joined["organisationId"], &joined["visibility"]), (&json!(organization), &json!("organization")));
    expect::refusal(&owner.client.put(&company.path(), &json!({"organisationId": null})).await, 400);
    let left = company.change(&owner, &json!({"organisationId": null, "visibility": "private"})).await;
    assert_eq!((&left["organisationId"], &left["visibility"]), (&Value::Null, &json!("private")));
}

#[tokio::test]
async fn a_new_mode_holds_at_once_and_leaves_networks_alone_b3_b6() {
    let owner = owner().await;
    let (moving, other) =
        (Tenant::new(&owner, "moving", "public").await, Tenant::new(&owner, "watching", "public").await);
    let (friend, stranger) = (other.plain(&owner, "friend").await, other.plain(&owner, "stranger").await);
    let member = moving.plain(&owner, "member").await;
    expect::success(&member.does("accept", &friend.invites(&member).await).await);
    for (mode, seen) in [("isolated", 404), ("public", 200), ("closed", 404), ("private", 404)] {
        moving.change(&owner, &json!({ "visibility": mode })).await;
        let path = format!("{USERS}/{}", member.id());
        assert_eq!(stranger.client().get(&path).await.status, seen, "{mode}");
        let near = expect::data(&friend.client().get(&path).await);
        assert_eq!(near["loginEmail"], json!(member.person.email), "{mode}: a network outlives a mode");
    }
}

#[tokio::test]
async fn a_user_cannot_be_moved_to_another_company_a9() {
    let owner = owner().await;
    let (own, other) =
        (Tenant::new(&owner, "stays-own", "public").await, Tenant::new(&owner, "stays-other", "public").await);
    let member = own.plain(&owner, "member").await;
    let path = format!("{ADMIN_USERS}/{}", member.id());
    let refused =
        expect::refusal(&owner.client.put(&path, &json!({"companyId": other.id, "firstName": "X"})).await, 400);
    assert!(text(&refused["errorDetails"]).starts_with("companyId:"), "{refused}");
    let user = expect::data(&owner.client.put(&path, &json!({"companyId": own.id, "firstName": "Kept"})).await);
    assert_eq!((&user["companyId"], &user["firstName"]), (&json!(own.id), &json!("Kept")));
    assert_eq!(user["companyName"], json!(own.name));
}

#[tokio::test]
async fn lists_of_companies_filter_by_name_and_page_b1() {
    let owner = owner().await;
    for number in 0..3 {
        Tenant::new(&owner, &format!("paged-{number}"), "isolated").await;
    }
    let mut seen = Vec::new();
    for offset in 0..3 {
        let path =
            format!("{ADMIN_COMPANIES}?format=small&sortField=name&limit=1&offset={offset}&name=TENANT%20paged-");
        let answer = owner.client.get(&path).await;
        assert_eq!(answer.json()["total"], json!(3));
        seen.extend(ids(&expect::list(&answer)));
    }
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let all = expect::list(&owner.client.get(&format!("{ADMIN_COMPANIES}?limit=1000")).await);
    assert!(all.len() > 4 && all.iter().any(|one| one["name"] == json!(world::ACME)));
    let of_globex = world().globex_admin.sign_in(&world().edge).await;
    let own = expect::list(&of_globex.client.get(ADMIN_COMPANIES).await);
    assert_eq!(ids(&own), [of_globex.company_id().to_owned()]);
}
