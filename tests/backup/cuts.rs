//! `kill -9` at seeded moments of backups and restores: what was there before stays, and the same command goes on.

use crate::{Backed, shared};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use world::{EdgeBox, Person, Seeded, noise};

fn rounds() -> u32 {
    if std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1") { 60 } else { 6 }
}

/// Starts a command and kills it after a while; whether it had ended before.
fn killed_after(arguments: &[String], data: &Path, after: Duration) -> bool {
    let mut command = Command::new(world::executable::path());
    command.args(arguments).arg("--data").arg(data);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    std::thread::sleep(after);
    let ended = child.try_wait().expect("a child can be waited for").is_some_and(|status| status.success());
    let _ = child.kill();
    let _ = child.wait();
    ended
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_and_restores_that_are_killed_at_any_moment_leave_the_old_state_and_go_on_d7() {
    let mut chance = Seeded::from_environment();
    let backed = Backed::new(&[], "");
    backed.edge.start();
    let who = Person::first_admin().sign_in(&backed.edge).await;
    for number in 0..4 {
        shared(&who, &format!("cut-{number}.bin"), &noise(5_000_000, 50 + number)).await;
    }
    backed.edge.terminate();
    backed.backup(&["now"]).succeeded("a first backup");
    let now = ["backup", "now", "--full"].map(str::to_owned);
    let (mut cut, mut round) = (0, 0);
    // How long one takes depends on the machine.
    while round < rounds() || (cut == 0 && round < 4 * rounds()) {
        backed.edge.add_person(world::ACME, &format!("backup-cut-{round}@acme.test"), &[]);
        let after = Duration::from_millis(chance.between(1, 900));
        cut += u32::from(!killed_after(&now, &backed.edge.data(), after));
        backed.backup(&["verify"]).succeeded("what is there can be restored");
        round += 1;
    }
    assert!(cut > 0, "nothing was cut off");
    backed.backup(&["now"]).succeeded("a last backup");
    let restore = backed.restore_args();
    let key = backed.recovery_key.display().to_string();
    let bare = EdgeBox::empty().with_args(&["--recovery-key-file", &key]);
    let mut cut = 0;
    for _ in 0..rounds() {
        let after = Duration::from_millis(chance.between(1, 900));
        if killed_after(&restore, &bare.data(), after) {
            break;
        }
        cut += 1;
    }
    println!("restores cut off: {cut}");
    if !bare.data().join("keyring.json").exists() {
        let args: Vec<&str> = restore.iter().map(String::as_str).collect();
        bare.edge(&args, "").succeeded("the same command goes on");
    }
    bare.start();
    let who = Person::named(world::ACME, &format!("backup-cut-{}@acme.test", rounds() - 1)).sign_in(&bare).await;
    assert!(!who.id().is_empty());
    let admin = Person::first_admin().sign_in(&bare).await;
    let files = world::expect::data(&admin.client.get(crate::FILES).await);
    assert_eq!(files.as_array().map(Vec::len), Some(4));
}
