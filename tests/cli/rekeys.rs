//! Keys are turned and changed while people talk, and what is old opens nothing that is new (D2).

use crate::GOOD;
use crate::vault::info;
use std::fs;
use std::path::Path;
use world::device::STORE;
use world::{Device, EdgeBox, Person, SignedIn, World, snapshot};

const ROOT: &str = "root.key";

/// Says things, so that pages come about.
async fn talk(edge: &EdgeBox, from: &SignedIn, to: &SignedIn, name: &str, count: usize) {
    let mut device = Device::online(edge, from, "node_talk").await;
    for number in 0..count {
        device.message(to.jid(), &format!("{name}-{number}"), &format!("{name} {}", "words ".repeat(150)), STORE).await;
    }
    device.settle().await;
    device.close().await;
}

pub(crate) async fn heard(edge: &EdgeBox, who: &SignedIn, of: &SignedIn) -> usize {
    Device::sign_in(edge, who, "node_hear").await.whole_history(of.jid(), 100).await.len()
}

fn epochs(edge: &EdgeBox, database: &str) -> serde_json::Value {
    let told = info(edge);
    let databases = told["databases"].as_array().expect("a list");
    let found = databases.iter().find(|found| found["database"] == database).expect("it is told of");
    found["inside"]["key_epochs"].clone()
}

pub(crate) fn beside(edge: &EdgeBox, name: &str, content: &str) -> String {
    let path = edge.beside().join(name);
    fs::write(&path, content).expect("temp");
    path.to_string_lossy().into_owned()
}

/// Puts an older directory, with the keys that are wrapped in it, in the place of the newer one, and the note of how old all is (D3).
fn put_back(edge: &EdgeBox, older: &Path) {
    for name in ["keyring.json", "directory.db", "anchor.sealed"] {
        fs::copy(older.join(name), edge.data().join(name)).expect("copies");
    }
    let _ = fs::remove_file(edge.data().join("directory.db-wal"));
}

#[tokio::test]
async fn a_companys_key_is_turned_while_its_people_talk_and_the_old_one_opens_no_page_of_it_d2() {
    let World { edge, alice, bob, eve, .. } = World::new();
    let (a, b) = (alice.sign_in(&edge).await, bob.sign_in(&edge).await);
    talk(&edge, &a, &b, "before", 300).await;
    edge.terminate();
    let older = edge.beside().join("older");
    edge.copy_data_to(&older);
    edge.start();
    let company = a.company_id().to_owned();
    let plan = edge.edge(&["vault", "rekey", "--company", &company, "--dry-run"], "").succeeded("a dry run").out;
    assert!(plan.contains("pages would be sealed anew") && plan.contains("Nothing was changed"), "{plan}");
    assert_eq!(epochs(&edge, &company), serde_json::json!([1]), "a dry run changes nothing");

    let data = edge.data().to_string_lossy().into_owned();
    let of = company.clone();
    let turning = std::thread::spawn(move || {
        world::executable::edge(&["vault", "rekey", "--company", &of, "--data", &data], "").succeeded("rekey")
    });
    talk(&edge, &b, &a, "meanwhile", 200).await;
    let told = turning.join().expect("it ends");
    assert!(told.out.contains("The old key is gone"), "{told:?}");
    assert_eq!(epochs(&edge, &company), serde_json::json!([2]));
    assert_eq!(edge.status()["turns"], serde_json::json!([]), "nothing is left to turn");
    talk(&edge, &a, &b, "after", 10).await;
    assert_eq!(heard(&edge, &b, &a).await, 510);
    edge.restart();
    assert_eq!(heard(&edge, &a, &b).await, 510);
    edge.terminate();

    let newer = edge.beside().join("newer");
    edge.copy_data_to(&newer);
    put_back(&edge, &older);
    edge.start();
    let (refused, served) = (alice.try_sign_in(&edge).await, eve.try_sign_in(&edge).await);
    assert!(refused.status >= 500, "the old key opened something: {}", refused.text());
    assert_eq!(served.status, 200, "another company goes on: {}", served.text());
    assert!(edge.log_since_start().contains("does not open"), "the log says which");
}

#[tokio::test]
async fn the_directorys_key_is_turned_and_log_ins_tokens_and_links_stay_what_they_are_d2() {
    let World { edge, alice, manager, .. } = World::new();
    let before = alice.sign_in(&edge).await;
    let seen = snapshot::of(&before).await;
    for (round, epoch) in [(1, 2), (2, 3)] {
        let told = edge.edge(&["vault", "rekey", "--directory"], "").succeeded("rekey").out;
        assert!(told.contains("directory") && told.contains("The old key is gone"), "round {round}: {told}");
        assert_eq!(epochs(&edge, "directory"), serde_json::json!([epoch]));
        assert_eq!(snapshot::of(&before).await, seen, "a token that was given before is good");
        manager.sign_in(&edge).await;
        edge.restart();
        assert_eq!(snapshot::of(&before).await, seen, "and after a start");
    }
    edge.terminate();
    let told = edge.edge(&["vault", "rekey", "--directory"], "").succeeded("rekey of a stopped box").out;
    assert!(told.contains("The old key is gone"), "{told}");
    edge.start();
    assert_eq!(snapshot::of(&before).await, seen);
    assert_eq!(epochs(&edge, "directory"), serde_json::json!([4]));
}

