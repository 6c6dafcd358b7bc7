//! `vault`: what is there, and first aid (D1, D3).

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use world::device::STORE;
use world::{Device, EdgeBox, World, fault};

pub(crate) fn info(edge: &EdgeBox) -> Value {
    let told = edge.edge(&["vault", "info", "--json"], "").succeeded("vault info");
    serde_json::from_str(&told.out).expect("JSON")
}

#[tokio::test]
async fn vault_info_tells_the_same_of_a_running_and_of_a_stopped_box_d1() {
    let World { edge, alice, .. } = World::new();
    let company = alice.sign_in(&edge).await.company_id().to_owned();
    let running = info(&edge);
    assert_eq!(running["running"], true);
    edge.terminate();
    let before = fault::files(&edge.data());
    let stopped = info(&edge);
    assert_eq!(stopped["running"], false);
    assert_eq!(fault::files(&edge.data()), before, "looking leaves nothing behind");
    let [running, stopped] = [running, stopped].map(|told| told["databases"].as_array().expect("a list").clone());
    let names: Vec<&str> = stopped.iter().map(|database| database["database"].as_str().expect("a name")).collect();
    assert_eq!(names[0], "directory");
    assert!(names.contains(&company.as_str()) && names.len() >= 3, "{names:?}");
    for (running, stopped) in running.iter().zip(&stopped) {
        assert_eq!(running["database"], stopped["database"]);
        for same in ["id", "key_epochs", "pages", "schema", "schema_known"] {
            assert_eq!(running["inside"][same], stopped["inside"][same], "{same}: {running} {stopped}");
        }
        assert_eq!(stopped["inside"]["schema"], stopped["inside"]["schema_known"]);
        assert_eq!(stopped["inside"]["key_epochs"], serde_json::json!([1]));
        assert_eq!(stopped["ended_cleanly"], true, "{stopped}");
        assert_eq!(stopped["bytes"].as_u64(), stopped["inside"]["pages"].as_u64().map(|pages| pages * 4096));
    }
    let table = edge.edge(&["vault", "info"], "").succeeded("a table").out;
    assert!(names.iter().all(|name| table.contains(name)) && table.contains("XAES-256-GCM"), "{table}");
}

#[tokio::test]
async fn vault_info_names_what_does_not_open_and_tells_the_rest_d3() {
    let World { edge, alice, .. } = World::new();
    let company = alice.sign_in(&edge).await.company_id().to_owned();
    edge.kill_9();
    let told = info(&edge);
    let databases = told["databases"].as_array().expect("a list");
    assert!(databases.iter().any(|database| database["ended_cleanly"] == false), "{told}");
    assert_eq!(info(&edge)["databases"], told["databases"], "looking does not copy a log back");
    let file = edge.data().join("companies").join(format!("{company}.db"));
    fault::truncate(&file, 0);
    fs::remove_file(file.with_extension("db-wal")).expect("it was not copied back");
    let told = info(&edge);
    for database in told["databases"].as_array().expect("a list") {
        assert_eq!(database["database"] == company.as_str(), database["inside"].is_null(), "{database}");
        assert_eq!(database["inside"].is_null(), database["problem"].is_string(), "{database}");
    }
}

const PAGE: u64 = 4096;

/// Exit code and report of `vault check`.
fn check(edge: &EdgeBox, more: &[&str]) -> (i32, Value) {
    let outcome = edge.edge(&[&["vault", "check", "--json"], more].concat(), "");
    let report = serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("no report: {}", outcome.text()));
    (outcome.code.expect("no signal"), report)
}

/// Findings of a database: what kind, and the text.
fn findings<'a>(report: &'a Value, database: &str) -> Vec<(&'a str, &'a str)> {
    let all = report["findings"].as_array().expect("a list").iter();
    let text = |finding: &'a Value, name: &str| finding[name].as_str().expect("a text");
    all.filter(|finding| finding["database"] == database).map(|f| (text(f, "kind"), text(f, "text"))).collect()
}

fn pages_of(file: &Path) -> u64 {
    fs::metadata(file).expect("it is there").len() / PAGE
}

/// Changes a byte of every third page of the second half: behind the pages that a new database has, messages are what there is
/// most of.
pub(crate) fn flip(file: &Path) -> Vec<u64> {
    let pages = pages_of(file);
    let hurt: Vec<u64> = (pages / 2..pages - 2).step_by(3).collect();
    hurt.iter().for_each(|page| fault::flip_byte(file, (page - 1) * PAGE + 2_000));
    hurt
}

/// A stopped box with two companies, and the files of the first.
async fn stopped() -> (EdgeBox, String, PathBuf) {
    let World { edge, alice, bob, .. } = World::new();
    let (alice, bob) = (alice.sign_in(&edge).await, bob.sign_in(&edge).await);
    let mut device = Device::online(&edge, &alice, "node_alice").await;
    for number in 0..60 {
        device.message(bob.jid(), &format!("m-{number}"), &"long text ".repeat(300), STORE).await;
    }
    device.settle().await;
    let company = alice.company_id().to_owned();
    edge.terminate();
    let file = edge.data().join("companies").join(format!("{company}.db"));
    (edge, company, file)
}

