//! `vault-bench vault [--ours] [--full] [--peer FILE] [--speedtest FILE]`: the workload on a plain database, on a sealed one, and
//! by SQLCipher where its program is given, and SQLite's `speedtest1` where that is; each run a process of its own, in turns, and of
//! each phase the least processor time counts. Writes the table, and `target/bench/vault.json`.
//! `vault-bench --run plain|sealed FOLDER MESSAGES`: one run.

mod turning;
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::resource::UsageWho;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use vault::Role;

const MESSAGES: u64 = 60_000;
const MESSAGES_FULL: u64 = 200_000;
const ROUNDS: usize = 3;
const PLAIN: &str = "plain SQLite";
const SEALED: &str = "the vault";
const SQLCIPHER: &str = "SQLCipher";
const SPEEDTEST: &str = "SQLite's speedtest1";
const SPEEDTEST_SIZE: &str = "25";

/// A phase, in how many hundredths of plain SQLite's time the vault is to be done with it, and in how many of SQLCipher's.
const TARGETS: &[(&str, Option<u32>, Option<u32>)] = &[
    ("inserts, 100 a transaction", Some(95), Some(27)),
    ("inserts, 1 a transaction", None, None),
    ("inserts with full-text index, 1 a transaction", Some(95), Some(40)),
    ("point reads beside the cache", Some(90), Some(21)),
    ("last 50 of a conversation beside the cache", Some(90), Some(12)),
    ("full-text searches", None, None),
    ("full scan beside the cache", Some(90), Some(20)),
    ("point reads in the cache", Some(105), None),
    ("last 50 in the cache", Some(105), None),
    ("an update of every eighth", Some(70), Some(24)),
    ("VACUUM", Some(70), Some(24)),
    (SPEEDTEST, Some(100), None),
    ("size", Some(105), Some(100)),
];

type Failed = Box<dyn std::error::Error>;
/// Least processor time by phase.
type Times = BTreeMap<String, f64>;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, kind, folder, messages] = arguments.as_slice()
        && run == "--run"
    {
        return one(kind, Path::new(folder), messages.parse()?);
    }
    if arguments.first().map(String::as_str) != Some("vault") {
        return Err("name what to measure: vault".into());
    }
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let given =
        |word: &str| arguments.iter().position(|argument| argument == word).and_then(|at| arguments.get(at + 1));
    let peer = given("--peer");
    let messages = if has("--full") { MESSAGES_FULL } else { MESSAGES };
    let own = std::env::current_exe()?;
    let mut kinds = vec![(PLAIN, own.clone(), vec!["--run", "plain"]), (SEALED, own, vec!["--run", "sealed"])];
    if let Some(peer) = peer.filter(|_| !has("--ours")) {
        kinds.push((SQLCIPHER, PathBuf::from(peer), Vec::new()));
    }
    let mut times = BTreeMap::<&str, Times>::new();
    for round in 1..=ROUNDS {
        for (name, program, arguments) in &kinds {
            println!("{name}, round {round} of {ROUNDS}");
            measure(program, arguments, messages, times.entry(*name).or_default())?;
        }
        for (name, vfs) in [(PLAIN, &["--vfs", "unix-excl"][..]), (SEALED, &[])] {
            if let Some(program) = given("--speedtest") {
                println!("{name}, {SPEEDTEST}, round {round} of {ROUNDS}");
                measure_speedtest(Path::new(program), vfs, times.entry(name).or_default())?;
            }
        }
    }
    tell(&times)
}

/// One run of the workload in this process.
fn one(kind: &str, folder: &Path, messages: u64) -> Result<(), Failed> {
    let path = folder.join("chat.db");
    let key = turning::first();
    if kind == "plain" {
        // As the vault has it: locks in memory, no system calls for them.
        let open = || Connection::open_with_flags_and_vfs(&path, OpenFlags::default(), c"unix-excl");
        workload::run(&open, &path, messages)?;
        return Ok(());
    }
    vault::create(&path, &key, |_| Ok(()))?;
    let open = || match vault::open(&path, &key, Role::Writer) {
        Ok((connection, _)) => Ok(connection),
        Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.into())),
    };
    workload::run(&open, &path, messages)?;
    turning::run(&path, messages)
}

