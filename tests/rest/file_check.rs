//! Stored files beside their rows, as `vault check` and the rounds see them (D3).

use crate::file_scan::own_world;
use crate::files::{noise, shared};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use world::{EdgeBox, expect, fault};

fn check(edge: &EdgeBox, more: &[&str]) -> (i32, Vec<(String, String)>) {
    let outcome = edge.edge(&[&["vault", "check", "--json"], more].concat(), "");
    let report: Value = serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("{}", outcome.text()));
    let text = |finding: &Value, name: &str| finding[name].as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    (outcome.code.expect("no signal"), findings.map(|f| (text(f, "kind"), text(f, "text"))).collect())
}

#[tokio::test]
async fn hurt_missing_and_nobodys_files_are_told_apart_and_rounds_find_rot_in_files_d3() {
    let (scanner, world) = own_world("");
    scanner.start();
    let edge = &world.edge;
    let who = world.signed_in("check-cora").await;
    let small = shared(&who, "small.bin", &noise(900, 1), &[]).await;
    let large = shared(&who, "large.bin", &noise(400_000, 2), &[]).await;
    let gone = shared(&who, "gone.bin", &noise(70_000, 3), &[]).await;
    let place =
        |id: &str| -> PathBuf { edge.data().join("files").join(who.company_id()).join(&id[id.len() - 2..]).join(id) };
    assert_eq!(check(edge, &["--files"]), (0, vec![]), "a running box finds its files whole");
    // The third segment of 65,564 bytes each, behind 8 of the file.
    fault::flip_byte(&place(&large), 8 + 2 * 65_564 + 500);
    fs::rename(place(&gone), edge.beside().join("gone")).expect("moves");
    let stranger = place(&small).with_file_name("0123456789abcdef01234567");
    fs::copy(place(&small), &stranger).expect("copies");
    let (code, found) = check(edge, &[]);
    let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!((code, kinds), (4, vec!["missing_file", "orphan"]), "bytes are not read: {found:?}");
    assert!(found[0].1.contains(&gone) && found[1].1.contains("0123456789abcdef01234567"), "{found:?}");
    edge.terminate();
    let (code, found) = check(edge, &["--files"]);
    assert_eq!(code, 4);
    let file = found.iter().find(|(kind, _)| kind == "file").expect("the large one is hurt");
    assert!(
        file.1.contains(&large) && file.1.contains("1 segment(s)") && file.1.contains("do not open: 2;"),
        "{file:?}"
    );
    assert_eq!(found.len(), 3, "{found:?}");
    let late = fs::read(edge.data().join("scrub.json")).expect("it reads in rounds");
    let mut late: Value = serde_json::from_slice(&late).expect("JSON");
    late["begun_ms"] = json!(1);
    fs::write(edge.data().join("scrub.json"), late.to_string()).expect("writes");
    edge.start();
    let deadline = Instant::now() + Duration::from_secs(60);
    let told = loop {
        let warnings = edge.status()["warnings"].to_string();
        if warnings.contains(&large) && warnings.contains(&gone) {
            break warnings;
        }
        assert!(Instant::now() < deadline, "{warnings}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(told.contains("segment 2 of") && !told.contains(&small), "{told}");
    let owner = world.admin.sign_in(edge).await;
    let health = expect::data(&owner.client.get("/api/edge/v1/health").await);
    assert!(health["warnings"].to_string().contains("stored data is damaged"), "{health}");
    edge.terminate();
}
