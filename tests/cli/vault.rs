//! `vault`: what is there, and first aid (D1, D3).

use serde_json::Value;
use std::fs;
use world::{EdgeBox, World, fault};

fn info(edge: &EdgeBox) -> Value {
    let told = edge.edge(&["vault", "info", "--json"], "").succeeded("vault info");
    serde_json::from_str(&told.out).expect("JSON")
}

#[tokio::test]
async fn vault_info_tells_the_same_of_a_running_and_of_a_stopped_box_d1() {
    let World { edge, alice, .. } = World::new();
    let company = alice.sign_in(&edge).await.company_id().to_owned();
    let running = info(&edge);
    assert_eq!(running["running"], true);
    edge.terminate();
    let before = fault::files(&edge.data());
    let stopped = info(&edge);
    assert_eq!(stopped["running"], false);
    assert_eq!(fault::files(&edge.data()), before, "looking leaves nothing behind");
    let [running, stopped] = [running, stopped].map(|told| told["databases"].as_array().expect("a list").clone());
    let names: Vec<&str> = stopped.iter().map(|database| database["database"].as_str().expect("a name")).collect();
    assert_eq!(names[0], "directory");
    assert!(names.contains(&company.as_str()) && names.len() >= 3, "{names:?}");
    for (running, stopped) in running.iter().zip(&stopped) {
        assert_eq!(running["database"], stopped["database"]);
        for same in ["id", "key_epochs", "pages", "schema", "schema_known"] {
            assert_eq!(running["inside"][same], stopped["inside"][same], "{same}: {running} {stopped}");
        }
        assert_eq!(stopped["inside"]["schema"], stopped["inside"]["schema_known"]);
        assert_eq!(stopped["inside"]["key_epochs"], serde_json::json!([1]));
        assert_eq!(stopped["ended_cleanly"], true, "{stopped}");
        assert_eq!(stopped["bytes"].as_u64(), stopped["inside"]["pages"].as_u64().map(|pages| pages * 4096));
    }
    let table = edge.edge(&["vault", "info"], "").succeeded("a table").out;
    assert!(names.iter().all(|name| table.contains(name)) && table.contains("XAES-256-GCM"), "{table}");
}

#[tokio::test]
async fn vault_info_names_what_does_not_open_and_tells_the_rest_d3() {
    let World { edge, alice, .. } = World::new();
    let company = alice.sign_in(&edge).await.company_id().to_owned();
    edge.kill_9();
    let told = info(&edge);
    let databases = told["databases"].as_array().expect("a list");
    assert!(databases.iter().any(|database| database["ended_cleanly"] == false), "{told}");
    assert_eq!(info(&edge)["databases"], told["databases"], "looking does not copy a log back");
    let file = edge.data().join("companies").join(format!("{company}.db"));
    fault::truncate(&file, 0);
    fs::remove_file(file.with_extension("db-wal")).expect("it was not copied back");
    let told = info(&edge);
    for database in told["databases"].as_array().expect("a list") {
        assert_eq!(database["database"] == company.as_str(), database["inside"].is_null(), "{database}");
        assert_eq!(database["inside"].is_null(), database["problem"].is_string(), "{database}");
    }
}
