//! What must not be found in the memory of a server that holds keys, and what nobody gets out of it (D1).

use crate::rekeys::beside;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use world::{Device, EdgeBox, Person, secrecy};

const PAGE: u64 = 4096;

/// Mappings of a process that can be read: where, and the system's flags of each.
fn mappings(pid: u32) -> Vec<(u64, u64, String)> {
    let told = fs::read_to_string(format!("/proc/{pid}/smaps")).expect("root reads it");
    let mut found: Vec<(u64, u64, String)> = Vec::new();
    for line in told.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            found.last_mut().expect("a mapping comes first").2 = flags.to_owned();
            continue;
        }
        let mut words = line.split(' ');
        let range = words.next().and_then(|range| range.split_once('-'));
        let Some((from, to)) = range else { continue };
        if let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16)) {
            found.push((from, to, String::new()));
        }
    }
    found
}

/// Pages of a mapping that hold something, in memory or in swap: runs of them. A server has reserved ten times as much as it uses.
fn used_runs(pagemap: &File, from: u64, to: u64) -> Vec<(u64, u64)> {
    let mut entries = vec![0; usize::try_from((to - from) / PAGE * 8).expect("it fits")];
    if pagemap.read_exact_at(&mut entries, from / PAGE * 8).is_err() {
        // A mapping of the kernel's.
        return vec![(from, to)];
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (at, entry) in (from..to).step_by(4096).zip(entries.chunks_exact(8)) {
        // Bits 63 and 62: present, swapped.
        match (entry[7] & 0xC0 != 0, runs.last_mut()) {
            (true, Some(last)) if last.1 == at => last.1 += PAGE,
            (true, _) => runs.push((at, at + PAGE)),
            (false, _) => {}
        }
    }
    runs
}

/// All memory of a process that holds something.
fn memory(pid: u32) -> Vec<Vec<u8>> {
    let file = File::open(format!("/proc/{pid}/mem")).expect("root reads it");
    let pagemap = File::open(format!("/proc/{pid}/pagemap")).expect("root reads it");
    let mut pieces = Vec::new();
    let readable = mappings(pid).into_iter().filter(|(.., flags)| flags.contains(" rd") || flags.starts_with("rd"));
    for (from, to) in readable.flat_map(|(from, to, _)| used_runs(&pagemap, from, to)) {
        let mut piece = vec![0; usize::try_from(to - from).expect("it fits")];
        // Some mappings of the kernel's cannot be read.
        if file.read_exact_at(&mut piece, from).is_ok() {
            pieces.push(piece);
        }
    }
    pieces
}

fn holds(memory: &[Vec<u8>], needle: &[u8]) -> bool {
    memory.iter().any(|piece| {
        let mut from = 0;
        while let Some(at) = piece[from..].iter().position(|byte| *byte == needle[0]) {
            if piece[from + at..].starts_with(needle) {
                return true;
            }
            from += at + 1;
        }
        false
    })
}

fn hex_to_bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
    (0..hex.len()).step_by(2).map(digit).collect()
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
    let found = memory(edge.server().id());
    assert!(holds(&found, b"rainbow-edge vault v1"), "the memory was read");
    assert!(holds(&found, Person::first_admin().email.as_bytes()), "what is served is in clear, and found");
    assert!(!holds(&found, PASSPHRASE.as_bytes()), "the passphrase is in the memory");
    edge.terminate();

    let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff1";
    let recovery_file = beside(&edge, "recovery", &recovery);
    let edge = edge.with_args(&["--recovery-key-file", &recovery_file]);
    edge.start();
    used(&edge).await;
    let found = memory(edge.server().id());
    assert!(!holds(&found, recovery.as_bytes()) && !holds(&found, recovery.replace('-', "").as_bytes()));
    let new_key = beside(&edge, "new.key", key);
    let args = ["vault", "rekey", "--root", "--new-key-file", &new_key, "--recovery", &recovery_file];
    edge.edge(&args, "").succeeded("another root key");
    let edge = edge.with_args(&["--key-file", &new_key]);
    edge.restart();
    used(&edge).await;
    let found = memory(edge.server().id());
    assert!(!holds(&found, key.as_bytes()), "the root key's file is in the memory");
    assert!(!holds(&found, &hex_to_bytes(key)), "the root key is in the memory");
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
    let locked = mappings(pid).into_iter().filter(|(_, _, flags)| flags.contains(" lo") && flags.contains(" dd"));
    assert!(locked.count() > 0, "no memory is locked and kept out of dumps");
    assert!(!edge.status()["warnings"].to_string().contains("LimitMEMLOCK"));
}
