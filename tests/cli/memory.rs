//! What must not be found in the memory of a server that holds keys, and what nobody gets out of it (D1).

use crate::key_tree::{is_key, is_row};
use crate::planted::PlantedBox;
use crate::rekeys::beside;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, Instant};
use world::memory::{Kind, Memory, mappings};
use world::secrecy::{Search, Secrets};
use world::{Device, EdgeBox, Person, secrecy};

fn hex_to_bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(digit).collect()
}

/// Which of these secrets are in the memory of any process of a box.
fn held(edge: &EdgeBox, search: &Search) -> Vec<String> {
    let found = edge.processes().into_iter().flat_map(|process| search.in_memory(&Memory::of(process)));
    found.map(|(name, _)| name).collect::<BTreeSet<_>>().into_iter().collect()
}

async fn used(edge: &EdgeBox) {
    let admin = Person::first_admin().sign_in(edge).await;
    let mut device = Device::online(edge, &admin, "node_memory").await;
    device.settle().await;
}

#[tokio::test]
async fn root_key_passphrase_and_recovery_key_are_not_in_the_memory_of_a_server_d1_d2() {
    const PASSPHRASE: &str = "seventeen quiet herons at dawn";
    let edge = EdgeBox::empty();
    let passphrase = beside(&edge, "passphrase", PASSPHRASE);
    let made = edge.run_init(&["--passphrase-file", &passphrase, "--recovery-key"], &Person::first_admin().password);
    let told = made.succeeded("init").out;
    let recovery = told.lines().find_map(|line| line.strip_prefix("recovery key: ")).expect("it is told").to_owned();
    let edge = edge.with_args(&["--passphrase-file", &passphrase]);
    edge.start();
    used(&edge).await;
    let secrets = Secrets::default().text("served", &Person::first_admin().email).text("passphrase", PASSPHRASE);
    assert_eq!(held(&edge, &secrets.search()), ["served"], "what is served is in clear, and the passphrase is gone");
    edge.terminate();

    let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff1";
    let recovery_file = beside(&edge, "recovery", &recovery);
    let edge = edge.with_args(&["--recovery-key-file", &recovery_file]);
    edge.start();
    used(&edge).await;
    let secrets = Secrets::default().text("recovery key", &recovery).text("recovery key", &recovery.replace('-', ""));
    assert_eq!(held(&edge, &secrets.search()), [""; 0]);
    let new_key = beside(&edge, "new.key", key);
    let args = ["vault", "rekey", "--root", "--new-key-file", &new_key, "--recovery", &recovery_file];
    edge.edge(&args, "").succeeded("another root key");
    let edge = edge.with_args(&["--key-file", &new_key]);
    edge.restart();
    used(&edge).await;
    let secrets = Secrets::default().text("key file", key).bytes("root key", &hex_to_bytes(key));
    assert_eq!(held(&edge, &secrets.search()), [""; 0]);
    let needles = [PASSPHRASE, recovery.as_str(), key];
    secrecy::assert_nothing_readable(&edge, &needles, "in the data folder and the log");
}

#[tokio::test]
async fn the_memory_of_a_server_is_neither_dumped_nor_read_by_its_own_user_and_keys_are_locked_d1() {
    let edge = EdgeBox::init();
    edge.start();
    used(&edge).await;
    let pid = edge.server().id();
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("it runs");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let owner = fs::metadata(format!("/proc/{pid}/mem")).expect("it runs").uid();
    assert_eq!(owner, 0, "whoever runs the server may read its memory");
    let locked = mappings(edge.server()).into_iter().filter(|mapping| mapping.has("lo") && mapping.has("dd"));
    assert!(locked.count() > 0, "no memory is locked and kept out of dumps");
    assert!(!edge.status()["warnings"].to_string().contains("LimitMEMLOCK"));
}

/// What of a running box may be in the memory of its processes, and where: the table of docs/keys.md. Root key, passwords, tokens
/// and bytes of files may not, once they were used.
fn may_be(name: &str, kind: Kind) -> bool {
    let served = ["message in", "name of a file in", "address in"].iter().any(|served| name.starts_with(served));
    (is_key(name) && kind == Kind::Locked) || ((is_row(name) || served) && kind == Kind::Heap)
}

/// What is in the memory of a box's processes and may not be. Connections take a moment to end after their clients have gone, and
/// what was moved lies on a stack until somebody else comes by.
async fn too_much(planted: &PlantedBox, search: &Search, may_be: impl Fn(&str, Kind) -> bool) -> Vec<(String, Kind)> {
    let begun = Instant::now();
    loop {
        planted.somebody_comes_by().await;
        let found = planted.edge.processes().into_iter().flat_map(|process| search.in_memory(&Memory::of(process)));
        let too_much: Vec<_> = found.filter(|(name, kind)| !may_be(name, *kind)).collect();
        if too_much.is_empty() || begun.elapsed().as_secs() > world::PATIENCE_S {
            return too_much;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_where_they_may_be_and_those_of_an_erased_company_nowhere_d1_d2() {
    let planted = PlantedBox::new().await;
    let (edge, all, doomed) = (&planted.edge, planted.all().search(), planted.of_the_doomed().search());
    edge.edge(&["backup", "now"], "").succeeded("backup now");
    let on_disk = |when: &str| {
        let mut found = [all.in_folder(&edge.data()), all.in_folder(&planted.usb), all.in_open_files(edge)].concat();
        found.extend(all.in_file(&edge.log_file(), "the log"));
        assert!(found.is_empty(), "{when}, these are readable on disk (D1): {found:#?}");
    };
    on_disk("while people are served");
    assert_eq!(too_much(&planted, &all, may_be).await, []);
    let held = held(edge, &all);
    let told = |what: &str| held.iter().any(|name| name.starts_with(what));
    assert!(told("message in") && held.iter().any(|name| is_key(name)), "what may be there is found: {held:#?}");

    let erase = ["vault", "erase", "--company", &planted.doomed_id, "--yes-erase", &planted.goes.company];
    edge.edge(&erase, "").succeeded("an erasure");
    assert_eq!(too_much(&planted, &doomed, |_, _| false).await, [], "of the erased company");
    on_disk("after an erasure");
    edge.terminate();
    let found = [all.in_folder(&edge.data()), all.in_folder(&planted.usb)].concat();
    assert!(found.is_empty(), "after the end, these are readable on disk (D1): {found:#?}");
}
