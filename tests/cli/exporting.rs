//! A company in clear, for who takes its data along (D6, J7): read by Python as anybody would.

use crate::vault::info;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use world::device::STORE;
use world::{ClamAv, Device, EdgeBox, Outcome, Person, Seeded, SignedIn, World, expect, fault, noise};

const LEAVING: &str = "Export \"Acme\" & Söhne";
const BUBBLE: &str = "Plans/2027: <north>";
const ALICE: &str = "Firstnameexp-alicia Lastnameexp-alicia";
const FOREIGN: &str = "foreign-people-only";
const DELETED: &str = "deleted-words";
const WRONG: &str = "wrong-words";

/// Reads an export as a stranger's program would, and answers what it found.
const READER: &str = r#"
import csv, hashlib, json, os, sqlite3, stat, sys
root = sys.argv[1]
told = {"modes": [], "wrong": [], "bytes": 0}
for folder, _, files in os.walk(root):
    if stat.S_IMODE(os.stat(folder).st_mode) != 0o700: told["modes"].append(folder)
    for name in files:
        path = os.path.join(folder, name)
        if stat.S_IMODE(os.stat(path).st_mode) != 0o600: told["modes"].append(path)
        assert os.path.realpath(path).startswith(os.path.realpath(root) + "/")
        told["bytes"] += os.path.getsize(path)
load = lambda name: json.load(open(os.path.join(root, name), encoding="utf-8"))
manifest = load("manifest.json")
listed = {}
for line in open(os.path.join(root, "SHA256SUMS"), encoding="utf-8"):
    sum, path = line.rstrip("\n").split("  ", 1)
    listed[path] = sum
    if hashlib.sha256(open(os.path.join(root, path), "rb").read()).hexdigest() != sum: told["wrong"].append(path)
there = {os.path.relpath(os.path.join(f, n), root) for f, _, ns in os.walk(root) for n in ns}
told["unlisted"] = sorted(there - set(listed) - {"SHA256SUMS"})
told["absent"] = sorted(set(listed) - there)
for entry in manifest["entries"]:
    if listed[entry["path"]] != entry["sha256"]: told["wrong"].append(entry["path"])
