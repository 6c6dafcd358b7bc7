//! The way of a box through its backups and back onto an empty folder.

mod cuts;
mod full_disk;
mod servers;
mod targets;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use world::device::STORE;
use world::history::forwarded;
use world::stanza::ns;
use world::{ClamAv, Client, Device, EdgeBox, Person, SignedIn, expect, noise};

const FILES: &str = "/api/rainbow/filestorage/v1.0/files";
const BYTES: &str = "/api/rainbow/fileserver/v1.0/files";

/// A box that has a recovery key, and a folder beside it for its backups.
pub(crate) struct Backed {
    pub(crate) edge: EdgeBox,
    pub(crate) recovery_key: PathBuf,
}

impl Backed {
    /// Backs up to a folder, and to `more` targets, with lines of the same section.
    pub(crate) fn new(more: &[&str], lines: &str) -> Self {
        let edge = EdgeBox::empty();
        let made = edge.run_init(&["--recovery-key"], &Person::first_admin().password).succeeded("init");
        let key = made.out.lines().find_map(|line| line.strip_prefix("recovery key: ")).expect("it is printed");
        let recovery_key = edge.beside().join("recovery.key");
        fs::write(&recovery_key, format!("{key}\n")).expect("a file");
        let backed = Self { edge, recovery_key };
        fs::create_dir_all(backed.usb()).expect("a disk");
        let usb = format!("usb=file://{}", backed.usb().display());
        let targets: Vec<String> = [usb.as_str()].iter().chain(more).map(|target| format!("\"{target}\"")).collect();
        let scanner = ClamAv::of_suite().configuration("reserve_bytes = 1048576");
        backed.edge.configure(&format!("{scanner}\n[backup]\ntargets = [{}]\n{lines}\n", targets.join(", ")));
        backed
    }

    /// The disk that backups go to.
    pub(crate) fn usb(&self) -> PathBuf {
        self.edge.beside().join("usb")
    }

    pub(crate) fn backup(&self, args: &[&str]) -> world::Outcome {
        self.edge.edge(&[&["backup"], args].concat(), "")
    }

    /// The arguments of a restore from the disk.
    fn restore_args(&self) -> Vec<String> {
        let from = format!("file://{}", self.usb().display());
        self.restore_from(&from)
    }

    pub(crate) fn restore_from(&self, from: &str) -> Vec<String> {
        let key = self.recovery_key.display().to_string();
        ["vault", "restore", "--from", from, "--recovery-key-file", &key].map(str::to_owned).to_vec()
    }

