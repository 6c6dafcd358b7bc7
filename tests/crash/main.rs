//! `kill -9` under load at seeded random moments: what was acknowledged is there once, whole, in order (decision 10).

mod between_companies;
mod load;
mod rekeying;

use load::{Line, Sender};
use std::collections::HashSet;
use std::time::Duration;
use world::device::STORE;
use world::history::forwarded;
use world::{Device, Element, Seeded, SignedIn, World};

const SENDERS: usize = 6;
const PAGE: u32 = 100;

fn rounds() -> u32 {
    if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 200 } else { 20 }
}

/// What all rounds have written and what of it was acknowledged.
struct Ledger {
    senders: Vec<SignedIn>,
    receiver: SignedIn,
    acknowledged: Vec<HashSet<Line>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_message_survives_a_kill_at_any_moment_c1_d3() {
    let mut chance = Seeded::from_environment();
    let world = World::new();
    let mut ledger = prepare(&world).await;
    let mut recovered = 0;
    for round in 0..rounds() {
        one_round(&world, &mut ledger, round, &mut chance).await;
        if chance.between(0, 4) == 0 {
            world.edge.start_and_kill_9(Duration::from_millis(chance.between(1, 400)));
        }
        world.edge.start();
        recovered += told_recoveries(&world);
        for sender in 0..SENDERS {
            check_newest(&world, &ledger, sender, round).await;
        }
    }
    for sender in 0..SENDERS {
        let mut device = Device::sign_in(&world.edge, &ledger.senders[sender], "node_final").await;
        let whole = device.whole_history(ledger.receiver.jid(), PAGE).await;
        check(&ledger, sender, &lines(sender, &whole), None);
    }
    assert!(recovered > 0, "no start said that it recovered anything, although every one followed a kill under load");
    world.edge.terminate();
}

async fn prepare(world: &World) -> Ledger {
    let mut senders = Vec::new();
    for number in 0..SENDERS {
        senders.push(world.signed_in(&format!("sender{number}")).await);
    }
    let receiver = world.bob.sign_in(&world.edge).await;
    Ledger { senders, receiver, acknowledged: vec![HashSet::new(); SENDERS] }
}

/// Load from all senders, a receiver who is there, and the kill.
async fn one_round(world: &World, ledger: &mut Ledger, round: u32, chance: &mut Seeded) {
    let receiving = Device::online(&world.edge, &ledger.receiver, "node_bob").await;
    let receiver = tokio::spawn(load::receive_until_cut(receiving));
    let mut running = Vec::new();
    for (number, who) in ledger.senders.iter().enumerate() {
        let device = Device::online(&world.edge, who, "node_load").await;
        let sender = Sender { number, round, to: ledger.receiver.jid().to_owned(), hint: STORE };
        running.push(tokio::spawn(sender.send_until_cut(device)));
    }
    tokio::time::sleep(Duration::from_millis(chance.between(20, 600))).await;
    world.edge.kill_9();
    for (number, task) in running.into_iter().enumerate() {
        ledger.acknowledged[number].extend(task.await.expect("a sender ends by the cut"));
    }
    for line in receiver.await.expect("the receiver ends by the cut") {
        // Recipients see a message only after its commit: what was delivered counts as acknowledged.
        if line.round == round {
            ledger.acknowledged[line.sender].insert(line);
        }
    }
}

/// How many databases the start says it recovered, which the log must say too. A kill within the first transaction of a
/// log leaves nothing to keep, only something to drop.
fn told_recoveries(world: &World) -> usize {
    let status = world.edge.status();
    let recovered = status["recovered"].as_array().unwrap_or_else(|| panic!("status tells `recovered`: {status}"));
    for entry in recovered {
        assert!(entry["database"].is_string(), "{entry}");
        let told = |what: &str| entry[what].as_u64().unwrap_or_else(|| panic!("`{what}` is told: {entry}"));
        assert!(told("frames") > 0 || told("torn_bytes") > 0, "{entry}");
    }
    let log = world.edge.log_since_start();
    assert!(recovered.is_empty() || log.to_lowercase().contains("recovered"), "the log says it too:\n{log}");
    recovered.len()
}

/// Checks the lines of this round: reads back only as far as it reaches.
async fn check_newest(world: &World, ledger: &Ledger, sender: usize, round: u32) {
    let mut device = Device::sign_in(&world.edge, &ledger.senders[sender], "node_check").await;
    let mut newest: Vec<Line> = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let page = device.history(ledger.receiver.jid(), PAGE, marker.as_deref()).await;
        let found = lines(sender, &page.results);
        let passed = found.iter().any(|line| line.round < round);
        newest.splice(0..0, found.into_iter().filter(|line| line.round == round));
        if passed || page.complete() {
            break;
        }
        marker = page.rsm("first").map(str::to_owned);
        assert!(marker.is_some(), "an incomplete page says where to go on: {:?}", page.fin);
    }
    check(ledger, sender, &newest, Some(round));
}

/// The lines of archive entries, each checked to be whole.
fn lines(sender: usize, results: &[Element]) -> Vec<Line> {
    let read = |result: &Element| {
        let message = forwarded(result);
        let id = message.attr("id").unwrap_or_default();
        let line = Line::from_id(id).unwrap_or_else(|| panic!("an entry that nobody sent: {message:?}"));
        assert_eq!(line.sender, sender, "an entry of another conversation: {message:?}");
        assert_eq!(message.body(), Some(line.body().as_str()), "{id} is not whole");
        line
    };
    results.iter().map(read).collect()
}

/// Every acknowledged line once, any line at most once, in the order sent.
fn check(ledger: &Ledger, sender: usize, found: &[Line], round: Option<u32>) {
    for pair in found.windows(2) {
        assert!((pair[0].round, pair[0].number) < (pair[1].round, pair[1].number), "out of order or twice: {pair:?}");
    }
    let found: HashSet<&Line> = found.iter().collect();
    let wanted = ledger.acknowledged[sender].iter().filter(|line| round.is_none_or(|round| line.round == round));
    let lost: Vec<&Line> = wanted.filter(|line| !found.contains(line)).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
}
