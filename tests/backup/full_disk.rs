//! Disks that fill up: the target's in a backup, the box's own while people write, the one that a restore goes to. What was
//! there stays, people are told what to do, and once there is room everything goes on where it was.

use crate::{BYTES, Backed, FILES, messages, shared};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use world::device::STORE;
use world::stanza::ns;
use world::{Device, EdgeBox, SignedIn, expect, noise};

const ROOMS: &str = "/api/rainbow/enduser/v1.0/rooms";
/// Where the small disks of the process inside are.
const DISKS: &str = "RAINBOW_EDGE_SMALL_DISKS";
/// In a mount of its own, which ends with it; needs no rights.
const MOUNTED: &str =
    "mount -t tmpfs -o size=160m,mode=0700 tmpfs \"$TMPDIR\" && exec \"$0\" --exact \"$1\" --nocapture";

/// A disk of its own, in memory.
struct Disk(PathBuf);

impl Disk {
    fn mounted(path: &Path, size: &str) -> Self {
        std::fs::create_dir_all(path).expect("a place for a disk");
        let options = format!("size={size},mode=0700");
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(path).status().expect("mount");
        assert!(mounted.success(), "{} is mounted", path.display());
        Self(path.to_owned())
    }

    fn free(&self) -> u64 {
        let found = nix::sys::statvfs::statvfs(&self.0).expect("a mounted disk");
        found.blocks_available() * found.fragment_size()
    }