#[tokio::test]
async fn vault_check_calls_a_sound_box_sound_and_names_hurt_pages_with_their_tables_d3() {
    let (edge, company, file) = stopped().await;
    let (code, report) = check(&edge, &["--files"]);
    assert_eq!((code, &report["sound"], &report["findings"]), (0, &json!(true), &json!([])), "{report}");
    let all: u64 = fault::files(&edge.data().join("companies")).iter().map(|file| pages_of(file) * PAGE).sum();
    assert_eq!(report["bytes"], json!(all + pages_of(&edge.data().join("directory.db")) * PAGE));
    let hurt = flip(&file);
    for wish in [&[][..], &["--quick"][..], &["--company", &company][..]] {
        let (code, report) = check(&edge, wish);
        assert_eq!((code, &report["sound"]), (4, &json!(false)), "{report}");
        let found = findings(&report, &company);
        let told: Vec<&str> = found.iter().filter(|(kind, _)| *kind == "pages").map(|(_, text)| *text).collect();
        assert!(told.iter().any(|text| text.contains("of table message do not open")), "{told:?}");
        let listed = |page: u64| told.iter().any(|text| lists(text, page));
        (1..=pages_of(&file))
            .for_each(|page| assert_eq!(listed(page), hurt.contains(&page), "page {page} of {told:?}"));
        assert_eq!(findings(&report, "directory"), [], "nothing else is hurt");
    }
    let table = edge.edge(&["vault", "check", "--quick"], "");
    assert_eq!(table.code, Some(4));
    assert!(table.out.contains(&format!("hurt: {company}: ")), "{}", table.text());
    edge.start();
    let (code, running) = check(&edge, &["--quick"]);
    assert_eq!((code, &running["running"]), (4, &json!(true)), "{running}");
    assert_eq!(
        findings(&running, &company),
        findings(&check(&edge, &[]).1, &company)[..findings(&running, &company).len()]
    );
    edge.terminate();
}

/// Whether a list like `3, 7-9` behind a colon has a number.
fn lists(text: &str, number: u64) -> bool {
    let list = text.rsplit(": ").next().expect("a list");
    list.split(", ").any(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let ends = [first, last].map(|end| end.parse::<u64>().expect("a number"));
        (ends[0]..=ends[1]).contains(&number)
    })
}

#[tokio::test]
async fn vault_check_tells_wrong_keys_damage_torn_ends_foreign_and_missing_files_apart_d3() {
    let (edge, company, file) = stopped().await;
    let whole = edge.beside().join("whole");
    edge.copy_data_to(&whole);
    let is_database = |other: &PathBuf| *other != file && other.extension().is_some_and(|end| end == "db");
    let other = fault::files(&edge.data().join("companies")).into_iter().find(is_database).expect("another company");
    let bytes = fs::metadata(&file).expect("there").len();
    let damages: [(&str, &str, i32, &dyn Fn()); 6] = [
        ("missing_file", "is missing", 4, &|| fs::remove_file(&file).expect("removes")),
        ("foreign_file", "is another database's file", 4, &|| {
            fs::copy(&other, &file).expect("copies");
        }),
        ("foreign_file", "is not a vault file", 4, &|| fs::write(&file, vec![7; 8 * 4096]).expect("writes")),
        ("pages", "are cut off", 4, &|| fault::truncate(&file, bytes - 2 * PAGE)),
        ("torn_log", "was never acknowledged", 0, &|| {
            fs::write(file.with_extension("db-wal"), [7; 20]).expect("writes")
        }),
        ("orphan", "belongs to no company", 0, &|| {
            fs::copy(&other, other.with_file_name("0123456789abcdef01234567.db")).expect("copies");
        }),
    ];
    for (kind, words, code, damage) in damages {
        damage();
        let (is, report) = check(&edge, &[]);
        let about = if kind == "orphan" { "directory" } else { &company };
        let found = findings(&report, about);
        assert!(found.iter().any(|(is, text)| *is == kind && text.contains(words)), "{kind}: {report}");
        assert_eq!(is, code, "{kind}: {report}");
        fs::remove_dir_all(edge.data()).expect("our own folder");
        fault::copy_folder(&whole, &edge.data());
    }
    let other_key = edge.beside().join("other.key");
    fs::write(&other_key, [9; 32]).expect("writes");
    let refused = edge.edge(&["vault", "check", "--key-file", &other_key.to_string_lossy()], "");
    assert_eq!(refused.code, Some(65), "{}", refused.text());
    assert!(refused.text().contains("does not open this data folder"), "{}", refused.text());
    assert_eq!(edge.edge(&["vault", "check", "--company", "acme"], "").code, Some(2));
    assert_eq!(check(&edge, &[]).0, 0, "nothing of this was changed by looking");
}

#[tokio::test]
async fn vault_check_of_a_running_box_goes_on_beside_people_at_work_d3() {
    let World { edge, alice, bob, .. } = World::new();
    let (alice, bob) = (alice.sign_in(&edge).await, bob.sign_in(&edge).await);
    let mut device = Device::online(&edge, &alice, "node_alice").await;
    let data = edge.data().to_string_lossy().into_owned();
    let checking =
        std::thread::spawn(move || world::executable::edge(&["vault", "check", "--files", "--data", &data], ""));
    for number in 0..100 {
        device.message(bob.jid(), &format!("m-{number}"), &"text ".repeat(200), STORE).await;
    }
    device.settle().await;
    let outcome = checking.join().expect("it ends");
    assert_eq!(outcome.code, Some(0), "{}", outcome.text());
    assert!(outcome.out.contains("sound: "), "{}", outcome.text());
    edge.edge(&["vault", "check", "--stop"], "").succeeded("what is over is ended");
    edge.terminate();
    assert_eq!(edge.edge(&["vault", "check", "--stop"], "").code, Some(2), "nothing looks at a stopped box");
}