#[tokio::test]
async fn another_root_key_opens_the_box_and_its_companies_and_the_old_one_nothing_d2() {
    let World { edge, alice, eve, .. } = World::new();
    let old = fs::read_to_string(edge.data().join(ROOT)).expect("the development key");
    let plan = edge.edge(&["vault", "rekey", "--root", "--dry-run"], "").succeeded("a dry run").out;
    assert!(plan.contains("2 companies") && plan.contains("Nothing was changed"), "{plan}");
    edge.edge(&["vault", "rekey", "--root"], "").succeeded("another root.key");
    let new = fs::read_to_string(edge.data().join(ROOT)).expect("the development key");
    assert_ne!(old, new);
    alice.sign_in(&edge).await;
    edge.restart();
    alice.sign_in(&edge).await;
    eve.sign_in(&edge).await;
    edge.terminate();
    fs::write(edge.data().join(ROOT), &old).expect("writes");
    assert!(edge.start_refused().refused("the old root key").contains("root key does not open"));
    fs::write(edge.data().join(ROOT), &new).expect("writes");

    let key_file = beside(&edge, "own.key", &"5a".repeat(32));
    edge.edge(&["vault", "rekey", "--root", "--new-key-file", &key_file], "").succeeded("of a stopped box");
    edge.start_refused().refused("root.key, which is no longer the root key");
    let edge = edge.with_args(&["--key-file", &key_file]);
    edge.start();
    alice.sign_in(&edge).await;
    let refused = edge.edge(&["vault", "rekey", "--root"], "").refused("no development key opens this box");
    assert!(refused.contains("--new-key-file"), "{refused}");
}

#[tokio::test]
async fn snapshots_from_before_and_after_keys_were_turned_are_restored_and_one_of_an_erased_company_is_not_d2_d7() {
    let edge = EdgeBox::empty();
    let made = edge.run_init(&["--recovery-key"], &Person::first_admin().password).succeeded("init").out;
    let key = made.lines().find_map(|line| line.strip_prefix("recovery key: ")).expect("it is printed");
    let (recovery, disk) = (beside(&edge, "recovery", key), edge.beside().join("usb"));
    fs::create_dir_all(&disk).expect("a disk");
    let from = format!("file://{}", disk.display());
    edge.configure(&format!("[backup]\ntargets = [\"usb={from}\"]\n"));
    edge.start();
    edge.add_company("Rekey-Passing", "public");
    let passing = edge.add_person("Rekey-Passing", "rekey-petra@passing.test", &[]).sign_in(&edge).await;
    let (company, erased) =
        (Person::first_admin().sign_in(&edge).await.company_id().to_owned(), passing.company_id().to_owned());
    let done = |args: &[&str]| edge.edge(args, "").succeeded(&args.join(" ")).out;
    done(&["backup", "now"]);
    done(&["vault", "rekey", "--directory"]);
    done(&["vault", "rekey", "--company", &company]);
    done(&["vault", "rekey", "--root", "--recovery", &recovery]);
    done(&["backup", "now"]);
    done(&["vault", "erase", "--company", &erased, "--yes-erase", "Rekey-Passing"]);
    done(&["backup", "now"]);
    for (snapshot, epoch) in [("1", 1), ("2", 2), ("3", 2)] {
        let told = done(&["backup", "verify", "--snapshot", snapshot]);
        assert!(told.contains("is right"), "snapshot {snapshot}: {told}");
        let bare = EdgeBox::empty().with_args(&["--recovery-key-file", &recovery]);
        let args = ["vault", "restore", "--from", &from, "--recovery-key-file", &recovery, "--snapshot", snapshot];
        bare.edge(&args, "").succeeded("vault restore");
        bare.start();
        Person::first_admin().sign_in(&bare).await;
        let info = bare.edge(&["vault", "info"], "").succeeded("vault info").out;
        assert!(!info.contains(&erased), "snapshot {snapshot} brought back what was erased: {info}");
        for database in ["directory", &company] {
            assert_eq!(epochs(&bare, database), serde_json::json!([epoch]), "snapshot {snapshot}, {database}");
        }
        bare.terminate();
    }
}

#[tokio::test]
async fn a_cut_between_two_root_keys_leaves_a_box_that_opens_d2() {
    let edge = EdgeBox::init();
    let key = fs::read(edge.data().join(ROOT)).expect("reads");
    // Cut before the keyring was written: what lies beside is not the key of anything.
    fs::write(edge.data().join("root.key.next"), "77".repeat(32)).expect("writes");
    edge.start();
    assert_eq!(fs::read(edge.data().join(ROOT)).expect("reads"), key);
    assert!(!edge.data().join("root.key.next").exists());
    edge.terminate();
    // Cut after it was written, before the file took its place.
    fs::write(edge.data().join("root.key.next"), &key).expect("writes");
    fs::write(edge.data().join(ROOT), "77".repeat(32)).expect("writes");
    edge.start();
    Person::first_admin().sign_in(&edge).await;
    assert_eq!(fs::read(edge.data().join(ROOT)).expect("reads"), key);
}