db = sqlite3.connect("file:" + os.path.join(root, "database.sqlite") + "?mode=ro", uri=True)
told["integrity"] = db.execute("PRAGMA integrity_check").fetchone()[0]
told["references"] = db.execute("PRAGMA foreign_key_check").fetchall()
tables = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
told["tables"] = tables
told["rows"] = {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
told["keys"] = db.execute("SELECT count(*) FROM file WHERE wrapped_key IS NOT NULL").fetchone()[0]
told["bodies"] = sorted(b for b, in db.execute("SELECT body FROM message WHERE about IS NULL UNION ALL SELECT body FROM bubble_message WHERE about IS NULL"))
told["manifest"] = manifest
told["people"] = load("people.json")
told["csv"] = list(csv.DictReader(open(os.path.join(root, "people.csv"), encoding="utf-8", newline="")))
told["outsiders"] = load("outsiders.json")
for kind in ("conversations", "bubbles"):
    told[kind] = load(kind + ".json")
    for one in told[kind]:
        one["lines"] = [json.loads(line) for line in open(os.path.join(root, one["file"]), encoding="utf-8")]
told["files"] = load("files.json")
for one in told["files"]:
    one["sha256"] = listed.get(one["path"])
json.dump(told, sys.stdout)
"#;

fn read(folder: &Path) -> Value {
    let output = Command::new("python3").args(["-c", READER]).arg(folder).output().expect("Python");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for none in ["modes", "wrong", "unlisted", "absent", "references"] {
        assert_eq!(told[none], json!([]), "{none}");
    }
    assert_eq!(told["integrity"], "ok");
    told
}

/// A company with people, a bubble, messages that were corrected, deleted and reacted to, and files with names of any kind.
struct Leaving {
    world: World,
    ada: SignedIn,
    /// What the one of another company is called whom they wrote to.
    alice: &'static str,
    /// The scanner lives as long.
    _scanner: ClamAv,
}

const NAMES: [&str; 6] = [
    "report.txt",
    "REPORT.TXT",
    "re\u{301}sume\u{301}: <1>?.txt",
    "r\u{e9}sum\u{e9}: <1>?.txt",
    "con.txt",
    "..hidden. ",
];

async fn share(who: &SignedIn, name: &str, bytes: &[u8]) {
    const FILES: &str = "/api/rainbow/filestorage/v1.0/files";
    let wanted = json!({ "fileName": name, "extension": "bin", "size": bytes.len() });
    let id = expect::data(&who.client.post(FILES, &wanted).await)["id"].as_str().expect("an id").to_owned();
    let put = who.client.request("PUT", &format!("/api/rainbow/fileserver/v1.0/files/{id}"));
    expect::data(&put.body("application/octet-stream", bytes).send().await);
    let begun = Instant::now();
    while expect::data(&who.client.get(&format!("{FILES}/{id}")).await)["isClean"].is_null() {
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "{name} was not scanned");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn leaving() -> Leaving {
    let scanner = ClamAv::new();
    let world = World::configured(&scanner.configuration(""));
    scanner.start();
    let edge = &world.edge;
    edge.add_company(LEAVING, "public");
    let add = |email: &str, first: &str, last: &str| {
        let person = Person { first_name: first.into(), last_name: last.into(), ..Person::named(LEAVING, email) };
        let names = ["--first-name", first, "--last-name", last];
        let args = [&["user", "add", "--company", LEAVING, "--email", email], &names[..]].concat();
        edge.edge(&args, &format!("{}\n", person.password)).succeeded("user add");
        person
    };
    let ada = add("exp-ada@leaving.test", "Ada", "=SUM(1)").sign_in(edge).await;
    let ben = add("exp-ben@leaving.test", "Ben", "../Bräu, \"der\"").sign_in(edge).await;
    let alice = edge.add_person(world::ACME, "exp-alicia@acme.test", &[]).sign_in(edge).await;
    ada.join(&alice).await;
    talk(edge, &ada, &ben, &alice).await;
    for (at, name) in (0..).zip(NAMES) {
        share(&ada, name, &noise(70_000 + at, 90 + at as u64)).await;
    }
    share(&alice, "exp-foreign.txt", b"a file of another company").await;
    let bob = world.bob.sign_in(edge).await;
    let mut device = Device::online(edge, &alice, "node_foreign").await;
    device.message(bob.jid(), "f1", FOREIGN, STORE).await;
    device.settle().await;
    device.close().await;
    Leaving { world, ada, alice: ALICE, _scanner: scanner }
}

/// What is said: between two of the company, with somebody of another, and in a bubble.
async fn talk(edge: &EdgeBox, ada: &SignedIn, ben: &SignedIn, alice: &SignedIn) {
    let bubble = ada.bubble(BUBBLE).await;
    ada.add_to(&bubble, ben).await;
    let mut device = Device::online(edge, ada, "node_ada").await;
    let mut other = Device::online(edge, ben, "node_ben").await;
    device.message(ben.jid(), "m1", "Hello \"Ben\"\n<second line>", STORE).await;
    device.message(ben.jid(), "m2", WRONG, STORE).await;
    device.chat(ben.jid(), "m2", "<body>right words</body><modified xmlns='urn:xmpp:message-correct:0'/>").await;
    device.settle().await;
    other.message(ada.jid(), "b1", "Hello Ada", STORE).await;
    other.settle().await;
    let liked = "<reactions xmlns='urn:xmpp:reactions:0' id='b1'><reaction>👍</reaction></reactions>";
    device.chat(ben.jid(), "r1", liked).await;
    device.message(ben.jid(), "m3", DELETED, STORE).await;
    device.chat(ben.jid(), "m3", "<body/><deleted xmlns='urn:xmpp:message-correct:0'/>").await;
    device.message(alice.jid(), "a1", "Hello Alice", STORE).await;
    device.enter(&bubble).await;
    device.say(&bubble, "s1", "<body>Said in the bubble</body>").await;
    device.settle().await;
    device.close().await;
    other.close().await;
}

fn export(edge: &EdgeBox, to: &Path, more: &[&str], input: &str) -> Outcome {
    let to = to.to_string_lossy().into_owned();
    edge.edge(&[&["vault", "export", "--to", &to], more].concat(), input)
}

fn beside(edge: &EdgeBox, name: &str) -> PathBuf {
    edge.beside().join(name)
}

/// What a stranger reads of it, whether the box ran or not.
fn holds_all(told: &Value, leaving: &Leaving) {
    let names: Vec<&str> =
        told["people"].as_array().expect("a list").iter().map(|p| p["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["Ada =SUM(1)", "Ben ../Bräu, \"der\""]);
    let last: Vec<&str> =
        told["csv"].as_array().expect("rows").iter().map(|p| p["last_name"].as_str().expect("a name")).collect();
    assert_eq!(last, ["'=SUM(1)", "../Bräu, \"der\""]);
    let outsiders = told["outsiders"].as_array().expect("a list");
    let alice = outsiders.iter().find(|one| one["company_id"] != leaving.ada.company_id());
    let alice = alice.expect("who was written to");
    assert_eq!(alice.as_object().map(serde_json::Map::len), Some(3), "a name and no more: {alice}");
    assert_eq!(alice["name"], leaving.alice, "{alice}");
    let conversations = told["conversations"].as_array().expect("a list");
    assert_eq!(conversations.len(), 2, "{conversations:?}");
    let inside = conversations.iter().find(|one| one["messages"] == 3).expect("the two of them");
    let lines: Vec<(&str, &str)> = inside["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| (line["from"].as_str().expect("who"), line["text"].as_str().expect("what")))
        .collect();
    let (ada, ben) = ("Ada =SUM(1)", "Ben ../Bräu, \"der\"");
    assert_eq!(lines, [(ada, "Hello \"Ben\"\n<second line>"), (ada, "right words"), (ben, "Hello Ada")]);
    assert!(inside["lines"][1]["corrected_at"].is_string() && inside["lines"][0]["corrected_at"].is_null());
    assert_eq!(inside["lines"][2]["reactions"], json!([{ "from": ada, "from_id": leaving.ada.id(), "emoji": ["👍"] }]));
    let bubble = &told["bubbles"][0];
    assert_eq!((&bubble["name"], &bubble["file"]), (&json!(BUBBLE), &json!("bubbles/Plans_2027_ _north_.jsonl")));
    assert_eq!(bubble["lines"][0]["text"], "Said in the bubble");
    let roles: Vec<&Value> = bubble["members"].as_array().expect("members").iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, ["organizer", "member"]);
    files(told);
}

fn files(told: &Value) {
    let files = told["files"].as_array().expect("a list");
    let names: Vec<&str> = files.iter().map(|file| file["name"].as_str().expect("a name")).collect();
    assert_eq!(names, NAMES);
    let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().expect("a path")).collect();
    assert!(paths[..2] == ["files/report.txt", "files/REPORT (2).TXT"] && paths[4] == "files/_con.txt", "{paths:?}");
    assert!(paths[2..].iter().all(|path| path.matches('/').count() == 1 && !path.ends_with('.')), "{paths:?}");
    for (file, (at, _)) in files.iter().zip((0..).zip(NAMES)) {
        assert_eq!(file["bytes"], 70_000 + at, "{file}");
    }
    let sums: std::collections::BTreeSet<&str> =
        files.iter().map(|file| file["sha256"].as_str().expect("a sum")).collect();
    assert_eq!(sums.len(), NAMES.len(), "each has its own bytes");
    assert_eq!(told["keys"], 0, "no key of a file is told");
}

/// Nothing of it is in any byte of the folder.
fn lacks(folder: &Path, words: &[&str]) {
    for file in fault::files(folder) {
        let bytes = fs::read(&file).expect("it is there");
        for word in words {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word} is in {}", file.display());
        }
    }
}