    /// Restores onto a folder of its own.
    pub(crate) fn restored(&self, args: &[String]) -> (EdgeBox, String) {
        let key = self.recovery_key.display().to_string();
        let bare = EdgeBox::empty().with_args(&["--recovery-key-file", &key]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let told = bare.edge(&args, "").succeeded("vault restore").out;
        (bare, told)
    }
}

/// Uploads a file and waits for the scanner; its id.
pub(crate) async fn shared(who: &SignedIn, name: &str, bytes: &[u8]) -> String {
    let body = serde_json::json!({"fileName": name, "extension": "bin", "size": bytes.len()});
    let id = expect::data(&who.client.post(FILES, &body).await)["id"].as_str().expect("an id").to_owned();
    let put = who.client.request("PUT", &format!("{BYTES}/{id}")).body("application/octet-stream", bytes).send();
    expect::data(&put.await);
    let begun = Instant::now();
    while expect::data(&who.client.get(&format!("{FILES}/{id}")).await)["isClean"].is_null() {
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "not scanned");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    id
}

/// Ids of the messages between two people, as their box has them.
pub(crate) async fn messages(edge: &EdgeBox, who: &SignedIn, peer: &str) -> Vec<String> {
    let mut device = Device::sign_in(edge, who, "node_looks").await;
    let history = device.whole_history(peer, 100).await;
    history.iter().filter_map(|item| forwarded(item).attr("id").map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_at_work_is_backed_up_and_all_that_was_acknowledged_before_is_restored_d7_h7() {
    let backed = Backed::new(&[], "");
    let edge = &backed.edge;
    edge.start();
    let (ann, bob) = (
        edge.add_person(world::ACME, "backup-ann@acme.test", &[]),
        edge.add_person(world::ACME, "backup-bob@acme.test", &[]),
    );
    let (from, to) = (ann.sign_in(edge).await, bob.sign_in(edge).await);
    let bytes = noise(3_000_000, 5);
    let file = shared(&from, "kept.bin", &bytes).await;
    let mut device = Device::online(edge, &from, "node_writes").await;
    for number in 0..50 {
        device.message(to.jid(), &format!("before-{number}"), "said before", STORE).await;
        let id = format!("before-{number}");
        let is_receipt = |e: &world::Element| {
            e.child("received", ns::RECEIPTS).is_some_and(|receipt| receipt.attr("id") == Some(id.as_str()))
        };
        device.expect("the box's receipt", is_receipt).await;
    }
    // People go on while it is taken.
    let jid = to.jid().to_owned();
    let writing = tokio::spawn(async move {
        for number in 0..400 {
            device.message(&jid, &format!("meanwhile-{number}"), "said meanwhile", STORE).await;
        }
        device
    });
    let outcome = tokio::task::block_in_place(|| backed.backup(&["now", "--full", "--json"])).succeeded("backup now");
    let outcomes: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!(outcomes[0]["target"], "usb");
    drop(writing.await.expect("people were never stopped"));
    let status = edge.status();
    assert!(status["backups"][0]["verified_at_ms"].is_u64(), "{status}");
    let listed = tokio::task::block_in_place(|| backed.backup(&["list"])).succeeded("backup list").out;
    assert!(listed.contains("usb: 1 snapshots"), "{listed}");
    let secrets = ["said before", "kept.bin", "backup-ann@acme.test", "Adm1n-of-Acme!"];
    assert!(world::secrecy::search(&backed.usb(), &secrets).is_empty(), "nothing at the target can be read");
    edge.kill_9();

    let (restored, told) = tokio::task::block_in_place(|| backed.restored(&backed.restore_args()));
    assert!(told.contains("everything that came after") && told.contains("another life"), "{told}");
    restored.start();
    let old = Client::new(&restored).with_token(&from.token).get(FILES).await;
    assert_eq!(old.status, 401, "nobody is signed in on the restored box");
    let (from, to) = (ann.sign_in(&restored).await, bob.sign_in(&restored).await);
    let there = messages(&restored, &from, to.jid()).await;
    for number in 0..50 {
        let id = format!("before-{number}");
        assert!(there.contains(&id), "{id} was acknowledged before the snapshot");
    }
    let order: Vec<&String> = there.iter().filter(|id| id.starts_with("meanwhile-")).collect();
    let expected: Vec<String> = (0..order.len()).map(|number| format!("meanwhile-{number}")).collect();
    assert!(order.iter().copied().eq(expected.iter()), "the others are a beginning without a hole");
    assert_eq!(from.client.get(&format!("{BYTES}/{file}")).await.body[..], bytes[..]);
    restored.terminate();
}

#[test]
fn what_cannot_be_restored_is_refused_in_words_and_nothing_is_changed_d7() {
    let backed = Backed::new(&[], "");
    backed.backup(&["now"]).succeeded("a backup of a stopped box");
    let words = |args: &[String], to: &EdgeBox| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        to.edge(&args, "").refused("a restore")
    };
    // Another box's key.
    let other = Backed::new(&[], "");
    let mut args = backed.restore_args();
    args[5] = other.recovery_key.display().to_string();
    let bare = EdgeBox::empty();
    let told = words(&args, &bare);
    assert!(told.contains("recovery key"), "{told}");
    let left = |folder: &Path| world::fault::files(folder).iter().any(|path| !path.ends_with("lock"));
    assert!(!left(&bare.data()), "nothing is left of it");
    // A folder that holds a box.
    let told = words(&backed.restore_args(), &other.edge);
    assert!(told.contains("holds a box already"), "{told}");
    // A folder that holds something else.
    fs::create_dir_all(bare.data()).expect("a folder");
    fs::write(bare.data().join("letter.txt"), "dear").expect("a file");
    let told = words(&backed.restore_args(), &bare);
    assert!(told.contains("letter.txt"), "{told}");
    // A disk that is not mounted, and one without backups.
    let told = words(&backed.restore_from("file:///nonexistent/disk"), &EdgeBox::empty());
    assert!(told.contains("/nonexistent/disk"), "{told}");
    let empty = EdgeBox::empty();
    let told = words(&backed.restore_from(&format!("file://{}", empty.beside().display())), &EdgeBox::empty());
    assert!(told.contains("no backup of a Rainbow Edge box"), "{told}");
    // A damaged object.
    let pack = world::fault::files(&backed.usb().join("objects")).pop().expect("a pack");
    let mut bytes = fs::read(&pack).expect("a pack");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&pack, bytes).expect("it can be changed");
    let name = pack.file_name().expect("a name").to_string_lossy().into_owned();
    let bare = EdgeBox::empty();
    let told = words(&backed.restore_args(), &bare);
    assert!(told.contains(&name) && told.contains("damaged"), "{told}");
    assert!(!bare.data().join("keyring.json").exists(), "half a box is none");
    let told = bare.start_refused().refused("a start on half a box");
    assert!(told.contains("vault restore"), "{told}");
    let failed = backed.backup(&["verify"]).refused("a verification");
    assert!(failed.contains(&name), "{failed}");
}

#[test]
fn a_dry_run_tells_what_would_come_and_writes_nothing_d7() {
    let backed = Backed::new(&[], "");
    backed.backup(&["now"]).succeeded("a backup");
    let bare = EdgeBox::empty();
    let mut args = backed.restore_args();
    args.push(String::from("--dry-run"));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let told = bare.edge(&args, "").succeeded("a dry run").out;
    assert!(told.contains("Nothing was written") && told.contains("1 companies"), "{told}");
    assert!(!bare.data().exists(), "not even the folder");
}