#[tokio::test]
async fn a_passphrase_and_a_recovery_key_are_changed_and_the_ones_before_open_nothing_d2() {
    let edge = EdgeBox::empty();
    let first = beside(&edge, "first", "correct horse battery staple 42\n");
    let made = edge.run_init(&["--passphrase-file", &first, "--recovery-key"], &Person::first_admin().password);
    let told = made.succeeded("init").out;
    let key = told.lines().find_map(|line| line.strip_prefix("recovery key: ")).expect("it is printed");
    let recovery = beside(&edge, "recovery", key);
    let edge = edge.with_args(&["--passphrase-file", &first]);
    edge.start();
    let (short, second) =
        (beside(&edge, "short", "too short\n"), beside(&edge, "second", "another horse, the same stable\n"));
    let change = |file: &str, more: &[&str]| {
        edge.edge(&[&["vault", "passphrase", "--new-passphrase-file", file], more].concat(), "")
    };
    assert!(change(&short, &[]).refused("a short one").contains("at least 12 characters"));
    assert!(change(&second, &[]).refused("no recovery key").contains("--recovery FILE"));
    let wrong = key.replace(&key[..1], if key.starts_with('Z') { "Y" } else { "Z" });
    assert!(change(&second, &["--recovery", &beside(&edge, "wrong", &wrong)]).code != Some(0));
    let told = change(&second, &["--recovery", &recovery]).succeeded("the right recovery key").out;
    assert!(told.contains("The passphrase is changed"), "{told}");
    Person::first_admin().sign_in(&edge).await;
    edge.terminate();
    edge.start_refused().refused("the first passphrase");
    let edge = edge.with_args(&["--passphrase-file", &second]);
    edge.start();
    edge.terminate();
    let edge = edge.with_args(&["--recovery-key-file", &recovery]);
    edge.start();
    another_recovery_key(edge, &second, &recovery).await;
}

/// Shown and typed wrong: nothing changes. Shown and typed right: the one before is void.
async fn another_recovery_key(edge: EdgeBox, passphrase: &str, before: &str) {
    let wrong = edge.edge(&["vault", "recovery-key"], "7777-7777-7777-7777-7777-7777-7777-7777\n");
    assert!(wrong.refused("another key").contains("Nothing was changed"));
    let (shown, told) = typed_as_shown(&edge);
    assert!(told.contains("The recovery key is changed"), "{told}");
    assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 10], "{shown}");
    assert!(world::secrecy::search(&edge.data(), &[&shown[..39], &shown[..39].replace('-', "")]).is_empty());
    edge.terminate();
    edge.start_refused().refused("the recovery key before");
    let after = beside(&edge, "recovery-after", &shown);
    let edge = edge.with_args(&["--recovery-key-file", &after]);
    edge.start();
    Person::first_admin().sign_in(&edge).await;
    edge.terminate();
    assert!(Path::new(before).exists());
    let edge = edge.with_args(&["--passphrase-file", passphrase]);
    edge.start();
}

/// Types what `vault recovery-key` shows, as a person does.
fn typed_as_shown(edge: &EdgeBox) -> (String, String) {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::{Command, Stdio};
    let mut child = Command::new(world::executable::path())
        .args(["vault", "recovery-key", "--data"])
        .arg(edge.data())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("shows");
    let shown = line.trim().strip_prefix("recovery key: ").expect("it is shown").to_owned();
    let mut input = child.stdin.take().expect("piped");
    writeln!(input, " {} ", shown.to_lowercase()).expect("types");
    drop(input);
    let mut told = String::new();
    out.read_to_string(&mut told).expect("tells");
    assert!(child.wait().expect("ends").success(), "{told}");
    (shown, told)
}

#[test]
fn what_cannot_be_turned_is_refused_in_words_d2() {
    let edge = EdgeBox::init();
    let missing = edge.edge(&["vault", "rekey"], "").refused("nothing named");
    assert!(
        missing.contains("--company") && missing.contains("--directory") && missing.contains("--root"),
        "{missing}"
    );
    let unknown =
        edge.edge(&["vault", "rekey", "--company", "000000000000000000000000"], "").refused("an unknown company");
    assert!(unknown.contains("a company of this id"), "{unknown}");
    let odd = edge.edge(&["vault", "rekey", "--company", "../directory"], "").refused("no id");
    assert!(odd.contains("a company of this id"), "{odd}");
    let both = edge.edge(&["vault", "rekey", "--directory", "--root"], "").refused("two at once");
    assert!(both.contains("cannot be used with"), "{both}");
    let file = beside(&edge, "short.key", "abc");
    let short = edge.edge(&["vault", "rekey", "--root", "--new-key-file", &file], "").refused("no key");
    assert!(short.contains("64 hexadecimal digits"), "{short}");
    assert!(edge.edge(&["vault", "rekey", "--help"], GOOD).succeeded("help").out.contains("page by page"));
}
