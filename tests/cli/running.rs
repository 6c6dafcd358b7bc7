//! `run`, `status` and the ways to stop.

use std::fs;
use world::{EdgeBox, Person};

#[test]
fn commands_on_no_data_print_both_ways_to_a_box_a10() {
    let edge = EdgeBox::empty();
    let text = edge.edge(&["company", "add", "--name", "Acme"], "").refused("company add on no data");
    for word in ["rainbow-edge run", "rainbow-edge init", "--company", "--admin", "--name"] {
        assert!(text.contains(word), "the whole line to type: {text}");
    }
    assert!(!edge.data().exists(), "nothing was made");
}

#[test]
fn a_second_run_on_the_same_data_is_refused_and_told_who_holds_it() {
    let edge = EdgeBox::init();
    edge.start();
    let data = edge.data().to_string_lossy().into_owned();
    let other = EdgeBox::empty();
    let (https, http) = (other.https().to_string(), other.http().to_string());
    let text = world::edge(&["run", "--data", &data, "--https", &https, "--http", &http], "").refused("a second run");
    let holders = family(edge.pid());
    assert!(holders.iter().any(|pid| text.contains(&pid.to_string())), "none of {holders:?} is named: {text}");
    assert_eq!(edge.status()["ready"], serde_json::json!(true), "the first goes on");
}

#[test]
fn status_tells_a_stopped_and_a_running_box() {
    let edge = EdgeBox::init();
    assert_eq!(edge.status()["ready"], serde_json::json!(false));
    assert!(!edge.edge(&["status"], "").text().trim().is_empty());
    edge.start();
    let status = edge.status();
    assert_eq!(status["ready"], serde_json::json!(true));
    assert_eq!(status["domain"], serde_json::json!("edge.test"));
    assert!(status["address"].as_str().is_some_and(|url| url.contains(&edge.https().to_string())), "{status}");
    let text = edge.edge(&["status"], "").succeeded("status of a running box").text();
    assert!(text.contains("ready"), "{text}");
    edge.terminate();
    assert_eq!(edge.status()["ready"], serde_json::json!(false));
    let nothing = EdgeBox::empty();
    assert_ne!(nothing.edge(&["status"], "").text().trim(), "", "status of no data says so");
}

#[tokio::test]
async fn terminate_and_interrupt_end_cleanly_and_nothing_is_lost() {
    let edge = EdgeBox::init();
    edge.start();
    let who = edge.add_person(world::ACME, "kept@acme.test", &[]);
    let before = who.sign_in(&edge).await;
    edge.terminate();
    edge.start();
    world::expect::data(&before.client.get("/api/rainbow/enduser/v1.0/users/me").await);
    edge.interrupt();
    edge.start();
    Person::first_admin().sign_in(&edge).await;
    who.sign_in(&edge).await;
    assert_eq!(edge.status()["recovered"], serde_json::json!([]), "a clean stop leaves nothing to recover");
}

#[test]
fn children_die_with_a_killed_run() {
    let edge = EdgeBox::init();
    edge.start();
    let family = family(edge.pid());
    edge.kill_9();
    let start = std::time::Instant::now();
    let alive = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while family.iter().any(alive) {
        assert!(start.elapsed().as_secs() < world::PATIENCE_S, "a child outlives its parent: {family:?}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    edge.start();
}

#[test]
fn busy_port_is_named_with_what_to_do() {
    let edge = EdgeBox::init();
    let _taken = std::net::TcpListener::bind(("0.0.0.0", edge.https())).expect("the port is free");
    let text = edge.start_refused().refused("run on a busy port");
    assert!(text.contains(&edge.https().to_string()), "{text}");
}

/// A process and its descendants, whichever of its threads started them.
fn family(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let children = threads.map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    let children: Vec<u32> = children
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect();
    std::iter::once(pid).chain(children.into_iter().flat_map(family)).collect()
}
