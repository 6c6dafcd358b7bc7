//! Search for people and companies: what is found, and that counts tell no more (B3, B6, B7).

use crate::tenant::{Member, Tenant, ids, owner};
use crate::{ADMIN_USERS, NOBODY, SEARCH};
use serde_json::{Value, json};
use world::{SignedIn, expect};

const COMPANIES: &str = "/api/rainbow/enduser/v1.0/companies";

/// A person with this name.
async fn named(company: &Tenant, owner: &SignedIn, account: &str, first: &str, last: &str) -> Member {
    company.member(owner, account, json!({"firstName": first, "lastName": last})).await
}

async fn search(who: &Member, query: &str) -> Vec<Value> {
    expect::list(&who.client().get(&format!("{SEARCH}?{query}")).await)
}

fn names(people: &[Value]) -> Vec<&str> {
    people.iter().filter_map(|person| person["displayName"].as_str()).collect()
}

#[tokio::test]
async fn people_are_found_by_the_beginnings_of_their_names_b7() {
    let owner = owner().await;
    let (here, there) =
        (Tenant::new(&owner, "find-here", "public").await, Tenant::new(&owner, "find-there", "public").await);
    let seeker = here.plain(&owner, "seeker").await;
    let jurgen = named(&there, &owner, "j", "Jürgen", "Öztürk-Quint").await;
    named(&there, &owner, "k", "Judith", "Quintessa").await;
    for (query, expected) in [
        ("displayName=J%C3%BCrgen%20%C3%96zt", vec!["Jürgen Öztürk-Quint"]),
        ("displayName=j%C3%BCrgen+%C3%B6zt&limit=20&sortOrder=1&sortField=lastName", vec!["Jürgen Öztürk-Quint"]),
        ("search=quint", vec!["Judith Quintessa", "Jürgen Öztürk-Quint"]),
        ("displayName=quint&search=nothing", vec!["Judith Quintessa", "Jürgen Öztürk-Quint"]),
        ("displayName=uint", vec![]),
        ("displayName=J%C3%BCrgen%20Quintessa", vec![]),
        ("displayName=%25", vec![]),
    ] {
        if query.ends_with("%25") {
            expect::refusal(&seeker.client().get(&format!("{SEARCH}?{query}")).await, 400);
            continue;
        }
        let mut found = search(&seeker, query).await;
        found.sort_by_key(|person| person["displayName"].to_string());
        assert_eq!(names(&found), expected, "{query}");
    }
    let found = search(&seeker, "search=%C3%B6zt%C3%BCrk").await;
    expect::distant(&found[0], &jurgen.person.email);
    assert_eq!(found[0]["companyName"], json!(there.name));
    let by_address = format!("search={}", jurgen.person.email.replace('@', "%40"));
    assert!(search(&seeker, &by_address).await.is_empty(), "no address is searched");
}

#[tokio::test]
async fn a_search_is_narrowed_by_company_and_pages_end_b7() {
    let owner = owner().await;
    let (here, there) =
        (Tenant::new(&owner, "page-here", "public").await, Tenant::new(&owner, "page-there", "public").await);
    let hidden = Tenant::new(&owner, "page-hidden", "closed").await;
    let seeker = here.plain(&owner, "seeker").await;
    for (company, count) in [(&here, 1), (&there, 3), (&hidden, 2)] {
        for number in 0..count {
            let last = format!("Number{number}");
            company.person(&owner, &format!("p{number}"), json!({"firstName": "Pagepeople", "lastName": last})).await;
        }
    }
    let of = |query: String| {
        let seeker = &seeker;
        async move {
            let answer = seeker.client().get(&format!("{SEARCH}?displayName=pagepeople&{query}")).await;
            (expect::list(&answer).len(), answer.json()["total"].as_u64())
        }
    };
    assert_eq!(of(String::new()).await, (4, Some(4)), "hidden people are not counted either");
    assert_eq!(of(format!("companyId={}", there.id)).await, (3, Some(3)));
    assert_eq!(of(format!("excludeCompanyId={}", there.id)).await, (1, Some(1)));
    assert_eq!(of(format!("companyId={}", hidden.id)).await, of(format!("companyId={NOBODY}")).await);
    assert_eq!(of(format!("companyId={}&companyId={}", hidden.id, there.id)).await.0, 0);
    assert_eq!(of(String::from("limit=3")).await, (3, Some(4)));
    assert_eq!(of(String::from("limit=3&offset=3")).await, (1, Some(4)));
    assert_eq!(of(String::from("limit=3&offset=50")).await, (0, Some(50)), "the client that asks on comes to an end");
}

