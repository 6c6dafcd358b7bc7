//! Damaged databases: an error that names the database, and nothing wrong is served (D3).

use std::fs;
use std::path::{Path, PathBuf};
use world::device::STORE;
use world::{Device, EdgeBox, Person, World, fault, snapshot};

const PAGE: usize = 4096;

/// The database files below a data folder.
pub(crate) fn databases(data: &Path) -> Vec<PathBuf> {
    let is_database = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "db");
    fault::files(data).into_iter().filter(is_database).collect()
}

/// A stopped world with a conversation in it, and what Alice saw.
struct Intact {
    edge: EdgeBox,
    alice: Person,
    company: String,
    seen: serde_json::Value,
    original: PathBuf,
}

async fn intact() -> Intact {
    let World { edge, alice, bob, .. } = World::new();
    let (signed_in, bob) = (alice.sign_in(&edge).await, bob.sign_in(&edge).await);
    let mut device = Device::online(&edge, &signed_in, "node_alice").await;
    for number in 0..50 {
        device.message(bob.jid(), &format!("m-{number}"), &format!("{number} {}", "text ".repeat(200)), STORE).await;
    }
    device.settle().await;
    let seen = snapshot::of(&signed_in).await;
    edge.terminate();
    let original = edge.beside().join("original");
    edge.copy_data_to(&original);
    let company = signed_in.company_id().to_owned();
    Intact { edge, alice, company, seen, original }
}

impl Intact {
    /// Puts the undamaged files back.
    fn restore(&self) {
        fs::remove_dir_all(self.edge.data()).expect("our own folder");
        fault::copy_folder(&self.original, &self.edge.data());
    }

    /// The databases that Alice's requests need: the directory's and Acme's.
    fn needed(&self) -> Vec<PathBuf> {
        let stem =
            |file: &PathBuf| file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let (data, company) = (self.edge.data(), &self.company);
        let needed = |file: &PathBuf| stem(file) == "directory" || file.to_string_lossy().contains(company.as_str());
        let needed: Vec<PathBuf> = databases(&data).into_iter().filter(needed).collect();
        assert!(needed.len() >= 2, "directory and company database: {:?}", databases(&data));
        needed
    }

    /// Starts on damaged data and uses it: the error names the database, and whatever is answered is true.
    async fn must_notice(&self, what: &str, database: &Path) {
        let name = database.file_stem().expect("a file").to_string_lossy().into_owned();
        if let Err(outcome) = self.edge.try_start() {
            assert!(
                outcome.refused(what).contains(&name),
                "{what}: {name} is not named: {}",
                self.edge.log_since_start()
            );
            return;
        }
        let noticed = self.use_it(what).await;
        let log = self.edge.log_since_start();
        assert!(noticed, "{what} in {name}: nothing was noticed:\n{log}");
        assert!(log.contains(&name), "{what}: the log does not name {name}:\n{log}");
        assert!(self.edge.alive(), "{what}: damage is an error, not a crash");
        self.edge.kill_9();
    }

    /// Signs in, looks around, reads history. True when some request failed for an inner reason.
    async fn use_it(&self, what: &str) -> bool {
        let answer = self.alice.try_sign_in(&self.edge).await;
        if answer.status != 200 {
            assert!(
                answer.status >= 500,
                "{what}: damage is not a wrong password: {} {}",
                answer.status,
                answer.text()
            );
            world::expect::refusal(&answer, answer.status);
            return true;
        }
        let alice = world::SignedIn::from_answer(&self.edge, &answer.json());
        let mut noticed = false;
        for (number, (answer, part)) in snapshot::parts(&alice).await.into_iter().enumerate() {
            if answer.status == 200 {
                assert_eq!(part, self.seen[number], "{what}: wrong data was served");
            } else {
                assert!(answer.status >= 500, "{what}: {}: {} {}", answer.asked, answer.status, answer.text());
                noticed = true;
            }
        }
        noticed
    }
}

#[tokio::test]
async fn flipped_bytes_are_an_error_naming_the_database_never_data_d3() {
    let world = intact().await;
    for database in world.needed() {
        let pages = fs::metadata(&database).expect("exists").len() / PAGE as u64;
        for page in 0..pages {
            fault::flip_byte(&database, page * PAGE as u64 + 1_000);
        }
        world.must_notice("a flipped byte in every page", &database).await;
        world.restore();
        fault::flip_byte(&database, 200);
        world.must_notice("a flipped byte in the first page", &database).await;
        world.restore();
    }
    world.edge.start();
    assert!(!world.use_it("undamaged again").await, "the intact data is served");
}

#[tokio::test]
async fn moved_and_cut_pages_are_an_error_naming_the_database_never_data_d3() {
    let world = intact().await;
    for database in world.needed() {
        let bytes = fs::metadata(&database).expect("exists").len();
        let pages = usize::try_from(bytes).expect("small") / PAGE;
        for page in (1..pages - 1).step_by(2) {
            fault::swap_pages(&database, PAGE, page, page + 1);
        }
        world.must_notice("all pages swapped with their neighbours", &database).await;
        world.restore();
        fault::truncate(&database, bytes / 2 / PAGE as u64 * PAGE as u64);
        world.must_notice("half of the pages cut off", &database).await;
        world.restore();
        fault::truncate(&database, bytes - 1_000);
        world.must_notice("the last page torn", &database).await;
        world.restore();
        fault::truncate(&database, 0);
        world.must_notice("an empty file", &database).await;
        world.restore();
    }
}

