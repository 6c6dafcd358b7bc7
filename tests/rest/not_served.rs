//! What Rainbow's official SDK calls: what this box serves of it, and a clear word where it does not (J8).

use crate::routes::{Route, routes};
use crate::{NOBODY, OwnCompany, world};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use world::{Answer, Client, expect, snapshot};

/// Service, function, method, path: what the box knows of Rainbow.
const CALLS: &str = include_str!("../../appliance/rest/src/rainbow_calls.tsv");
/// Service, function, `served` or `empty`, proofs: what it is said to serve.
const SERVED: &str = include_str!("../sdk/coverage/served.tsv");

/// One line of the calls.
struct Call {
    function: (&'static str, &'static str),
    method: &'static str,
    path: &'static str,
}

fn calls() -> Vec<Call> {
    let call = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        Call { function: (columns[0], columns[1]), method: columns[2], path: columns[3] }
    };
    CALLS.lines().map(call).collect()
}

/// The routes by method and path, without the names of placeholders.
fn table() -> BTreeMap<(String, String), Route> {
    let shape = |path: &str| {
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
        segments.collect::<Vec<_>>().join("/")
    };
    routes().into_iter().map(|route| ((route.method.clone(), shape(&route.path)), route)).collect()
}

/// Method and path of every call without a route, once.
fn lacking() -> BTreeSet<(&'static str, &'static str)> {
    let table = table();
    let lacks = |call: &Call| !table.contains_key(&(call.method.to_owned(), call.path.to_owned()));
    calls().into_iter().filter(lacks).map(|call| (call.method, call.path)).collect()
}

#[track_caller]
fn is_told(answer: &Answer, method: &str) {
    if method == "HEAD" {
        return assert_eq!(answer.status, 501, "{}", answer.asked);
    }
    let told = expect::refusal(answer, 501);
    assert_eq!((&told["errorMsg"], &told["errorDetailsCode"]), (&json!("Not Implemented"), &json!(501_001)));
    let details = told["errorDetails"].as_str().expect("a text");
    assert!(details.starts_with(&format!("this box does not serve {method} /api/rainbow/")), "{details}");
    assert!(details.ends_with(" yet") && !details.contains(NOBODY), "{details}");
}

#[tokio::test]
async fn what_rainbow_knows_and_the_box_does_not_serve_is_501_j8() {
    let (own, other) = (OwnCompany::new("unserved"), OwnCompany::of_mode("unserved-hidden", "isolated"));
    let (who, hidden) = (own.signed_in("somebody").await, other.signed_in("hidden").await);
    let before = snapshot::of(&who).await;
    let lacking = lacking();
    assert!(lacking.len() > 300, "{} calls", lacking.len());
    for (method, path) in lacking {
        let ask = |id: &str| who.client.request(method, &path.replace("{}", id));
        let told = ask(NOBODY).send().await;
        is_told(&told, method);
        if path.contains("{}") {
            let of_hidden = ask(hidden.id()).send().await;
            expect::indistinguishable((&of_hidden, hidden.id()), (&told, NOBODY));
        }
    }
    assert_eq!(snapshot::of(&who).await, before);
}

#[tokio::test]
async fn a_stranger_meets_401_where_rainbow_has_something_that_the_box_does_not_serve_b1_j8() {
    let nobody = Client::new(&world().edge);
    for (method, path) in lacking() {
        let told = nobody.request(method, &path.replace("{}", NOBODY)).send().await;
        if method == "HEAD" {
            assert_eq!(told.status, 401, "{}", told.asked);
        } else {
            expect::refusal(&told, 401);
        }
    }
}

#[tokio::test]
async fn what_nobody_knows_is_404_and_served_addresses_tell_their_methods_j8() {
    let who = OwnCompany::new("unknown-to-all").signed_in("somebody").await;
    for (method, path) in [
        ("GET", "/api/rainbow/enduser/v1.0/polls/x/y"),
        ("GET", "/api/rainbow/enduser/v2.0/polls"),
        ("GET", "/api/rainbow/nothing/v1.0/polls"),
        ("GET", "/api/edge/v1/polls"),
        // An address of Rainbow, and nothing that its SDK asks of it.
        ("PATCH", "/api/rainbow/telephony/v1.0/calls"),
        // Before it was known it was read as an id that nobody has.
        ("PUT", "/api/rainbow/room/v1.0/enduser/rooms/push-to-talk"),
    ] {
        for client in [&who.client, &Client::new(&world().edge)] {
            expect::refusal(&client.request(method, path).send().await, 404);
        }
    }
    expect::refusal(&who.client.request("PATCH", "/api/rainbow/enduser/v1.0/users/me").send().await, 405);
    expect::refusal(&who.client.delete(&format!("/api/rainbow/enduser/v1.0/companies/{NOBODY}")).await, 405);
}

/// What `cargo xtask sdk-coverage` counts is what this box does.
#[test]
fn what_is_said_to_be_served_is_what_the_route_table_serves_j8() {
    let table = table();
    let mut said: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for line in SERVED.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        assert!(said.insert((columns[0], columns[1]), columns[2]).is_none(), "twice: {line}");
    }
    let mut wrong = Vec::new();
    let mut functions = BTreeSet::new();
    for call in calls() {
        let route = table.get(&(call.method.to_owned(), call.path.to_owned()));
        let is = route.map(|route| if route.empty_by_design { "empty" } else { "served" });
        if is != said.get(&call.function).copied() {
            wrong.push(format!("{:?} {} {}: is {is:?}", call.function, call.method, call.path));
        }
        functions.insert(call.function);
    }
    wrong.extend(said.keys().filter(|one| !functions.contains(*one)).map(|one| format!("{one:?} is no call")));
    assert!(wrong.is_empty(), "mend tests/sdk/coverage/served.tsv, where {wrong:#?}");
}