#[tokio::test]
async fn an_empty_or_endless_search_is_refused_b7_e5() {
    let owner = owner().await;
    let seeker = Tenant::new(&owner, "empty", "public").await.plain(&owner, "seeker").await;
    let long = format!("displayName={}", "x".repeat(300));
    for query in ["", "displayName=", "search=", "displayName=%20%20", "displayName=...", "limit=0&search=a", &long] {
        expect::refusal(&seeker.client().get(&format!("{SEARCH}?{query}")).await, 400);
    }
    for query in ["displayName=%ff%fe", "displayName=a%00b", "displayName=%F0%9F%98%80x", "displayName=%27%3B--x"] {
        let answer = seeker.client().get(&format!("{SEARCH}?{query}")).await;
        assert!(matches!(answer.status, 200 | 400), "{query}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_private_contact_in_my_network_is_found_by_my_search_b6() {
    let owner = owner().await;
    let (here, there) =
        (Tenant::new(&owner, "net-here", "private").await, Tenant::new(&owner, "net-there", "private").await);
    let seeker = here.plain(&owner, "seeker").await;
    let friend = named(&there, &owner, "friend", "Netfriend", "Privy").await;
    named(&there, &owner, "other", "Netfriend", "Other").await;
    assert!(search(&seeker, "displayName=netfriend").await.is_empty());
    let invitation = seeker.invites(&friend).await;
    assert!(search(&seeker, "displayName=netfriend").await.is_empty(), "an invitation alone shows nobody");
    expect::success(&friend.does("accept", &invitation).await);
    let found = search(&seeker, "displayName=netfriend").await;
    assert_eq!(ids(&found), [friend.id()]);
    assert_eq!(found[0]["loginEmail"], json!(friend.person.email), "he is near");
    expect::success(&seeker.client().delete(&format!("{}/networks/{}", crate::USERS, friend.id())).await);
    assert!(search(&seeker, "displayName=netfriend").await.is_empty());
}

#[tokio::test]
async fn a_search_follows_names_and_accounts_b7() {
    let owner = owner().await;
    let company = Tenant::new(&owner, "follow", "public").await;
    let seeker = company.plain(&owner, "seeker").await;
    let moving = named(&company, &owner, "moving", "Followold", "Name").await;
    assert_eq!(search(&seeker, "search=followold").await.len(), 1);
    let own = format!("{}/{}", crate::USERS, moving.id());
    expect::success(&moving.client().put(&own, &json!({"firstName": "Follownew"})).await);
    assert!(search(&seeker, "search=followold").await.is_empty());
    assert_eq!(ids(&search(&seeker, "search=follownew").await), [moving.id()]);
    assert!(search(&moving, "search=follownew").await.is_empty(), "nobody finds himself");
    let administered = format!("{ADMIN_USERS}/{}", moving.id());
    expect::success(&owner.client.put(&administered, &json!({"isActive": false})).await);
    assert!(search(&seeker, "search=follownew").await.is_empty());
    expect::success(&owner.client.put(&administered, &json!({"isActive": true})).await);
    assert_eq!(search(&seeker, "search=follownew").await.len(), 1);
    expect::success(&owner.client.delete(&administered).await);
    assert!(search(&seeker, "search=follownew").await.is_empty());
}

#[tokio::test]
async fn a_public_companys_page_is_in_every_search_and_any_other_in_its_members_only_b3() {
    let owner = owner().await;
    let mut all = Vec::new();
    for mode in ["public", "private", "closed", "isolated"] {
        let company = Tenant::new(&owner, &format!("showcase-{mode}"), mode).await;
        let member = company.plain(&owner, "member").await;
        all.push((mode, company, member));
    }
    for (of, own, viewer) in &all {
        let pages = expect::list(&viewer.client().get(&format!("{COMPANIES}?name=SHOWCASE-&limit=100")).await);
        let mut expected = vec![all[0].1.id.clone(), own.id.clone()];
        expected.sort();
        expected.dedup();
        assert_eq!(ids(&pages), expected, "member of {of}");
        for (mode, company, _) in &all {
            let answer = viewer.client().get(&format!("{COMPANIES}/{}?format=full", company.id)).await;
            if expected.contains(&company.id) {
                let page = expect::data(&answer);
                assert_eq!(page["name"], json!(company.name));
                let told = if company.id == own.id { json!(mode) } else { Value::Null };
                assert_eq!(page["visibility"], told);
                assert!(page.get("visibleBy").is_none() && page.get("bpId").is_none(), "{page}");
            } else {
                expect::refusal(&answer, 404);
                let nobody = viewer.client().get(&format!("{COMPANIES}/{NOBODY}?format=full")).await;
                expect::indistinguishable((&answer, &company.id), (&nobody, NOBODY));
            }
        }
    }
}
