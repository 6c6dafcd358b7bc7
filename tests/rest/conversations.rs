//! Conversations by REST (section 10).

use crate::{NOBODY, USERS, world};
use serde_json::json;
use world::{SignedIn, expect};

fn path(who: &SignedIn) -> String {
    format!("{USERS}/{}/conversations", who.id())
}

async fn list(who: &SignedIn) -> Vec<serde_json::Value> {
    expect::list(&who.client.get(&format!("{}?format=small&limit=1000&offset=0&before=1", path(who))).await)
}

#[tokio::test]
async fn conversation_is_opened_once_listed_muted_and_deleted() {
    let world = world();
    let (fred, bob) = (world.signed_in("fred").await, world.bob.sign_in(&world.edge).await);
    let body = json!({"peerId": bob.id(), "type": "user", "mute": false});
    let opened = expect::data(&fred.client.post(&path(&fred), &body).await);
    let id = opened["id"].as_str().expect("id").to_owned();
    expect::not_number_like(&id);
    assert_eq!(opened["jid_im"], json!(bob.jid()));
    assert_eq!(opened["peerId"], json!(bob.id()));
    assert_eq!(opened["type"], json!("user"));
    assert_eq!(opened["unreadMessageNumber"], json!(0));
    let again = expect::data(&fred.client.post(&path(&fred), &body).await);
    assert_eq!(again["id"], json!(id), "one conversation per peer");
    assert_eq!(list(&fred).await.len(), 1);

    expect::success(&fred.client.put(&format!("{}/{id}", path(&fred)), &json!({"mute": true})).await);
    assert_eq!(list(&fred).await[0]["mute"], json!(true));
    expect::success(&fred.client.put(&format!("{}/{id}/markallread", path(&fred)), &json!({"maskRead": true})).await);

    expect::success(&fred.client.delete(&format!("{}/{id}", path(&fred))).await);
    assert!(list(&fred).await.is_empty());
    expect::refusal(&fred.client.delete(&format!("{}/{id}", path(&fred))).await, 404);
}

#[tokio::test]
async fn conversation_with_an_outsider_or_with_nobody_cannot_be_opened_b3() {
    let world = world();
    let (frida, eve) = (world.signed_in("frida").await, world.eve.sign_in(&world.edge).await);
    let open = |peer: &str| json!({"peerId": peer, "type": "user", "mute": false});
    let outsider = frida.client.post(&path(&frida), &open(eve.id())).await;
    let nobody = frida.client.post(&path(&frida), &open(NOBODY)).await;
    expect::refusal(&outsider, 404);
    expect::indistinguishable((&outsider, eve.id()), (&nobody, NOBODY));
    assert!(list(&frida).await.is_empty());
}

#[tokio::test]
async fn conversations_of_a_colleague_are_closed_b1() {
    let world = world();
    let (fiona, finn) = (world.signed_in("fiona").await, world.signed_in("finn").await);
    let body = json!({"peerId": finn.id(), "type": "user", "mute": false});
    let opened = expect::data(&fiona.client.post(&path(&fiona), &body).await);
    let one = format!("{}/{}", path(&fiona), opened["id"].as_str().expect("id"));
    for answer in [
        finn.client.get(&path(&fiona)).await,
        finn.client.post(&path(&fiona), &body).await,
        finn.client.put(&one, &json!({"mute": true})).await,
        finn.client.delete(&one).await,
        finn.client.delete(&format!("{}/{}", path(&finn), opened["id"].as_str().expect("id"))).await,
    ] {
        assert!(matches!(answer.status, 403 | 404), "{}: {}", answer.asked, answer.status);
        expect::refusal(&answer, answer.status);
    }
    let kept = list(&fiona).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["mute"], json!(false));
}
