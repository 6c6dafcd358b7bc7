//! Erasing a company: asked for twice, told by a signed receipt, and the others go on (D2, decision 9).

use crate::rekeys::heard;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Duration;
use world::device::STORE;
use world::{Device, EdgeBox, Seeded, SignedIn, World, fault};

const INITECH: &str = "Initech-Abschied";

/// A company that goes, with somebody who knows Alice of the company that stays.
struct Doomed {
    world: World,
    alice: SignedIn,
    ines: SignedIn,
    id: String,
}

async fn doomed() -> Doomed {
    let world = World::new();
    world.edge.add_company(INITECH, "public");
    let ines = world.edge.add_person(INITECH, "ines@initech.test", &[]);
    let (alice, ines) = (world.alice.sign_in(&world.edge).await, ines.sign_in(&world.edge).await);
    alice.join(&ines).await;
    for (from, to, what) in [(&alice, &ines, "to-ines"), (&ines, &alice, "to-alice")] {
        let mut device = Device::online(&world.edge, from, "node_talk").await;
        for number in 0..20 {
            device.message(to.jid(), &format!("{what}-{number}"), &format!("{what} {number}"), STORE).await;
        }
        device.settle().await;
        device.close().await;
    }
    let id = ines.company_id().to_owned();
    Doomed { world, alice, ines, id }
}

fn files_of(edge: &EdgeBox, id: &str) -> Vec<String> {
    let files = fault::files(&edge.data()).into_iter().map(|file| file.display().to_string());
    files.filter(|file| file.contains(id)).collect()
}

#[tokio::test]
async fn an_erased_company_is_gone_and_what_others_were_told_stays_without_a_name_d2() {
    let Doomed { world, alice, ines, id } = doomed().await;
    let edge = &world.edge;
    let copy = edge.beside().join("copy.db");
    let file = edge.data().join("companies").join(format!("{id}.db"));
    let erase = |more: &[&str], input: &str| edge.edge(&[&["vault", "erase", "--company", &id], more].concat(), input);
    let plan = erase(&["--dry-run"], "").succeeded("a dry run").out;
    for told in [INITECH, "people    1\n", "messages  40,", "Nothing was erased"] {
        assert!(plan.contains(told), "{told}: {plan}");
    }
    let refused = erase(&[], "Initech\n").refused("another name, typed");
    assert!(refused.contains("nothing was erased"), "{refused}");
    erase(&["--yes-erase", "initech-abschied"], "").refused("another name, in a script");
    assert_eq!(heard(edge, &ines, &alice).await, 40, "a refusal changes nothing");
    fs::copy(&file, &copy).expect("somebody keeps a copy");

    let mut device = Device::online(edge, &ines, "node_there").await;
    let told = erase(&[], &format!("{INITECH}\n")).succeeded("its name, typed").out;
    assert!(told.contains("The company is erased."), "{told}");
    device.expect_end().await;
    assert_eq!(files_of(edge, &id), Vec::<String>::new());
    let status = |answer: world::Answer| answer.status;
    assert_eq!(status(ines.client.get(&format!("/api/rainbow/enduser/v1.0/users/{}", ines.id())).await), 401);
    assert_eq!(status(world::person::sign_in_with(edge, "ines@initech.test", world_password(), None).await), 401);
    stays(edge, &alice, &ines).await;
    edge.restart();
    stays(edge, &alice, &ines).await;
    world.eve.sign_in(edge).await;
    edge.terminate();

    fs::copy(&copy, &file).expect("the copy is put back");
    edge.start();
    let databases = edge.edge(&["vault", "info"], "").succeeded("vault info").out;
    assert!(!databases.contains(&id), "a copy without its key is no company: {databases}");
    edge.add_company(INITECH, "public");
    receipts(edge, &id, &told);
}

/// Any password does: nobody is called so any more.
fn world_password() -> &'static str {
    "Any-Passw0rd-at-all"
}

/// What Alice was told is still hers, and by `***`.
async fn stays(edge: &EdgeBox, alice: &SignedIn, ines: &SignedIn) {
    assert_eq!(heard(edge, alice, ines).await, 40);
    let who = alice.client.get(&format!("/api/rainbow/enduser/v1.0/users/{}", ines.id())).await;
    assert_eq!(who.status, 200, "{}", who.text());
    let who = &who.json()["data"];
    assert_eq!(who["displayName"], "***", "{who}");
    assert!(who["loginEmail"].is_null() && who["emails"] == serde_json::json!([]), "{who}");
    let path = format!("/api/rainbow/enduser/v1.0/users/{}/conversations?format=full&limit=100", alice.id());
    let conversations = alice.client.get(&path).await.json();
    assert!(conversations.to_string().contains(ines.id()), "{conversations}");
    let network = alice.client.get("/api/rainbow/enduser/v1.0/users/networks?format=full").await;
    assert!(network.status == 200 && !network.text().contains(ines.id()), "{}", network.text());
}

