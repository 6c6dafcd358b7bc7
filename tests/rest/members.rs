//! The list of a company's members: found, ordered, paged (A8).

use crate::ADMIN_USERS;
use crate::tenant::{Tenant, owner, text};
use serde_json::{Value, json};
use world::{Seeded, SignedIn, expect};

const MEMBERS: usize = 60;
const FIRST_NAMES: [&str; 5] = ["Ada", "Émile", "zoë", "Bob", ""];
const LAST_NAMES: [&str; 4] = ["Byron", "Zola", "van Dyck", ""];

/// A member as the test knows him.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Known {
    email: String,
    name: String,
}

/// Members with names of which many are the same, or missing.
async fn filled(owner: &SignedIn, tenant: &Tenant, chance: &mut Seeded) -> Vec<Known> {
    let mut known = Vec::new();
    let mut pick = |from: &[&str]| {
        let at = usize::try_from(chance.between(0, from.len() as u64)).expect("small");
        from[at].to_owned()
    };
    for number in 0..MEMBERS {
        let (first, last) = (pick(&FIRST_NAMES), pick(&LAST_NAMES));
        let email = format!("member-{number}@{}", tenant.domain);
        let body = json!({"companyId": tenant.id, "loginEmail": email, "firstName": first, "lastName": last});
        let told = expect::data(&owner.client.post(ADMIN_USERS, &body).await);
        known.push(Known { email, name: text(&told["displayName"]).to_owned() });
    }
    known
}

/// The whole list, page by page, as a client reads it.
async fn paged(by: &SignedIn, tenant: &Tenant, query: &str, limit: usize) -> Vec<Known> {
    let mut seen: Vec<Known> = Vec::new();
    loop {
        let window = format!("limit={limit}&offset={}", seen.len());
        let answer = by.client.get(&format!("{ADMIN_USERS}?companyId={}&{query}&{window}", tenant.id)).await;
        let page = expect::list(&answer);
        assert!(page.len() <= limit, "the limit is kept");
        let known = |user: &Value| Known {
            email: text(&user["loginEmail"]).to_owned(),
            name: text(&user["displayName"]).to_owned(),
        };
        seen.extend(page.iter().map(known));
        if Some(seen.len() as u64) == answer.json()["total"].as_u64() {
            return seen;
        }
        assert!(!page.is_empty(), "paging does not end: {}", answer.asked);
    }
}

#[tokio::test]
async fn members_are_found_ordered_and_paged_without_missing_or_repeating_anybody_a8() {
    let mut chance = Seeded::from_environment();
    let owner = owner().await;
    let tenant = Tenant::new(&owner, "listing", "private").await;
    let mut all = filled(&owner, &tenant, &mut chance).await;
    let limit = usize::try_from(chance.between(1, 20)).expect("small");
    let by_name = |one: &Known| (one.name.to_lowercase(), one.email.clone());
    all.sort_by_key(by_name);
    assert_eq!(paged(&owner, &tenant, "format=full", limit).await, all);
    assert_eq!(paged(&owner, &tenant, "sortField=displayName&sortOrder=1", 1000).await, all);
    for (field, order) in [("displayName", "-1"), ("loginEmail", "1"), ("loginEmail", "-1")] {
        let mut expected = all.clone();
        if field == "loginEmail" {
            expected.sort_by_key(|one| one.email.clone());
        }
        if order == "-1" {
            expected.reverse();
        }
        let query = format!("sortField={field}&sortOrder={order}");
        assert_eq!(paged(&owner, &tenant, &query, limit).await, expected, "{query}");
    }
    for (sought, asked) in [
        ("BYRON", "BYRON"),
        ("émile", "%C3%89mile"),
        ("member-1", "member-1"),
        ("ada byron", "ada%20byron"),
        ("%", "%25"),
    ] {
        let found = |one: &&Known| {
            sought
                .to_lowercase()
                .split(' ')
                .all(|word| one.name.to_lowercase().contains(word) || one.email.contains(word))
        };
        let expected: Vec<Known> = all.iter().filter(found).cloned().collect();
        for key in ["displayName", "searchName"] {
            assert_eq!(paged(&owner, &tenant, &format!("{key}={asked}"), limit).await, expected, "{key}={sought}");
        }
    }
}

#[tokio::test]
async fn wrong_filter_or_order_of_members_is_named_and_a_search_reaches_no_other_company_b1() {
    let owner = owner().await;
    let tenant = Tenant::new(&owner, "misordering", "private").await;
    let admin = tenant.member(&owner, "admin", json!({"roles": ["user", "admin"]})).await.signed_in;
    let long = "x".repeat(300);
    for (query, field) in [
        (String::from("sortField=password"), "sortField"),
        (String::from("sortOrder=2"), "sortOrder"),
        (format!("displayName={long}"), "displayName"),
        (String::from("limit=0"), "limit"),
    ] {
        let refusal = expect::refusal(&admin.client.get(&format!("{ADMIN_USERS}?{query}")).await, 400);
        assert!(text(&refusal["errorDetails"]).starts_with(field), "{refusal}");
    }
    let other = Tenant::new(&owner, "misordering-other", "private").await;
    other.plain(&owner, "hidden").await;
    let found = expect::list(&admin.client.get(&format!("{ADMIN_USERS}?displayName=hidden")).await);
    assert!(found.is_empty(), "{found:?}");
    let foreign = admin.client.get(&format!("{ADMIN_USERS}?companyId={}&displayName=hidden", other.id)).await;
    expect::refusal(&foreign, 404);
}
