//! The lock-out through HTTP (A5, decision 22). Loopback addresses are sources of their own.

use crate::{USERS, world};
use world::person::sign_in_through;
use world::{Answer, Client, Device, EdgeBox, World, expect};

async fn guess(edge: &EdgeBox, source: u8, email: &str, number: u32) -> Answer {
    sign_in_through(&Client::new(edge).from_source(source), email, &format!("Guess-Number-{number}"), None).await
}

/// A refusal of a locked account; the seconds to wait, which the header and the text tell alike.
#[track_caller]
fn wait_s(answer: &Answer) -> u32 {
    let refusal = expect::refusal(answer, 429);
    let header = answer.header("retry-after").expect("Retry-After of RFC 9110");
    let details = refusal["errorDetails"].as_str().expect("errorDetails");
    assert!(details.contains(&format!("{header} s")), "{details} against {header}");
    header.parse().expect("seconds")
}

#[tokio::test]
async fn an_account_that_exists_and_one_that_does_not_are_locked_and_told_alike_a5() {
    let edge = &world().edge;
    let paula = world().member("paula");
    let nobody = "nobody-of-paula@acme.test";
    for number in 0..7 {
        let known = guess(edge, 11, &paula.email, number).await;
        let unknown = guess(edge, 11, nobody, number).await;
        if number < 5 {
            expect::refusal(&known, 401);
            expect::indistinguishable((&known, &paula.email), (&unknown, nobody));
        } else {
            assert!((1..=30).contains(&wait_s(&known)) && (1..=30).contains(&wait_s(&unknown)));
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(&known), names(&unknown));
        }
    }
    let right = sign_in_through(&Client::new(edge).from_source(11), &paula.email, &paula.password, None).await;
    assert!(wait_s(&right) <= 30, "the right password is told like a wrong one");
}

#[tokio::test]
async fn three_equal_tries_are_one_and_four_such_lock_nobody_out_a5() {
    let edge = &world().edge;
    let pia = world().member("pia");
    for number in 0..12 {
        expect::refusal(&guess(edge, 12, &pia.email, number / 3).await, 401);
    }
    let right = sign_in_through(&Client::new(edge).from_source(12), &pia.email, &pia.password, None).await;
    expect::success(&right);
}

#[tokio::test]
async fn a_lock_ends_no_session_and_concerns_no_other_source_and_no_neighbour_a5() {
    let edge = &world().edge;
    let (petra, peer) = (world().member("petra"), world().member("petras-peer"));
    let session = petra.sign_in(edge).await;
    let mut device = Device::online(edge, &session, "node_petra").await;
    for number in 0..5 {
        guess(edge, 13, &petra.email, number).await;
    }
    wait_s(&guess(edge, 13, &petra.email, 100).await);
    expect::data(&session.client.get(&format!("{USERS}/me")).await);
    device.settle().await;
    petra.sign_in(edge).await;
    let neighbour = sign_in_through(&Client::new(edge).from_source(13), &peer.email, &peer.password, None).await;
    expect::success(&neighbour);
}

#[tokio::test]
async fn earlier_successes_outlive_a_restart_and_locks_are_logged_without_names_a5() {
    let world = World::configured("[sign_in]\nlock_out_failures = 3\nlock_out_account_failures = 3\n");
    let (edge, alice) = (&world.edge, &world.alice);
    let sign_in = async |source: u8| {
        sign_in_through(&Client::new(edge).from_source(source), &alice.email, &alice.password, None).await
    };
    expect::success(&sign_in(1).await);
    edge.restart();
    for number in 0..3_u8 {
        expect::refusal(&guess(edge, 10 + number, &alice.email, u32::from(number)).await, 401);
    }
    wait_s(&sign_in(2).await);
    expect::success(&sign_in(1).await);
    let log = edge.log_since_start();
    let line = log.lines().find(|line| line.contains("wrong passwords")).unwrap_or_else(|| panic!("no line:\n{log}"));
    for word in ["alice", "acme", "127.0", alice.password.as_str(), "Guess"] {
        assert!(!line.contains(word), "{line}");
    }
}
