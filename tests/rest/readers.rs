//! Who has received and read a message in a bubble, as whoever wrote it is told (C1, C3).

use crate::{OwnCompany, world};
use serde_json::{Value, json};
use world::{Bubble, Device, SignedIn, expect, later};

async fn asked(who: &SignedIn, bubble: &Bubble, more: &str) -> Vec<Value> {
    let answer = who.client.get(&format!("/api/edge/v1/rooms/{}/readers?{more}", bubble.id)).await;
    expect::data(&answer).as_array().expect("a list").clone()
}

#[tokio::test]
async fn the_author_reads_how_far_a_message_has_come_and_nobody_else_c1_c3() {
    let company = OwnCompany::new("readers");
    let (ada, ben, cleo) =
        (company.signed_in("ada").await, company.signed_in("ben").await, company.signed_in("cleo").await);
    let bubble = ada.bubble("Read here").await;
    ada.add_to(&bubble, &ben).await;
    let mut desk = Device::online(&world().edge, &ada, "node_ada").await;
    desk.enter(&bubble).await;
    let first = desk.say(&bubble, "r-1", "<body>first</body>").await;
    later().await;
    ada.add_to(&bubble, &cleo).await;
    later().await;
    let second = desk.say(&bubble, "r-2", "<body>second</body>").await;
    let both = format!("message={first}&message={second}");
    let count = |place: &str, of: u32, received: u32, read: u32| json!({"message": place, "of": of, "received": received, "read": read});
    assert_eq!(asked(&ada, &bubble, &both).await, [count(&first, 1, 0, 0), count(&second, 2, 0, 0)], "Cleo came later");
    let mut phone = Device::online(&world().edge, &cleo, "mobile_cleo").await;
    phone.enter(&bubble).await;
    let received = "<received xmlns='urn:xmpp:receipts' event='received' entity='client' id='r-2'/>";
    phone.send_to_bubble(&bubble, "got-2", received).await;
    phone.settle().await;
    let mut web = Device::online(&world().edge, &ben, "web_ben").await;
    web.enter(&bubble).await;
    web.read_in(&bubble, "r-2").await;
    // Who has read what came later has read what came before.
    assert_eq!(asked(&ada, &bubble, &both).await, [count(&first, 1, 1, 1), count(&second, 2, 2, 1)]);
    let told = asked(&ada, &bubble, &format!("message={second}&format=full")).await;
    let state = |who: &SignedIn| {
        let people = told[0]["people"].as_array().expect("a list");
        people.iter().find(|one| one["userId"] == who.id()).map(|one| one["state"].clone())
    };
    assert_eq!((state(&ben), state(&cleo), state(&ada)), (Some(json!("read")), Some(json!("received")), None));
    assert!(asked(&ben, &bubble, &both).await.is_empty(), "what others read of Ada's words is hers to know");
    expect::success(
        &ada.client.put(&format!("{}/users/{}", bubble.path(), cleo.id()), &json!({"status": "unsubscribed"})).await,
    );
    assert_eq!(
        asked(&ada, &bubble, &both).await[1],
        count(&second, 1, 1, 1),
        "who is not in it any more counts no more"
    );
    let path = format!("/api/edge/v1/rooms/{}/readers", bubble.id);
    for wrong in [format!("{path}?message=x"), format!("{path}?{}", vec!["message=a1"; 51].join("&"))] {
        expect::refusal(&ada.client.get(&wrong).await, 400);
    }
    let outside = world().eve.sign_in(&world().edge).await;
    expect::refusal(&outside.client.get(&format!("{path}?{both}")).await, 404);
}
