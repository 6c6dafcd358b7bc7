//! Accounts that nobody uses (A5).

use crate::ADMIN_USERS;
use serde_json::json;
use std::time::Duration;
use world::{World, expect, person};

const LIFE_S: u64 = 3;

#[tokio::test]
async fn an_unused_account_is_blocked_until_an_administrator_activates_it_a5() {
    let world = World::new();
    let edge = &world.edge;
    let (admin, bob) = (world.admin.sign_in(edge).await, world.bob.sign_in(edge).await);
    expect::success(&bob.sign_out().await);
    edge.configure(&format!("[sign_in]\nunused_account_life_s = {LIFE_S}\n"));
    edge.restart();
    tokio::time::sleep(Duration::from_secs(LIFE_S + 1)).await;
    let blocked = expect::refusal(&world.bob.try_sign_in(edge).await, 403);
    assert!(blocked["errorDetails"].as_str().is_some_and(|text| text.contains("not used")), "{blocked}");
    let wrong = person::sign_in_with(edge, &world.bob.email, "Wrong-Passw0rd", None).await;
    expect::refusal(&wrong, 401);
    let path = format!("{ADMIN_USERS}/{}", bob.id());
    // A machine that is busy may let the short life pass between the two requests.
    for _ in 0..10 {
        expect::data(&admin.client.put(&path, &json!({"isActive": true})).await);
        if world.bob.try_sign_in(edge).await.status == 200 {
            return;
        }
    }
    panic!("an activated account is still blocked");
}
