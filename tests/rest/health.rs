//! How the box is, for its owner alone.

use crate::tenant::{Tenant, owner, text};
use crate::{ADMIN_USERS, world};
use serde_json::{Value, json};
use world::{Client, SignedIn, World, expect};

const HEALTH: &str = "/api/edge/v1/health";

async fn health(owner: &SignedIn) -> Value {
    expect::data(&owner.client.get(HEALTH).await)
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("a whole number is expected: {value}"))
}

#[tokio::test]
async fn box_owner_sees_how_the_box_is_and_nobody_else_does_a8() {
    let owner = owner().await;
    let told = health(&owner).await;
    for key in ["version", "name", "domain"] {
        assert!(!text(&told[key]).is_empty(), "{key}");
    }
    assert!(text(&told["address"]).starts_with("https://"));
    assert!(text(&told["startDate"]).ends_with('Z'));
    let services = told["services"].as_array().expect("a list");
    for service in services {
        assert_eq!(service["state"], json!("running"));
        assert!(!text(&service["name"]).is_empty() && !text(&service["detail"]).is_empty(), "{service}");
    }
    assert!(services.len() >= 3, "{services:?}");
    let disk = &told["disk"];
    assert!(number(&disk["totalBytes"]) >= number(&disk["freeBytes"]) && number(&disk["dataBytes"]) > 10_000, "{disk}");
    let certificate = &told["certificate"];
    assert_eq!((&certificate["kind"], &certificate["names"][0]), (&json!("own_ca"), &json!("localhost")));
    assert!(text(&certificate["expirationDate"]).ends_with('Z'));
    assert_eq!(text(&certificate["fingerprint"]).split(':').count(), 32);
    let vault = &told["vault"];
    assert_eq!(vault["algorithm"], json!("XAES-256-GCM"));
    assert!(!text(&vault["acceleration"]).is_empty());
    assert!(number(&vault["sealMibPerS"]) > 0 && number(&vault["openMibPerS"]) > 0, "{vault}");
    assert!(number(&told["companies"]) >= 2 && number(&told["users"]) >= 2);
    assert!(told["devices"].is_number() && told["recovered"].is_array());
    assert!(
        told["warnings"].as_array().is_some_and(|warnings| !warnings.is_empty()),
        "a key beside the data is warned of"
    );

    let tenant = Tenant::new(&owner, "unhealthy", "public").await;
    let admin = tenant.member(&owner, "admin", json!({"roles": ["user", "admin"]})).await;
    let partner = tenant.member(&owner, "partner", json!({"roles": ["user", "bp_admin"]})).await;
    let plain = tenant.plain(&owner, "plain").await;
    for who in [admin, partner, plain] {
        expect::refusal(&who.client().get(HEALTH).await, 403);
    }
    expect::refusal(&Client::new(&world().edge).get(HEALTH).await, 401);
}

#[tokio::test]
async fn asking_often_and_at_once_measures_once_and_answers_all_e5() {
    let owner = owner().await;
    let first = health(&owner).await;
    let asked = (0..20).map(|_| {
        let owner = owner.clone();
        tokio::spawn(async move { health(&owner).await })
    });
    for answer in asked.collect::<Vec<_>>() {
        let told = answer.await.expect("no panic");
        assert_eq!(told["vault"], first["vault"], "what was measured is told again");
    }
}

#[tokio::test]
async fn what_a_start_recovered_is_told_to_the_owner_too_d3() {
    let world = World::new();
    let owner = world.admin.sign_in(&world.edge).await;
    let body = json!({"loginEmail": "kept@acme.test"});
    expect::success(&owner.client.post(ADMIN_USERS, &body).await);
    world.edge.kill_9();
    world.edge.start();
    let told = health(&world.admin.sign_in(&world.edge).await).await;
    let status = world.edge.status();
    let recovered = told["recovered"].as_array().expect("a list");
    assert!(!recovered.is_empty(), "the end was unclean");
    for (entry, told_there) in recovered.iter().zip(status["recovered"].as_array().expect("a list")) {
        for (key, there) in
            [("database", "database"), ("commits", "commits"), ("frames", "frames"), ("tornBytes", "torn_bytes")]
        {
            assert_eq!(entry[key], told_there[there], "{key}");
        }
    }
    assert_eq!((&told["users"], &told["warnings"]), (&status["users"], &status["warnings"]));
    world.edge.terminate();
}
