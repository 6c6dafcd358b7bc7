//! Everything that is stored is read in rounds (D3): rot is told in log, status and numbers, and remembered.

use crate::vault::flip;
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};
use world::device::STORE;
use world::{Device, EdgeBox, World};

fn scrub(edge: &EdgeBox) -> Value {
    let text = fs::read(edge.data().join("scrub.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or(Value::Null)
}

/// The round of a stopped box is late by years, so that all of it is due at the next start.
fn make_late(edge: &EdgeBox) {
    let mut scrub = scrub(edge);
    scrub["begun_ms"] = json!(1);
    fs::write(edge.data().join("scrub.json"), scrub.to_string()).expect("writes");
}

/// Waits until a whole round has ended since then.
fn wait_for_round(edge: &EdgeBox, after: &Value) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let scrub = scrub(edge);
        // One that was late is followed by the next at once.
        if scrub["last_ended_ms"].as_i64() > after["last_ended_ms"].as_i64() {
            return scrub;
        }
        assert!(Instant::now() < deadline, "the round ends: {scrub}\n{}", edge.log_since_start());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn warned(edge: &EdgeBox) -> bool {
    let status = edge.status();
    let warnings = status["warnings"].as_array().expect("a list").clone();
    warnings.iter().any(|warning| warning.as_str().is_some_and(|text| text.contains("stored data is damaged")))
}

#[tokio::test]
async fn rot_is_told_in_log_and_status_until_it_is_mended_d3() {
    let World { edge, alice, .. } = World::new();
    let signed_in = alice.sign_in(&edge).await;
    let mut device = Device::online(&edge, &signed_in, "node_alice").await;
    for number in 0..60 {
        device.message(signed_in.jid(), &format!("m-{number}"), &"long text ".repeat(300), STORE).await;
    }
    device.settle().await;
    drop(device);
    edge.terminate();
    let first = scrub(&edge);
    assert_eq!(first["ended"], json!(false), "a new box reads at its leisure: {first}");
    let file = edge.data().join("companies").join(format!("{}.db", signed_in.company_id()));
    flip(&file);
    make_late(&edge);
    edge.start();
    let ended = wait_for_round(&edge, &first);
    let found = ended["found"].as_array().expect("a list").len();
    assert!(found > 3, "{ended}");
    assert!(warned(&edge), "{}", edge.status());
    let log = edge.log_since_start();
    assert!(log.contains("stored data is damaged") && log.contains("of table message do not open"), "{log}");
    edge.restart();
    assert!(warned(&edge), "it is remembered");
    edge.terminate();
    flip(&file);
    make_late(&edge);
    edge.start();
    let mended = wait_for_round(&edge, &ended);
    assert_eq!(mended["found"], json!([]), "{mended}");
    assert!(!warned(&edge), "{}", edge.status());
    assert!(edge.log_since_start().contains("is whole again"), "{}", edge.log_since_start());
    edge.terminate();
}