#[tokio::test]
async fn a_company_is_written_in_clear_whole_or_not_at_all_and_nothing_of_others_d6_b1_d1() {
    let leaving = leaving().await;
    let edge = &leaving.world.edge;
    let plan = export(edge, &beside(edge, "plan"), &["--company", LEAVING, "--dry-run"], "").succeeded("a dry run").out;
    for told in [LEAVING, "people    2\n", "messages  5, in 1 bubbles", "files     6 with", "Nothing was written."] {
        assert!(plan.contains(told), "{told}: {plan}");
    }
    assert!(!beside(edge, "plan").exists() && info(edge)["exports"] == json!([]), "a dry run leaves nothing");
    let running = beside(edge, "running");
    let refused = export(edge, &running, &["--company", LEAVING], "Acme\n").refused("another name, typed");
    assert!(refused.contains("nothing was written") && !running.exists(), "{refused}");
    let told =
        export(edge, &running, &["--company", LEAVING], &format!("{LEAVING}\n")).succeeded("its name, typed").out;
    assert!(told.contains("5 messages, 6 files"), "{told}");
    holds_all(&read(&running), &leaving);
    lacks(&running, &[DELETED, WRONG, FOREIGN, "acme.test", "exp-foreign.txt", "a file of another company"]);
    assert!(!edge.data().join("export").exists(), "nothing is left in the data folder");
    a_full_disk_gets_nothing(edge);
    killed_at_any_moment(edge, &leaving);
    edge.terminate();
    let stopped = beside(edge, "stopped");
    fs::create_dir(&stopped).expect("an empty folder is as none");
    let by_id = leaving.ada.company_id().to_owned();
    export(edge, &stopped, &["--company", &by_id, "--yes-in-clear"], "").succeeded("of a stopped box");
    holds_all(&read(&stopped), &leaving);
    lacks(&stopped, &[DELETED, WRONG, FOREIGN, "acme.test", "exp-foreign.txt"]);
    assert_eq!(read(&running)["bodies"], read(&stopped)["bodies"]);
    for tables in [&read(&running)["tables"], &read(&stopped)["tables"]] {
        let tables = tables.as_array().expect("a list");
        for secret in ["password", "session", "application_password", "fast_token", "known_source", "push_subscription"]
        {
            assert!(!tables.contains(&json!(secret)), "{secret}");
        }
    }
    a_damaged_file_is_named(edge, &by_id);
    let noted = &info(edge)["exports"];
    let last = noted.as_array().and_then(|all| all.last()).expect("a note");
    assert!(
        last["company"] == by_id.as_str() && last["to"] == beside(edge, "hurt").to_string_lossy().as_ref(),
        "{noted}"
    );
    let table = edge.edge(&["vault", "info"], "").succeeded("a table").out;
    assert!(table.contains(&format!("company {by_id} in clear")), "{table}");
}

