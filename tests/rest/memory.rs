//! What many at once cost the box (A2).

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use world::{EdgeBox, Person};

const SIGN_INS: usize = 100;
/// Each has fewer sessions at once than would end the oldest.
const PEOPLE: usize = 5;
/// The default. Each takes 19 MiB for what it hashes.
const HASH_WORKERS: u64 = 2;
/// So many looks without a change are a start that is over.
const STEADY_LOOKS: usize = 10;
const LIMIT_KIB: u64 = 64 * 1024;

/// The server's own entry in /proc: the role that serves writes its process id into the lock of the data folder.
fn server(edge: &EdgeBox) -> String {
    let pid = fs::read_to_string(edge.data().join("lock")).expect("DIR/lock names the server");
    format!("/proc/{}", pid.trim())
}

/// One of the lines `VmRSS` and `VmHWM` (the peak of VmRSS), in KiB.
fn memory_kib(server: &str, line: &str) -> u64 {
    let status = fs::read_to_string(format!("{server}/status")).expect("the server lives");
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let number = found.and_then(|text| text.split_whitespace().next()?.parse().ok());
    number.unwrap_or_else(|| panic!("no {line} in {status}"))
}

/// VmRSS once the start takes no more.
async fn resident_kib(server: &str) -> u64 {
    let begun = Instant::now();
    let (mut resident_kib, mut unchanged) = (0, 0);
    while unchanged < STEADY_LOOKS {
        assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "the start never settled: {resident_kib} KiB");
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now_kib = memory_kib(server, "VmRSS");
        unchanged = if now_kib == resident_kib { unchanged + 1 } else { 0 };
        resident_kib = now_kib;
    }
    resident_kib
}

#[tokio::test]
async fn a_hundred_sign_ins_at_once_take_at_most_64_mib_more_a2() {
    let edge = Arc::new(EdgeBox::init());
    edge.configure(&format!("[sign_in]\nhash_workers = {HASH_WORKERS}\n"));
    let people: Vec<Person> =
        (0..PEOPLE).map(|n| edge.add_person(world::ACME, &format!("person{n}@acme.test"), &[])).collect();
    edge.start();
    let server = server(&edge);
    let before_kib = resident_kib(&server).await;
    fs::write(format!("{server}/clear_refs"), "5").expect("the peak can be reset");
    let mut sign_ins = tokio::task::JoinSet::new();
    for number in 0..SIGN_INS {
        let (edge, person) = (Arc::clone(&edge), people[number % PEOPLE].clone());
        sign_ins.spawn(async move { person.try_sign_in(&edge).await.status });
    }
    assert_eq!(sign_ins.join_all().await, vec![200; SIGN_INS]);
    let more_kib = memory_kib(&server, "VmHWM").saturating_sub(before_kib);
    println!("{SIGN_INS} sign-ins at once: {more_kib} KiB");
    assert!(more_kib <= LIMIT_KIB, "{SIGN_INS} sign-ins at once took {more_kib} KiB");
}
