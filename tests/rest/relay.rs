//! The relay for calls: who may use it, for how long, and what its end is the end of (G1, I5, J10).

use crate::guests::enter;
use crate::links::{bubble, token};
use crate::tenant::text;
use crate::{ADMIN_USERS, OwnCompany, world};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use world::executable::{spawn_tied, tied_command};
use world::{Bubble, Client, EdgeBox, SignedIn, expect};

const SERVERS: &str = "/api/rainbow/geolocation/v1.0/settings/iceservers";
const PATIENCE: Duration = Duration::from_secs(world::PATIENCE_S);

/// What somebody is given, once the media node of the box is there.
async fn given(who: &SignedIn) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let told = expect::success(&who.client.get(SERVERS).await);
        let servers = told["data"].as_array().expect("a list").clone();
        if !servers.is_empty() {
            return servers;
        }
        assert!(begun.elapsed() < PATIENCE, "the media node never came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn by<'a>(servers: &'a [Value], scheme: &str) -> &'a Value {
    servers.iter().find(|server| text(&server["urls"]).starts_with(scheme)).unwrap_or_else(|| panic!("{servers:?}"))
}

/// What coturn's client does within so many seconds with these credentials: whether it came to its end, and what it tells.
fn coturn(limit_s: &str, how: &[&str], server: &Value, port: u16) -> (bool, String) {
    let mut command = Command::new("timeout");
    command.args([limit_s, "turnutils_uclient", "-c", "-y", "-m", "1", "-l", "200"]).args(how);
    command.args(["-u", text(&server["username"]), "-w", text(&server["credential"])]);
    command.args(["-p", &port.to_string(), "127.0.0.1"]).stdin(Stdio::null());
    let output = command.output().expect("coturn is installed");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), told)
}

const ALL_ARRIVED: &str = "Total lost packets 0 ";

/// Whether coturn's client is let in with these credentials, and what it sends itself through the relay arrives.
fn is_relayed(edge: &EdgeBox, server: &Value) -> bool {
    let (ended, told) = coturn("20", &["-n", "5"], server, edge.media());
    ended && told.contains(ALL_ARRIVED)
}