fn measure(program: &Path, arguments: &[&str], messages: u64, least: &mut Times) -> Result<(), Failed> {
    let folder = std::env::temp_dir().join(format!("vault-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let output = Command::new(program).args(arguments).arg(&folder).arg(messages.to_string()).output();
    std::fs::remove_dir_all(&folder)?;
    let output = output?;
    if !output.status.success() {
        return Err(format!("{}: {}", program.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (phase, value) = line.split_once('\t').ok_or_else(|| format!("`{line}` is not a phase and its time"))?;
        let value: f64 = value.parse()?;
        let entry = least.entry(phase.to_owned()).or_insert(value);
        *entry = entry.min(value);
    }
    Ok(())
}

/// SQLite's own mixture of work, with a log, of which all of the process's time counts. Plain files have their usual pages.
fn measure_speedtest(program: &Path, vfs: &[&str], least: &mut Times) -> Result<(), Failed> {
    let folder = std::env::temp_dir().join(format!("vault-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new(program);
    command.args(["--size", SPEEDTEST_SIZE, "--journal", "wal"]).args(vfs);
    if vfs.is_empty() {
        command.args(["--reserve", "48"]);
    }
    let before = workload::cpu(UsageWho::RUSAGE_CHILDREN);
    let output = command.arg(folder.join("speed.db")).output();
    let spent = workload::cpu(UsageWho::RUSAGE_CHILDREN) - before;
    std::fs::remove_dir_all(&folder)?;
    let output = output?;
    if !output.status.success() {
        return Err(format!("{}: {}", program.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    let entry = least.entry(SPEEDTEST.to_owned()).or_insert(spent);
    *entry = entry.min(spent);
    Ok(())
}

/// How much of a writer's time a turn leaves to those who chat, at least, in hundredths.
const LEFT_TO_THE_CHAT: u32 = 80;

/// The row that compares the vault with itself.
fn tell_turning(sealed: &Times) -> Option<serde_json::Value> {
    let (at_rest, turning) = (sealed.get(turning::AT_REST)?, sealed.get(turning::TURNING)?);
    let (left, target) = (at_rest / turning, f64::from(LEFT_TO_THE_CHAT) / 100.0);
    let word = if left >= target { "met" } else { "not met" };
    println!("\n| processor seconds of 1,000 steps | at rest | while its key is turned | left to the chat | target |");
    println!("|---|---|---|---|---|");
    println!("| reads and inserts of a chat | {at_rest:.3} | {turning:.3} | {left:.2} | {target:.2}, {word} |");
    Some(json!({ "name": turning::TURNING, "against": turning::AT_REST, "ours": turning, "peer": at_rest,
                 "unit": "CPU s of 1,000 steps", "ratio": left, "target": target, "met": left >= target }))
}

/// The table, and the same for programs.
fn tell(times: &BTreeMap<&str, Times>) -> Result<(), Failed> {
    let of = |kind: &str, phase: &str| times.get(kind).and_then(|phases| phases.get(phase)).copied();
    let mut list = Vec::new();
    println!(
        "\n| processor seconds | {PLAIN} | {SEALED} | of plain | target | {SQLCIPHER} | of {SQLCIPHER} | target |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (phase, against_plain, against_sqlcipher) in TARGETS {
        let Some(ours) = of(SEALED, phase) else { continue };
        let mut cells = Vec::new();
        for (kind, target) in [(PLAIN, against_plain), (SQLCIPHER, against_sqlcipher)] {
            let peer = of(kind, phase);
            let ratio = peer.filter(|peer| *peer > 0.0).map(|peer| ours / peer);
            let target = target.map(|hundredths| f64::from(hundredths) / 100.0);
            let met = ratio.zip(target).map(|(ratio, target)| ratio <= target);
            list.extend(peer.map(|peer| {
                json!({ "name": phase, "against": kind, "ours": ours, "peer": peer, "unit": "CPU s",
                        "ratio": ratio, "target": target, "met": met })
            }));
            let word = match (target, met) {
                (Some(target), Some(true)) => format!("{target:.2}, met"),
                (Some(target), Some(false)) => format!("{target:.2}, not met"),
                _ => "-".to_owned(),
            };
            cells.push((shown(peer), ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}")), word));
        }
        let [(plain, of_plain, plain_target), (peer, of_peer, peer_target)] = &cells[..] else { continue };
        println!(
            "| {phase} | {plain} | {} | {of_plain} | {plain_target} | {peer} | {of_peer} | {peer_target} |",
            shown(Some(ours))
        );
    }
    list.extend(times.get(SEALED).and_then(tell_turning));
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/bench"));
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("vault.json"), format!("{:#}\n", json!(list)))?;
    Ok(())
}

fn shown(value: Option<f64>) -> String {
    match value {
        Some(value) if value >= 1000.0 => format!("{value:.0}"),
        Some(value) => format!("{value:.3}"),
        None => "-".to_owned(),
    }
}
