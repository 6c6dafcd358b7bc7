//! What people say of themselves beside their presence (C2).

use crate::bubbles::ROOMS;
use crate::tenant::text;
use crate::{OwnCompany, USERS, world};
use domain::clock::{iso8601, parse_iso8601};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use world::expect;

#[tokio::test]
async fn colleagues_read_what_somebody_says_of_himself_and_strangers_do_not_c2_b6() {
    let company = OwnCompany::new("says");
    let (speaker, colleague) = (company.signed_in("speaker").await, company.signed_in("colleague").await);
    let path = format!("{USERS}/{}/custom-status", speaker.id());
    let nothing = json!({"status": null, "emoji": null, "expirationDate": null});
    assert_eq!(expect::data(&colleague.client.get(&path).await), nothing);
    let said = json!({"status": "On the ferry", "emoji": "⛴", "expirationDate": "2999-01-01T00:00:00.000Z"});
    assert_eq!(expect::data(&speaker.client.post(&path, &said).await), said);
    for who in [&speaker, &colleague] {
        assert_eq!(expect::data(&who.client.get(&path).await), said);
    }
    let stranger = OwnCompany::new("says-elsewhere").signed_in("stranger").await;
    assert_eq!(expect::data(&stranger.client.get(&path).await), nothing, "who sees him is not near");
    let hidden = OwnCompany::of_mode("says-hidden", "isolated").signed_in("hidden").await;
    expect::refusal(&hidden.client.get(&path).await, 404);
    expect::refusal(&colleague.client.post(&path, &said).await, 403);
    expect::refusal(&colleague.client.delete(&path).await, 403);
    expect::success(&speaker.client.delete(&path).await);
    assert_eq!(expect::data(&colleague.client.get(&path).await), nothing);
}

#[tokio::test]
async fn what_is_too_long_or_over_is_refused_and_an_end_comes_by_itself_c2() {
    let speaker = OwnCompany::new("says-until").signed_in("speaker").await;
    let path = format!("{USERS}/{}/custom-status", speaker.id());
    for wrong in [
        json!({}),
        json!({"status": ""}),
        json!({"status": "x".repeat(129)}),
        json!({"status": "a\u{7}b"}),
        json!({"status": "x", "emoji": "x".repeat(33)}),
        json!({"status": "x", "expirationDate": "tomorrow"}),
        json!({"status": "x", "expirationDate": "2001-01-01T00:00:00Z"}),
    ] {
        expect::refusal(&speaker.client.post(&path, &wrong).await, 400);
    }
    let read = async || expect::data(&speaker.client.get(&path).await)["status"].clone();
    let mut shown = false;
    // A machine that is busy may let a short time pass between two requests.
    for life_ms in [1_500, 6_000, 20_000] {
        // The box's own time, as it stamps what is made now.
        let stamped = expect::data(&speaker.client.post(ROOMS, &json!({"name": "Now"})).await);
        let now_ms = parse_iso8601(text(&stamped["creationDate"])).expect("a time");
        let moment = json!({"status": "Back in a moment", "expirationDate": iso8601(now_ms + life_ms)});
        let taken = speaker.client.post(&path, &moment).await.status;
        shown = (200..300).contains(&taken) && read().await == json!("Back in a moment");
        if shown {
            break;
        }
    }
    assert!(shown, "it is shown until its end");
    let begun = Instant::now();
    while read().await != Value::Null {
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "it does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn every_portal_tells_what_it_is_to_who_has_signed_in() {
    let somebody = OwnCompany::new("asks-about").signed_in("somebody").await;
    for portal in ["authentication", "enduser", "telephony", "admin", "channels", "applications", "room"] {
        let told = expect::success(&somebody.client.get(&format!("/api/rainbow/{portal}/v1.0/about")).await);
        assert_eq!(told["description"], json!("Rainbow Edge"));
        assert_eq!(told["version"], json!(world().edge.status()["version"]), "{told}");
    }
}