fn receipts(edge: &EdgeBox, id: &str, told: &str) {
    let receipt = &told[told.find('{').expect("a receipt")..];
    let read: Value = serde_json::from_str(receipt).expect("JSON");
    assert_eq!((&read["erasure"]["company"], &read["erasure"]["people"]), (&Value::from(id), &Value::from(1)));
    let kept = edge.edge(&["vault", "receipts"], "").succeeded("receipts").out;
    let key = kept.lines().find_map(|line| line.strip_prefix("key of this box: ")).expect("a key").to_owned();
    let again: Value = serde_json::from_str(kept.lines().last().expect("a receipt")).expect("JSON");
    assert_eq!(again, read, "it can be had again");
    let file = |name: &str, text: &str| {
        let path = edge.beside().join(name);
        fs::write(&path, text).expect("temp");
        path
    };
    let verify = |file: &Path, more: &[&str]| {
        let file = file.to_string_lossy().into_owned();
        world::executable::edge(&[&["vault", "receipt", "--verify", &file], more].concat(), "")
    };
    let good = file("receipt.json", receipt);
    assert!(verify(&good, &["--public-key", &key]).succeeded("the box's receipt").out.contains(id));
    assert!(verify(&good, &[]).succeeded("without a key").out.contains("Compare the key"));
    assert!(
        verify(&good, &["--public-key", &"ab".repeat(32)]).refused("another key").contains("not a receipt of that box")
    );
    let changed = file("changed.json", &receipt.replacen("\"people\": 1", "\"people\": 0", 1));
    assert!(verify(&changed, &[]).refused("a changed one").contains("it was changed"));
    assert!(verify(&file("odd.json", "{}"), &[]).refused("no receipt").contains("this is no receipt"));
}

#[tokio::test]
async fn the_owners_company_cannot_be_erased_and_only_owner_and_partner_may_by_rest_d2_r1() {
    let Doomed { world, alice, ines, id } = doomed().await;
    let edge = &world.edge;
    let own = alice.company_id().to_owned();
    let refused = edge.edge(&["vault", "erase", "--company", &own, "--yes-erase", world::ACME], "");
    assert!(refused.refused("the owner's company").contains("owner"));
    let path = |id: &str| format!("/api/rainbow/admin/v1.0/companies/{id}");
    let (owner, manager) = (world.admin.sign_in(edge).await, world.manager.sign_in(edge).await);
    let foreign = world.globex_admin.sign_in(edge).await;
    for (who, of, expected) in
        [(&alice, &id, 403), (&manager, &id, 403), (&manager, &own, 403), (&foreign, &id, 403), (&owner, &own, 403)]
    {
        let answer = who.client.delete(&path(of)).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    }
    assert_eq!(heard(edge, &ines, &alice).await, 40);
    let receipt = owner.client.delete(&path(&id)).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    let receipt = &receipt.json()["data"];
    assert_eq!(receipt["erasure"]["company"], Value::from(id.as_str()), "{receipt}");
    let again = owner.client.delete(&path(&id)).await;
    assert_eq!(again.status, 404, "{}", again.text());
    stays(edge, &alice, &ines).await;
}

#[tokio::test]
async fn an_erasure_that_is_cut_at_any_moment_has_happened_whole_or_not_at_all_d2() {
    let mut chance = Seeded::from_environment();
    let edge = EdgeBox::init();
    edge.start();
    for round in 0..6 {
        let (name, email) = (format!("{INITECH}-{round}"), format!("ines{round}@initech.test"));
        edge.add_company(&name, "public");
        let ines = edge.add_person(&name, &email, &[]);
        let id = ines.sign_in(&edge).await.company_id().to_owned();
        let (data, of) = (edge.data().to_string_lossy().into_owned(), id.clone());
        let erasing = std::thread::spawn(move || {
            world::executable::edge(&["vault", "erase", "--company", &of, "--yes-erase", &name, "--data", &data], "")
        });
        tokio::time::sleep(Duration::from_millis(chance.between(1, 90))).await;
        edge.kill_9();
        let told = erasing.join().expect("the command ends with the box");
        edge.start();
        let there = ines.try_sign_in(&edge).await.status == 200;
        let receipts = edge.edge(&["vault", "receipts"], "").succeeded("receipts").out;
        assert_eq!(receipts.contains(&id), !there, "round {round}: {receipts}");
        assert!(!there || told.code != Some(0), "round {round}: what was acknowledged has happened");
        if !there {
            nothing_left(&edge, &id).await;
        }
    }
}

/// Sweeping begins with the start.
async fn nothing_left(edge: &EdgeBox, id: &str) {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_secs() < world::PATIENCE_S {
        if files_of(edge, id).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("left: {:?}", files_of(edge, id));
}