#[tokio::test]
async fn pages_and_files_of_another_database_are_an_error_d3_b1() {
    let world = intact().await;
    let needed = world.needed();
    let foreign =
        databases(&world.edge.data()).into_iter().find(|file| !needed.contains(file)).expect("Globex has one");
    let acme =
        needed.iter().find(|file| file.file_stem().is_some_and(|stem| stem != "directory")).expect("Acme has one");
    fs::copy(&foreign, acme).expect("files can be exchanged");
    world.must_notice("another company's whole file", acme).await;
    world.restore();
    fs::remove_file(acme).expect("files can be removed");
    world.must_notice("a missing file", acme).await;
    world.restore();
}

#[tokio::test]
async fn damaged_company_takes_no_other_with_it_after_an_unclean_end_d3_b1() {
    let world = World::new();
    let (alice, _) = (world.alice.sign_in(&world.edge).await, world.eve.sign_in(&world.edge).await);
    world.edge.kill_9();
    let is_acmes = |file: &PathBuf| file.to_string_lossy().contains(alice.company_id());
    let acme = databases(&world.edge.data()).into_iter().find(is_acmes).expect("Acme has one");
    assert!(fs::metadata(acme.with_extension("db-wal")).is_ok_and(|log| log.len() > 0), "the end was unclean");
    fault::truncate(&acme, 0);
    fs::remove_file(acme.with_extension("db-wal")).expect("files can be removed");
    fs::write(acme.with_extension("db-wal"), [0; PAGE]).expect("files can be replaced");
    world.edge.start();
    let log = world.edge.log_since_start();
    assert!(log.contains(alice.company_id()), "the start names the database that cannot be opened:\n{log}");
    world.eve.sign_in(&world.edge).await;
    let answer = world.alice.try_sign_in(&world.edge).await;
    assert!(answer.status >= 500, "{} {}", answer.status, answer.text());
    world.edge.terminate();
}

/// Shorter than one frame, longer than what stands before the first: a log whose first transaction never completed.
const TORN_LOG_BYTES: u64 = 1_000;

#[tokio::test]
async fn start_that_only_drops_a_torn_first_transaction_says_so_and_serves_the_rest_d3() {
    let World { edge, alice, .. } = World::new();
    let seen = snapshot::of(&alice.sign_in(&edge).await).await;
    edge.terminate();
    edge.start();
    let signed_in = alice.sign_in(&edge).await;
    edge.kill_9();
    let is_acmes = |file: &PathBuf| file.to_string_lossy().contains(signed_in.company_id());
    let acme = databases(&edge.data()).into_iter().find(is_acmes).expect("Acme has one");
    fault::truncate(&acme.with_extension("db-wal"), TORN_LOG_BYTES);
    edge.start();
    let status = edge.status();
    let entries = status["recovered"].as_array().expect("a list");
    let entry = entries.iter().find(|entry| entry["database"] == signed_in.company_id()).expect("Acme is told");
    assert_eq!((entry["commits"].as_u64(), entry["frames"].as_u64()), (Some(0), Some(0)), "{entry}");
    assert!(entry["torn_bytes"].as_u64().is_some_and(|bytes| (1..=TORN_LOG_BYTES).contains(&bytes)), "{entry}");
    let words = format!("dropped {} bytes of a transaction that was never acknowledged", entry["torn_bytes"]);
    let log = edge.log_since_start();
    assert!(log.contains(&words), "the terminal says so:\n{log}");
    assert!(edge.edge(&["status"], "").text().contains(&words), "`status` says so");
    assert_eq!(snapshot::of(&alice.sign_in(&edge).await).await, seen, "what was committed before is served");
    edge.terminate();
}

/// Who has contacts in a company whose file is damaged sees and reaches everybody else as before.
#[tokio::test]
async fn contacts_in_a_damaged_company_are_passed_over_and_nothing_else_changes_b1_d3() {
    let world = World::new();
    for company in ["Initech", "Hooli"] {
        world.edge.add_company(company, "public");
    }
    let far = world.edge.add_person("Initech", "far@initech.test", &[]).sign_in(&world.edge).await;
    let near = world.edge.add_person("Hooli", "near@hooli.test", &[]).sign_in(&world.edge).await;
    let alice = world.alice.sign_in(&world.edge).await;
    for contact in [&far, &near] {
        alice.join(contact).await;
    }
    world.edge.terminate();
    let is_fars = |file: &PathBuf| file.to_string_lossy().contains(far.company_id());
    let damaged = databases(&world.edge.data()).into_iter().find(is_fars).expect("Initech has one");
    fault::truncate(&damaged, 0);
    world.edge.start();
    let mut device = Device::online(&world.edge, &alice, "node_alice").await;
    device.message(far.jid(), "to-far", "does this hold up the others?", STORE).await;
    device.message(near.jid(), "to-near", "you get this", STORE).await;
    device.settle().await;
    let mut receiver = Device::online(&world.edge, &near, "node_near").await;
    receiver.expect("the message to the healthy company", |e| e.body() == Some("you get this")).await;
    let path = "/api/rainbow/enduser/v1.0/users/networks";
    let network = world::expect::list(&alice.client.get(path).await);
    let known = |id: &str| network.iter().any(|contact| contact["id"] == id);
    assert!(known(near.id()) && !known(far.id()), "{network:?}");
    let search = alice.client.get("/api/rainbow/search/v1.0/users?displayName=Firstname&limit=100").await;
    assert!(world::expect::list(&search).iter().any(|found| found["id"] == near.id()));
    let companies = alice.client.get("/api/rainbow/enduser/v1.0/companies").await;
    assert!(world::expect::list(&companies).iter().any(|company| company["name"] == "Hooli"));
    let received = format!("/api/rainbow/enduser/v1.0/users/{}/invitations/sent", alice.id());
    assert_eq!(world::expect::list(&alice.client.get(&received).await).len(), 2);
    world.edge.terminate();
}