    /// Others fill it, until so much is left.
    fn fill(&self, left: u64) {
        use std::io::Write as _;
        let mut filler = std::fs::File::options().create(true).append(true).open(self.filler()).expect("a file");
        let bytes = vec![7; 1 << 20];
        loop {
            let more = usize::try_from(self.free().saturating_sub(left)).unwrap_or(usize::MAX).min(bytes.len());
            // Somebody else may have taken the last of it.
            if more == 0 || filler.write_all(&bytes[..more]).is_err() {
                return;
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("it can be removed");
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

/// Runs a test of this file in a process of its own, whose temporary folder is a small disk.
fn inside(name: &str) {
    let folder = std::env::temp_dir().join(format!("rainbow-edge-small-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let test = std::env::current_exe().expect("this test");
    let mut inside = Command::new("unshare");
    inside.args(["--map-root-user", "--mount", "/bin/sh", "-c", MOUNTED]).arg(test);
    inside.arg(format!("full_disk::inside_{name}")).env("TMPDIR", &folder).env(DISKS, &folder);
    let output = inside.output().expect("unshare (package util-linux)");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    std::fs::remove_dir(folder).expect("nothing is left in it");
}

fn disks() -> Option<PathBuf> {
    std::env::var_os(DISKS).map(PathBuf::from)
}

/// A box with a target that has little room.
fn small_target(disks: &Path) -> (Disk, Backed) {
    let target = Disk::mounted(&disks.join("target"), "24m");
    let backed = Backed::new(&[&format!("small=file://{}", target.0.display())], "");
    backed.edge.start();
    (target, backed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_target() {
    let Some(disks) = disks() else { return };
    let (target, backed) = small_target(&disks);
    let who = backed.edge.add_person(world::ACME, "full-tara@acme.test", &[]).sign_in(&backed.edge).await;
    shared(&who, "before.bin", &noise(1_000_000, 1)).await;
    let small = |args: &[&str]| tokio::task::block_in_place(|| backed.backup(&[args, &["--target", "small"]].concat()));
    small(&["now"]).succeeded("a first backup");
    shared(&who, "after.bin", &noise(9_000_000, 2)).await;
    for left in [0, 100_000, 3_000_000] {
        target.fill(left);
        let told = small(&["now"]).refused("a backup to a full disk");
        let named = told.contains("small: ") && told.contains(&target.0.display().to_string());
        assert!(named && told.contains("no room is left") && told.contains("make some"), "{left} left: {told}");
        let standing = backed.edge.status()["backups"][1].clone();
        assert!(standing["failure"].as_str().is_some_and(|failure| failure.contains("no room")), "{standing}");
        // What was there stays, also while nothing is freed.
        small(&["verify"]).succeeded("the backup from before");
        assert!(small(&["list"]).succeeded("a list").out.contains("small: 1 snapshots"), "no half of one");
        expect::data(&who.client.get(FILES).await);
        target.make_room();
    }
    small(&["now"]).succeeded("the next one, with room");
    assert!(small(&["list"]).succeeded("a list").out.contains("small: 2 snapshots"));
    small(&["verify"]).succeeded("all of it");
    assert!(backed.edge.alive(), "it was the same process all the time");
    backed.edge.terminate();
}

#[test]
fn a_target_that_is_full_fails_by_name_and_keeps_what_it_has_d7() {
    inside("target");
}

/// Sends until one is refused; who was acknowledged, and the refusal.
async fn until_refused(device: &mut Device, to: &str, prefix: &str) -> (Vec<String>, world::Element) {
    let mut acknowledged = Vec::new();
    for number in 0..5_000 {
        let id = format!("{prefix}-{number}");
        device.message(to, &id, &"words ".repeat(3_000), STORE).await;
        loop {
            let answer = device.next_within(Duration::from_secs(world::PATIENCE_S)).await.expect("an answer");
            let receipt = answer.child("received", ns::RECEIPTS).and_then(|receipt| receipt.attr("id"));
            if receipt == Some(id.as_str()) {
                acknowledged.push(id);
                break;
            }
            if answer.attr("type") == Some("error") && answer.attr("id") == Some(id.as_str()) {
                return (acknowledged, answer);
            }
        }
    }
    panic!("the disk never filled up");
}

async fn make_bubble(who: &SignedIn) -> world::Answer {
    who.client.post(ROOMS, &serde_json::json!({"name": "full ".repeat(40).trim()})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_box() {
    let Some(disks) = disks() else { return };
    let own = Disk(disks);
    let backed = Backed::new(&[], "");
    let edge = &backed.edge;
    edge.start();
    let ann = edge.add_person(world::ACME, "full-ann@acme.test", &[]).sign_in(edge).await;
    let bob = edge.add_person(world::ACME, "full-bob@acme.test", &[]).sign_in(edge).await;
    let bytes = noise(300_000, 3);
    let mut files = Vec::new();
    for number in 0..5 {
        files.push(shared(&ann, &format!("file-{number}.bin"), &bytes).await);
    }
    let bubble = expect::data(&make_bubble(&ann).await)["id"].as_str().expect("an id").to_owned();
    let mut device = Device::online(edge, &ann, "node_writes").await;
    own.fill(0);
    let (mut acknowledged, refusal) = until_refused(&mut device, bob.jid(), "full").await;
    let error = refusal.child("error", "jabber:client").expect("it says why");
    assert_eq!(error.attr("type"), Some("wait"), "{refusal:?}");
    assert!(error.child("resource-constraint", "urn:ietf:params:xml:ns:xmpp-stanzas").is_some(), "{refusal:?}");
    // What must be written is refused in words; what is there is read.
    let mut refused = make_bubble(&ann).await;
    for _ in 0..200 {
        if refused.status != 200 {
            break;
        }
        // Less than a message took may find a place yet.
        refused = make_bubble(&ann).await;
    }
    assert!(refused.status == 507 && refused.text().contains("no room"), "{} {}", refused.status, refused.text());
    assert_eq!(ann.client.get(&format!("{BYTES}/{}", files[0])).await.body[..], bytes[..]);
    let there = messages(edge, &ann, bob.jid()).await;
    assert!(acknowledged.iter().all(|id| there.contains(id)), "what was acknowledged is read");
    // What is deleted goes, one after another, also where not a byte is left.
    for gone in &files[1..] {
        own.fill(0);
        expect::success(&ann.client.delete(&format!("{FILES}/{gone}")).await);
        assert_eq!(ann.client.get(&format!("{FILES}/{gone}")).await.status, 404, "it is gone");
    }
    expect::success(&ann.client.delete(&format!("{ROOMS}/{bubble}")).await);
    assert_eq!(ann.client.get(&format!("{ROOMS}/{bubble}")).await.status, 404, "so is the bubble");
    own.make_room();
    device.message(bob.jid(), "room-again", "there is room", STORE).await;
    let is_receipt = |e: &world::Element| {
        e.child("received", ns::RECEIPTS).is_some_and(|receipt| receipt.attr("id") == Some("room-again"))
    };
    device.expect("the box's receipt", is_receipt).await;
    acknowledged.push(String::from("room-again"));
    assert!(edge.alive(), "it was the same process all the time");
    edge.kill_9();
    edge.start();
    let there = messages(edge, &ann, bob.jid()).await;
    assert!(there == acknowledged, "all that was acknowledged, and nothing else: {there:?}");
    edge.edge(&["vault", "check", "--files"], "").succeeded("a check");
    edge.terminate();
}

#[test]
fn a_box_without_a_byte_left_refuses_writing_reads_and_deletes_and_goes_on_with_room_d7() {
    inside("box");
}

/// Fills the disk of a restore in the middle of it; what the restore said, unless it was too fast.
fn filled_in_the_middle(restore: &[&str], bare: &EdgeBox, disk: &Disk) -> world::Outcome {
    std::thread::scope(|scope| {
        let restoring = scope.spawn(|| bare.edge(restore, ""));
        while !bare.data().join("directory.db").exists() && !restoring.is_finished() {
            std::thread::yield_now();
        }
        disk.fill(0);
        restoring.join().expect("no panic")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside_restore() {
    let Some(_) = disks() else { return };
    let backed = Backed::new(&[], "");
    backed.edge.start();
    let person = backed.edge.add_person(world::ACME, "full-rita@acme.test", &[]);
    let who = person.sign_in(&backed.edge).await;
    let bytes = noise(9_000_000, 4);
    let file = shared(&who, "large.bin", &bytes).await;
    shared(&who, "larger.bin", &noise(9_000_000, 5)).await;
    tokio::task::block_in_place(|| {
        backed.backup(&["now"]).succeeded("a backup");
        backed.edge.terminate();
    });
    let (args, key) = (backed.restore_args(), backed.recovery_key.display().to_string());
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let bare = EdgeBox::empty().with_args(&["--recovery-key-file", &key]);
    // The box's folder and what others have there.
    let disk = Disk::mounted(bare.beside(), "40m");
    let is_none = |what: &str| assert!(!bare.data().join("keyring.json").exists(), "{what}: half a box is none");
    tokio::task::block_in_place(|| {
        // From the start: it is told before anything is brought.
        disk.fill(4_000_000);
        let told = bare.edge(&args, "").refused("a restore to a full disk");
        assert!(told.contains("bytes are needed") && told.contains("make room"), "{told}");
        is_none("full from the start");
        disk.make_room();
        // In the middle.
        let told = filled_in_the_middle(&args, &bare, &disk).refused("a restore to a disk that fills up");
        assert!(told.contains("no room is left") && told.contains("begin the same again"), "{told}");
        is_none("filled in the middle");
        // It knows how much it has really written.
        let told = bare.edge(&args, "").refused("once more without room");
        assert!(told.contains("bytes are needed") || told.contains("no room is left"), "{told}");
        is_none("still full");
        disk.make_room();
        let told = bare.start_refused().refused("a start on half a box");
        assert!(told.contains("vault restore"), "{told}");
        let told = bare.edge(&args, "").succeeded("the same with room").out;
        assert!(told.contains("an earlier restore was gone on with"), "{told}");
    });
    bare.start();
    let who = person.sign_in(&bare).await;
    assert_eq!(who.client.get(&format!("{BYTES}/{file}")).await.body[..], bytes[..]);
    bare.terminate();
}

#[test]
fn a_restore_onto_a_disk_that_fills_up_goes_on_once_there_is_room_d7() {
    inside("restore");
}
