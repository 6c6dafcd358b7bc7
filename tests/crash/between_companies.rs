//! A message between two companies is one row in each (decision 9): `kill -9` between the two commits, at seeded random
//! moments, and in the end both copies are there, once, in order.

use crate::load::{self, Line, Sender};
use std::collections::HashSet;
use std::time::Duration;
use world::device::STORE;
use world::history::forwarded;
use world::stanza::ns;
use world::{Device, Seeded, SignedIn, World};

const INITECH: &str = "Initech-Nachbarhaus";
const PAIRS: usize = 3;
const PAGE: u32 = 100;
/// How often the other copy is looked at until it must be complete: the courier starts with the box.
const LOOKS: u32 = 450;

fn rounds() -> u32 {
    if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 100 } else { 12 }
}

/// Two people of different companies, joined; both write.
struct Pair {
    ends: [SignedIn; 2],
    /// What each of them had acknowledged.
    acknowledged: [HashSet<Line>; 2],
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_copies_survive_a_kill_between_their_commits_once_and_in_order_c1_b1() {
    let mut chance = Seeded::from_environment();
    let world = World::new();
    let mut pairs = prepare(&world).await;
    let (mut left_over, mut round) = (0, 0);
    // A machine that is busy with other things may let every kill fall beside what it is meant for.
    while round < rounds() || (left_over == 0 && round < 4 * rounds()) {
        one_round(&world, &mut pairs, round, &mut chance).await;
        if chance.between(0, 3) == 0 {
            world.edge.start_and_kill_9(Duration::from_millis(chance.between(50, 500)));
        }
        world.edge.start();
        left_over += usize::from(world.edge.log_since_start().contains("left in the outbox"));
        round += 1;
    }
    for pair in &pairs {
        for (end, number) in [0, 1].into_iter().zip(0..) {
            check(&world, pair, end, number).await;
        }
    }
    assert!(left_over > 0, "no kill fell between the two commits: nothing was shown");
    world.edge.terminate();
}

async fn prepare(world: &World) -> Vec<Pair> {
    world.edge.add_company(INITECH, "public");
    let mut pairs = Vec::new();
    for number in 0..PAIRS {
        let here = world.signed_in(&format!("near{number}")).await;
        let there = world.edge.add_person(INITECH, &format!("far{number}@initech.test"), &[]);
        let there = there.sign_in(&world.edge).await;
        here.join(&there).await;
        pairs.push(Pair { ends: [here, there], acknowledged: [HashSet::new(), HashSet::new()] });
    }
    pairs
}

/// Everybody writes; half of them have a second device that receives. Then the kill.
async fn one_round(world: &World, pairs: &mut [Pair], round: u32, chance: &mut Seeded) {
    let mut running = Vec::new();
    let mut receiving = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        for (end, who) in pair.ends.iter().enumerate() {
            let device = Device::online(&world.edge, who, "node_load").await;
            let to = pair.ends[1 - end].jid().to_owned();
            let sender = Sender { number: number * 2 + end, round, to, hint: STORE };
            running.push(tokio::spawn(sender.send_until_cut(device)));
            if (number + end) % 2 == 0 {
                let device = Device::online(&world.edge, who, "node_receive").await;
                receiving.push(tokio::spawn(load::receive_until_cut(device)));
            }
        }
    }
    tokio::time::sleep(Duration::from_millis(chance.between(20, 500))).await;
    world.edge.kill_9();
    for (number, task) in running.into_iter().enumerate() {
        let acknowledged = task.await.expect("a sender ends by the cut");
        pairs[number / 2].acknowledged[number % 2].extend(acknowledged);
    }
    for task in receiving {
        for line in task.await.expect("a receiver ends by the cut") {
            // Delivered means committed by the sender's company first.
            pairs[line.sender / 2].acknowledged[line.sender % 2].insert(line);
        }
    }
}

/// What one person wrote stands in the own archive and, in the same order, in the other's: all that was acknowledged.
async fn check(world: &World, pair: &Pair, end: usize, number: usize) {
    let (writer, reader) = (&pair.ends[end], &pair.ends[1 - end]);
    let own = written_by(world, writer, reader, writer).await;
    let mut other = written_by(world, reader, writer, writer).await;
    for _ in 0..LOOKS {
        if other.len() >= own.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        other = written_by(world, reader, writer, writer).await;
    }
    assert_eq!(own, other, "end {number}: the two copies differ");
    for pair in own.windows(2) {
        assert!((pair[0].round, pair[0].number) < (pair[1].round, pair[1].number), "out of order or twice: {pair:?}");
    }
    let found: HashSet<Line> = own.into_iter().collect();
    let lost: Vec<&Line> = pair.acknowledged[end].iter().filter(|line| !found.contains(line)).collect();
    assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    assert!(!pair.acknowledged[end].is_empty(), "nothing was written");
}

/// The lines of one writer in the archive of `reader` with `peer`, each checked to be whole.
async fn written_by(world: &World, reader: &SignedIn, peer: &SignedIn, writer: &SignedIn) -> Vec<Line> {
    let mut device = Device::sign_in(&world.edge, reader, "node_check").await;
    let whole = device.whole_history(peer.jid(), PAGE).await;
    device.leave().await;
    let mut lines = Vec::new();
    for result in &whole {
        let message = forwarded(result);
        assert!(message.child("received", ns::RECEIPTS).is_none(), "a receipt is no message: {message:?}");
        if !message.attr("from").is_some_and(|from| from.starts_with(writer.local())) {
            continue;
        }
        let line = Line::from_id(message.attr("id").unwrap_or_default());
        let line = line.unwrap_or_else(|| panic!("an entry that nobody sent: {message:?}"));
        assert_eq!(message.body(), Some(line.body().as_str()), "not whole");
        lines.push(line);
    }
    lines
}
