//! Every request of the SDK's boot sequence, with the shape that it reads (section 4).

use crate::{USERS, world};
use serde_json::json;
use world::{Client, SignedIn, expect};

async fn bob() -> SignedIn {
    let world = world();
    world.bob.sign_in(&world.edge).await
}

#[tokio::test]
async fn company_of_the_caller_is_told_by_id_and_name() {
    let bob = bob().await;
    let path = format!("/api/rainbow/enduser/v1.0/companies/{}?format=full&selectedThemeObj=false", bob.company_id());
    let company = expect::data(&bob.client.get(&path).await);
    assert_eq!(company["id"], json!(bob.company_id()));
    assert_eq!(company["name"], json!(world::ACME));
}

#[tokio::test]
async fn sign_in_addresses_are_absolute() {
    let world = world();
    let path = "/api/rainbow/authentication/v1.0/urls?useBackchannelPolling=false&uid=bob@acme.test";
    for urls in expect::data(&Client::new(&world.edge).get(path).await).as_array().expect("a list") {
        assert_eq!(urls["type"], json!("RAINBOW"));
        for key in ["loginUrl", "logoutUrl"] {
            assert!(urls[key].as_str().is_some_and(|url| url.starts_with("https://")), "{urls}");
        }
    }
}

#[tokio::test]
async fn settings_of_interfaces_have_a_life_in_minutes() {
    let settings = expect::data(&bob().await.client.get("/api/rainbow/enduser/v1.0/settings/apis").await);
    assert!(settings["ttl"].is_number(), "{settings}");
    assert!(settings["additionalHeaders"].is_array(), "{settings}");
}

#[tokio::test]
async fn profiles_and_features_are_lists() {
    let bob = bob().await;
    for noun in ["profiles", "profiles/features"] {
        let data = expect::data(&bob.client.get(&format!("{USERS}/{}/{noun}", bob.id())).await);
        assert!(data.is_array(), "{noun}: {data}");
    }
}

#[tokio::test]
async fn settings_hold_a_presence_of_the_table() {
    let bob = bob().await;
    let settings = expect::data(&bob.client.get(&format!("{USERS}/{}/settings", bob.id())).await);
    let presence = settings["presence"].as_str().expect("presence");
    assert!(["online", "away", "dnd", "invisible"].contains(&presence), "{presence}");
}

#[tokio::test]
async fn every_list_of_the_boot_sequence_has_a_total_and_ends_decision_7() {
    let bob = bob().await;
    let id = bob.id();
    let lists = [
        format!("/api/rainbow/enduser/v1.0/rooms?format=full&unsubscribed=true&offset=0&limit=100&userId={id}"),
        format!("{USERS}/{id}/groups?format=full&offset=0&limit=100"),
        format!("{USERS}/{id}/todos"),
        "/api/rainbow/enduser/v1.0/bots".to_owned(),
        format!("{USERS}/{id}/conversations?format=small&limit=1000&offset=0&before=1"),
        format!("{USERS}/{id}/favorites"),
        format!("{USERS}/{id}/invitations/sent?format=full&status=pending&limit=500"),
        format!(
            "{USERS}/{id}/invitations/received?format=full&status=pending&status=accepted&status=auto-accepted&limit=500"
        ),
        "/api/rainbow/filestorage/v1.0/files?limit=1000&offset=0&sortOrder=1&format=full".to_owned(),
        format!("/api/rainbow/filestorage/v1.0/files/viewers/{id}?format=full"),
        "/api/rainbow/channels/v1.0/channels".to_owned(),
        format!("{USERS}/networks?format=full"),
    ];
    for path in &lists {
        expect::list(&bob.client.get(path).await);
    }
}

#[tokio::test]
async fn a_page_beyond_the_end_never_promises_more_decision_7() {
    let world = world();
    let bob = bob().await;
    let admin = world.admin.sign_in(&world.edge).await;
    const OFFSET: u64 = 900;
    let pages = [
        (&bob, format!("/api/rainbow/enduser/v1.0/rooms?format=full&offset={OFFSET}&limit=100&userId={}", bob.id())),
        (&bob, format!("{USERS}/{}/groups?format=full&offset={OFFSET}&limit=100", bob.id())),
        (&bob, format!("{USERS}/{}/conversations?format=small&limit=100&offset={OFFSET}", bob.id())),
        (&admin, format!("{}?format=small&limit=100&offset={OFFSET}", crate::ADMIN_USERS)),
    ];
    for (who, path) in &pages {
        let answer = who.client.get(path).await;
        assert!(expect::list(&answer).is_empty(), "{path}");
        let total = answer.json()["total"].as_u64();
        // The client stops when what it collected equals `total`: the number of all items would keep it asking.
        assert!(matches!(total, Some(0 | OFFSET)), "{path}: {total:?}");
    }
}

#[tokio::test]
async fn ping_of_a_reconnecting_client_is_answered_in_json() {
    expect::success(&bob().await.client.get("/api/rainbow/ping").await);
}
