//! `kill -9` at seeded random moments while a company's key is turned under load: no start loses what was acknowledged, each
//! goes on with the turn, and in the end the old key is gone (D2).

use crate::load::{Line, Sender};
use std::collections::HashSet;
use std::time::Duration;
use world::device::STORE;
use world::history::forwarded;
use world::{Device, Seeded, SignedIn, World};

const SENDERS: usize = 3;
/// How often the end of a turn is looked for.
const LOOKS: u32 = 900;

fn rounds() -> u32 {
    if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 100 } else { 8 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_turned_over_kills_at_any_moment_and_nothing_acknowledged_is_lost_d2() {
    let mut chance = Seeded::from_environment();
    let world = World::new();
    let receiver = world.bob.sign_in(&world.edge).await;
    let mut senders = Vec::new();
    for number in 0..SENDERS {
        senders.push(world.signed_in(&format!("rekey{number}")).await);
    }
    let company = receiver.company_id().to_owned();
    let mut acknowledged = vec![HashSet::new(); SENDERS];
    let (mut turned, mut cut_while_turning, mut round) = (1, 0, 0);
    // On a machine that is busy with other things a turn may begin after every kill: later ones come later.
    while round < rounds() || (cut_while_turning == 0 && round < 4 * rounds()) {
        one_round(&world, &senders, &receiver, &mut acknowledged, round, &mut chance).await;
        world.edge.start();
        let before = epochs(&world, &company);
        turned = before.last().copied().expect("an epoch");
        cut_while_turning += usize::from(before.len() > 1);
        round += 1;
    }
    assert!(cut_while_turning > 0, "no kill fell into a turn: nothing was shown");
    wait_for_the_end(&world, &company, turned).await;
    assert_eq!(world.edge.status()["turns"], serde_json::json!([]));
    for (number, sender) in senders.iter().enumerate() {
        let mut device = Device::sign_in(&world.edge, sender, "node_check").await;
        let whole = device.whole_history(receiver.jid(), 100).await;
        let found: HashSet<Line> = whole
            .iter()
            .map(|result| {
                let message = forwarded(result);
                let line = Line::from_id(message.attr("id").expect("an id")).expect("a line of the load");
                assert_eq!(message.body(), Some(line.body().as_str()), "wrong data was returned");
                line
            })
            .collect();
        assert_eq!(found.len(), whole.len(), "a message is there twice");
        let lost: Vec<&Line> = acknowledged[number].difference(&found).collect();
        assert!(lost.is_empty(), "sender {number} lost {lost:?}");
    }
    world.edge.terminate();
}

/// Load, a turn that is begun in it, and the kill.
async fn one_round(
    world: &World,
    senders: &[SignedIn],
    receiver: &SignedIn,
    acknowledged: &mut [HashSet<Line>],
    round: u32,
    chance: &mut Seeded,
) {
    let mut running = Vec::new();
    for (number, who) in senders.iter().enumerate() {
        let device = Device::online(&world.edge, who, "node_load").await;
        let sender = Sender { number, round, to: receiver.jid().to_owned(), hint: STORE };
        running.push(tokio::spawn(sender.send_until_cut(device)));
    }
    tokio::time::sleep(Duration::from_millis(chance.between(20, 200))).await;
    let (data, company) = (world.edge.data().to_string_lossy().into_owned(), receiver.company_id().to_owned());
    let asking = std::thread::spawn(move || {
        world::executable::edge(&["vault", "rekey", "--company", &company, "--data", &data], "")
    });
    let latest_ms = if round < rounds() { 250 } else { 2_000 };
    tokio::time::sleep(Duration::from_millis(chance.between(5, latest_ms))).await;
    world.edge.kill_9();
    // It was answered, or its answer was cut off: the next start knows.
    let _ = asking.join().expect("the command ends with the box");
    for (number, task) in running.into_iter().enumerate() {
        acknowledged[number].extend(task.await.expect("a sender ends by the cut"));
    }
}

async fn wait_for_the_end(world: &World, company: &str, turned: u64) {
    for _ in 0..LOOKS {
        if epochs(world, company).len() == 1 {
            assert!(turned > 1, "no turn was ever begun");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the turn does not end: {}", world.edge.status()["turns"]);
}

fn epochs(world: &World, company: &str) -> Vec<u64> {
    let told = world.edge.edge(&["vault", "info", "--json"], "").succeeded("vault info").out;
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let databases = told["databases"].as_array().expect("a list");
    let found = databases.iter().find(|found| found["database"] == company).expect("it is told of");
    let epochs = found["inside"]["key_epochs"].as_array().expect("epochs");
    epochs.iter().map(|epoch| epoch.as_u64().expect("a number")).collect()
}