/// The same of somebody who is to be let in: coturn's client gives up soon, and datagrams may be lost on a machine that is busy.
fn comes_to_be_relayed(edge: &EdgeBox, server: &Value) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if is_relayed(edge, server) {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn who_is_signed_in_is_given_relays_and_a_credential_of_his_own_g1() {
    let company = OwnCompany::new("relayed");
    let (anna, ben) = (company.signed_in("anna").await, company.signed_in("ben").await);
    let servers = given(&anna).await;
    let (edge, https) = (&world().edge, world().edge.https());
    let urls: Vec<&str> = servers.iter().map(|server| text(&server["urls"])).collect();
    let expected = [
        format!("stun:localhost:{}", edge.media()),
        format!("turn:localhost:{}?transport=udp", edge.media()),
        format!("turns:localhost:{https}?transport=tcp"),
    ];
    assert_eq!(urls, expected);
    assert!(servers[0]["username"].is_null(), "who asks for his address shows nothing");
    let (own, other) = (by(&servers, "turn:"), given(&ben).await);
    assert_ne!(own["username"], by(&other, "turn:")["username"]);
    assert!(!text(&own["username"]).contains(anna.id()), "it goes over the wire in the clear");
    let ttl = expect::success(&anna.client.get(SERVERS).await)["ttl"].as_u64().expect("seconds");
    assert!((1..=43_200).contains(&ttl), "{ttl}");
    let older = expect::success(&anna.client.get("/api/rainbow/enduser/v1.0/settings/iceservers").await);
    assert_eq!(older["data"].as_array().map(Vec::len), Some(3), "as older clients ask");
    expect::refusal(&Client::new(edge).get(SERVERS).await, 401);
    assert!(comes_to_be_relayed(edge, own));
    let forged = json!({"username": own["username"], "credential": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="});
    assert!(!is_relayed(edge, &forged), "strangers are relayed nothing");
}

#[tokio::test]
async fn whoever_is_suspended_is_relayed_nothing_from_then_on_g1() {
    let company = OwnCompany::new("unrelayed");
    let carla = company.signed_in("carla").await;
    let admin = world().admin.sign_in(&world().edge).await;
    let servers = given(&carla).await;
    let relay = by(&servers, "turn:");
    assert!(comes_to_be_relayed(&world().edge, relay));
    let path = format!("{ADMIN_USERS}/{}", carla.id());
    expect::success(&admin.client.put(&path, &json!({"isActive": false})).await);
    let begun = Instant::now();
    while is_relayed(&world().edge, relay) {
        assert!(begun.elapsed() < PATIENCE, "what she was given is still good");
    }
}

#[tokio::test]
async fn a_guest_is_given_relays_as_well_g1_c4() {
    let organizer = OwnCompany::new("relayed-guest").signed_in("organizer").await;
    let room = Bubble::read(&bubble("Relayed", &organizer).await);
    let token = token(&organizer, &room.id).await;
    let answer = expect::success(&enter(&Client::new(&world().edge), &token, "Gerd Gast").await);
    let guest = SignedIn::from_answer(&world().edge, &answer);
    assert_eq!(given(&guest).await.len(), given(&organizer).await.len());
}

#[tokio::test]
async fn who_asks_without_end_is_told_to_wait_and_others_are_not_e5() {
    let company = OwnCompany::new("relay-pace");
    let (greedy, other) = (company.signed_in("greedy").await, company.signed_in("other").await);
    let begun = Instant::now();
    while greedy.client.get(SERVERS).await.status < 400 {
        assert!(begun.elapsed() < PATIENCE, "one after another are more than anybody needs");
    }
    expect::success(&other.client.get(SERVERS).await);
}

#[tokio::test]
async fn the_end_of_the_media_node_is_the_end_of_nothing_else_i5() {
    let edge = EdgeBox::init();
    edge.start();
    let admin = world::Person::first_admin().sign_in(&edge).await;
    let servers = given(&admin).await;
    let node = edge.media_node().expect("a media node");
    let server = edge.server();
    node.kill_9();
    expect::success(&admin.client.get(SERVERS).await);
    let begun = Instant::now();
    while edge.media_node().is_none_or(|found| found == node) || !is_relayed(&edge, by(&servers, "turn:")) {
        assert!(begun.elapsed() < PATIENCE, "the media node did not come back:\n{}", edge.log_since_start());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(edge.server(), server, "the server never noticed");
    let health = expect::data(&admin.client.get("/api/edge/v1/health").await);
    let media = health["services"].as_array().expect("a list").iter().find(|one| one["name"] == "media");
    assert!(media.is_some(), "{health}");
}

/// A call by TLS that lasts longer than strangers may stay, as coturn's client makes it: whether all of it arrived. It tries
/// versions of TLS by chance until one is served, and the machine may be busy: `None` where it was not let in in time.
fn lasts_by_tls(edge: &EdgeBox, server: &Value) -> Option<bool> {
    let (_, told) = coturn("30", &["-t", "-S", "-n", "60", "-z", "80"], server, edge.https());
    // It says this once both ends have what they talk through.
    told.contains("Total connect time").then(|| told.contains(ALL_ARRIVED))
}

#[tokio::test]
async fn a_call_by_tls_is_no_strangers_once_it_is_proved_whose_it_is_e1_e5_g1() {
    let edge = EdgeBox::init();
    edge.start();
    // Signing in takes a busy machine longer than strangers will be given.
    let servers = given(&world::Person::first_admin().sign_in(&edge).await).await;
    edge.terminate();
    edge.configure("[gate]\nstranger_life_ms = 3000\n");
    edge.start();
    let begun = Instant::now();
    let mut lasted = None;
    // One that is cut is so each time; another may only have been left waiting.
    while lasted != Some(true) && begun.elapsed() < 3 * PATIENCE {
        lasted = lasts_by_tls(&edge, by(&servers, "turns:"));
    }
    assert_eq!(lasted, Some(true), "a stranger's connection would have been cut after three seconds");
}

#[tokio::test]
async fn the_probe_of_a_box_names_no_broken_hop_and_says_what_is_wrong_where_there_is_one_g1() {
    let edge = EdgeBox::init();
    edge.start();
    given(&world::Person::first_admin().sign_in(&edge).await).await;
    let told = edge.edge(&["media", "probe", "--json"], "").succeeded("media probe");
    let told: Value = serde_json::from_str(&told.out).expect("JSON");
    let hops: Vec<&str> = told["findings"].as_array().expect("a list").iter().map(|one| text(&one["hop"])).collect();
    let udp = ["name", "reach", "allocation", "permission", "echo", "address"];
    let tls = ["name", "certificate", "reach", "allocation", "permission", "echo", "address"];
    assert_eq!(hops, [&["node"][..], &udp, &tls].concat());
    let nobody = edge.edge(&["media", "probe", "--at", "127.77.0.1"], "");
    assert_ne!(nobody.code, Some(0));
    edge.terminate();
    let stopped = edge.edge(&["media", "probe"], "").text();
    assert!(stopped.contains("BROKEN node") && stopped.contains("what to do"), "{stopped}");
}

#[tokio::test]
async fn a_relay_at_another_site_serves_the_people_of_the_box_and_stores_nothing_j10() {
    let (edge, site) = (EdgeBox::init(), EdgeBox::empty());
    edge.start();
    let (https, media) = (site.https().to_string(), site.media().to_string());
    let key = edge.edge(&["media", "enrol", "--host", "localhost", "--port", &https], "").succeeded("media enrol");
    let folder = site.beside();
    let [file, chain, secret] = ["relay.key", "chain.pem", "key.pem"].map(|name| folder.join(name));
    std::fs::write(&file, key.out).expect("written");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&chain, made.cert.pem()).expect("written");
    std::fs::write(&secret, made.signing_key.serialize_pem()).expect("written");
    let mut command = tied_command();
    command.arg("media").arg("--enrolled").arg(&file).arg("--chain").arg(&chain).arg("--key").arg(&secret);
    command.args(["--udp", &media]).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let mut relay = spawn_tied(command).expect("it starts");
    let before = std::fs::read_dir(folder).expect("a folder").count();
    let servers = given(&world::Person::first_admin().sign_in(&edge).await).await;
    let of_site = servers.iter().find(|server| text(&server["urls"]).contains(&https)).expect("it is handed out");
    assert!(of_site["urls"].is_string() && servers.len() == 6, "{servers:?}");
    let there = servers.iter().find(|one| text(&one["urls"]) == format!("turn:localhost:{https}?transport=udp"));
    let begun = Instant::now();
    while !is_relayed(&site, there.expect("by UDP")) {
        assert!(begun.elapsed() < PATIENCE, "the relay does not know the people of the box");
    }
    assert!(!is_relayed(&site, by(&servers, "turn:")), "a credential for the box is none for the relay");
    assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), before, "it stores nothing");
    edge.edge(&["media", "dismiss", "--host", "localhost"], "").succeeded("media dismiss");
    assert_eq!(given(&world::Person::first_admin().sign_in(&edge).await).await.len(), 3);
    relay.kill().expect("our own child");
    relay.wait().expect("our own child");
}
