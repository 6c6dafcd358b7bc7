//! What a person sees through REST, to compare before and after something that must change nothing.
//!
//! The network of `who` is part of it, so nobody else may add people to that company meanwhile: use one that the test
//! has to itself where tests share a box.

use crate::{Answer, SignedIn};
use serde_json::{Value, json};

/// The state that `who` can see: self, settings, network, conversations, groups, favourites,
/// invitations, block list, application passwords, company. Every part must be answered.
pub async fn of(who: &SignedIn) -> Value {
    let mut seen = Vec::new();
    for (answer, part) in parts(who).await {
        assert_eq!(answer.status, 200, "{}: {}", answer.asked, answer.text());
        seen.push(part);
    }
    json!(seen)
}

/// The parts of `of`, each with its answer, for a box that may fail on some.
pub async fn parts(who: &SignedIn) -> Vec<(Answer, Value)> {
    let users = "/api/rainbow/enduser/v1.0/users";
    let id = who.id();
    let paths = [
        format!("{users}/{id}?format=full"),
        format!("{users}/{id}/settings"),
        format!("{users}/networks?format=full"),
        format!("{users}/{id}/conversations?format=full&limit=1000&offset=0"),
        format!("{users}/{id}/groups?format=full&limit=1000&offset=0"),
        format!("{users}/{id}/favorites"),
        format!("{users}/{id}/invitations/sent?limit=1000"),
        format!("{users}/{id}/invitations/received?limit=1000"),
        "/api/edge/v1/blocklist".to_owned(),
        "/api/edge/v1/application-passwords".to_owned(),
        "/api/edge/v1/push/subscriptions".to_owned(),
        format!("/api/rainbow/enduser/v1.0/companies/{}?format=full", who.company_id()),
    ];
    let mut parts = Vec::new();
    for path in &paths {
        let answer = who.client.get(path).await;
        let part = without_clocks(answer.json());
        parts.push((answer, part));
    }
    parts
}

/// Takes out what moves by being looked at.
fn without_clocks(mut value: Value) -> Value {
    const MOVING: [&str; 3] = ["lastLoginDate", "loggedSince", "lastActivityDate"];
    match &mut value {
        Value::Object(map) => {
            for key in MOVING {
                map.remove(key);
            }
            for child in map.values_mut() {
                *child = without_clocks(child.take());
            }
        }
        Value::Array(items) => {
            for child in items.iter_mut() {
                *child = without_clocks(child.take());
            }
        }
        _ => {}
    }
    value
}