#[tokio::test]
async fn an_export_of_all_companies_has_a_folder_for_each_and_goes_nowhere_where_it_should_not_d6_d1_j7() {
    let World { edge, alice, .. } = World::new();
    goes_nowhere_where_it_should_not(&edge);
    let alice = alice.sign_in(&edge).await;
    let all = beside(&edge, "all");
    export(&edge, &all, &["--all"], &format!("{}\n", world::ACME)).refused("a name for all of them");
    export(&edge, &all, &["--all"], "all\n").succeeded("all of them");
    let folders: Vec<PathBuf> =
        fs::read_dir(&all).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert!(folders.len() >= 2 && folders.iter().all(|folder| folder.is_dir()), "{folders:?}");
    let own = read(&all.join(world::ACME));
    assert_eq!(own["manifest"]["company"]["id"], alice.company_id());
    assert_eq!(fs::metadata(&all).expect("a folder").permissions().mode() & 0o777, 0o700);
    folders.iter().for_each(|folder| drop(read(folder)));
}

/// Says why.
fn goes_nowhere_where_it_should_not(edge: &EdgeBox) {
    let ours = ["--company", world::ACME, "--yes-in-clear"];
    let refused = |to: &Path, words: &str| {
        let told = export(edge, to, &ours, "").refused(words);
        assert!(told.contains(words) && told.contains("nothing was written"), "{told}");
    };
    refused(&edge.data().join("clear"), "it lies in the data folder");
    let full = beside(edge, "full");
    fs::create_dir(&full).expect("a folder");
    fs::write(full.join("letter.txt"), "mine").expect("a file");
    refused(&full, "it is not empty");
    refused(&full.join("letter.txt"), "it is no folder");
    let link = beside(edge, "link");
    std::os::unix::fs::symlink(edge.data(), &link).expect("a link");
    refused(&link, "it is no folder");
    refused(&link.join("inside"), "it lies in the data folder");
    let part = beside(edge, "own.part");
    fs::create_dir(&part).expect("a folder");
    fs::write(part.join("letter.txt"), "mine").expect("a file");
    refused(&beside(edge, "own"), "it is no export that was cut off");
    assert_eq!(fs::read(part.join("letter.txt")).expect("untouched"), b"mine");
    let new = beside(edge, "new");
    let unknown = export(edge, &new, &["--company", "Nobody", "--yes-in-clear"], "").refused("an unknown name");
    assert!(unknown.contains("Nobody"), "{unknown}");
    export(edge, &new, &[], "").refused("neither one nor all");
    let absent = export(edge, &beside(edge, "absent/new"), &ours, "").refused("no folder to make it in");
    assert!(absent.contains("absent"), "{absent}");
    let other = crate::rekeys::beside(edge, "other.key", &"ab".repeat(32));
    let wrong = export(edge, &new, &[&ours[..], &["--key-file", &other]].concat(), "");
    assert_eq!(wrong.code, Some(65), "{}", wrong.text());
    assert!(!new.exists() && !beside(edge, "new.part").exists());
    assert_eq!(info(edge)["exports"], json!([]), "nothing of this was an export");
}

/// The rest is there, and who reads it is told too (D3).
fn a_damaged_file_is_named(edge: &EdgeBox, company: &str) {
    let stored = fault::files(&edge.data().join("files").join(company));
    let file = stored.iter().find(|file| file.extension().is_none()).expect("a stored file");
    fault::flip_byte(file, 40_000);
    let hurt = beside(edge, "hurt");
    let outcome = export(edge, &hurt, &["--company", company, "--yes-in-clear"], "");
    assert_eq!(outcome.code, Some(4), "{}", outcome.text());
    let id = file.file_name().expect("a name").to_string_lossy().into_owned();
    let told = read(&hurt);
    let missing = told["manifest"]["missing"].as_array().expect("a list");
    assert!(missing.len() == 1 && missing[0]["id"] == id.as_str(), "{missing:?}");
    assert!(outcome.out.contains("missing: "), "{}", outcome.text());
    let files = told["files"].as_array().expect("a list");
    assert_eq!(files.iter().filter(|file| file["path"].is_null()).count(), 1);
    assert_eq!(told["manifest"]["files"], NAMES.len() - 1);
}

/// A disk without room, in a mount of its own that needs no rights: one is too small, one takes too few files.
const SMALL_DISK: &str = "mount -t tmpfs -o size=$2,nr_inodes=$3,mode=0700 tmpfs \"$1\" && shift 3 && \"$@\"; ended=$?; \
     [ -z \"$(ls -A \"$DISK\")\" ] || echo LEFT; exit $ended";

fn a_full_disk_gets_nothing(edge: &EdgeBox) {
    let disk = beside(edge, "disk");
    fs::create_dir(&disk).expect("a folder");
    for (size, files, words) in [("256k", "1000", "are needed"), ("64m", "14", "nothing is left of it")] {
        let mut inside = Command::new("unshare");
        inside.args(["--map-root-user", "--mount", "/bin/sh", "-c", SMALL_DISK, "sh"]).arg(&disk).args([size, files]);
        inside.arg(world::executable::path()).args(["vault", "export", "--company", LEAVING, "--yes-in-clear", "--to"]);
        inside.arg(disk.join("out")).arg("--data").arg(edge.data()).env("DISK", &disk);
        let output = inside.output().expect("unshare (package util-linux)");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(words) && !told.contains("LEFT"), "{told}");
    }
    assert!(!edge.data().join("export").exists(), "nothing is left in the data folder either");
}

/// Killed, or asked to end: nothing stands under the name that is not whole, and the same line clears away what was left.
fn killed_at_any_moment(edge: &EdgeBox, leaving: &Leaving) {
    let mut seeded = Seeded::from_environment();
    let (to, part) = (beside(edge, "cut"), beside(edge, "cut.part"));
    for round in 0..6 {
        let mut command = Command::new(world::executable::path());
        command.args(["vault", "export", "--company", LEAVING, "--yes-in-clear", "--to"]).arg(&to);
        command.arg("--data").arg(edge.data()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = world::executable::spawn_tied(command).expect("it starts");
        std::thread::sleep(Duration::from_millis(seeded.between(5, 300)));
        let asked = round % 2 == 1;
        let signal = if asked { nix::sys::signal::Signal::SIGTERM } else { nix::sys::signal::Signal::SIGKILL };
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), signal);
        child.wait().expect("it ends");
        if to.exists() {
            drop(read(&to));
            fs::remove_dir_all(&to).expect("it is whole, and goes");
        }
        if asked && part.exists() {
            // Only what a kill before left, which this one had not come to.
            assert!(part.join(".rainbow-edge-export").exists(), "round {round}");
        }
    }
    let begun = Instant::now();
    let told = loop {
        let outcome = export(edge, &to, &["--company", LEAVING, "--yes-in-clear"], "");
        if outcome.code == Some(0) {
            break outcome.out;
        }
        assert!(outcome.text().contains("another export"), "{}", outcome.text());
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "{}", outcome.text());
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(told.contains("5 messages"), "{told}");
    assert!(!part.exists() && !edge.data().join("export").exists());
    holds_all(&read(&to), leaving);
    assert!(edge.alive());
}
