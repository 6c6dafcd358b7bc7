//! `cargo xtask fuzz TARGET`: libFuzzer over one target of `tests/fuzz`, with AddressSanitizer.
//!
//! What `cargo fuzz` would do, without it: a nightly compiler with the flags of the sanitizer and of coverage. It builds into
//! a folder of its own, because every crate is built once more for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Outcome, process};

const HOST: &str = "x86_64-unknown-linux-gnu";
const SECONDS: u32 = 60;
/// As `INPUT_BYTES_MAX` of the room.
const INPUT_BYTES_MAX: u32 = 16 * 1024;
/// For one input, in seconds.
const ONE_WITHIN_S: u32 = 20;
const MEMORY_MIB_MAX: u32 = 4096;

/// Coverage as libFuzzer reads it, and a check of every access to memory. Not `--cfg fuzzing`: what is shipped is built without
/// it, and some crates do other things with it.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address -Ccodegen-units=1";

pub(crate) fn start(arguments: &[String]) -> Outcome {
    let usage =
        || Failure::NeedsPerson(format!("cargo xtask fuzz TARGET [--seconds N]; targets: {}", targets().join(" ")));
    let (target, seconds) = match arguments {
        [target] => (target, SECONDS),
        [target, option, number] if option == "--seconds" => (target, number.parse().map_err(|_| usage())?),
        _ => return Err(usage()),
    };
    if !targets().contains(target) {
        return Err(usage());
    }
    let executable = build()?;
    let folder = process::target_dir().join("fuzz");
    let (found, findings) = (folder.join("corpus").join(target), folder.join("findings"));
    for made in [&found, &findings] {
        std::fs::create_dir_all(made).map_err(|e| Failure::Failed(format!("{}: {e}", made.display())))?;
    }
    let mut command = Command::new(executable);
    command.current_dir(process::root()).env("RAINBOW_EDGE_FUZZ", target);
    // The allocator of AddressSanitizer gives up the process where memory is short; leaks of statics are none.
    command.env("ASAN_OPTIONS", "detect_leaks=0");
    command.args([&found, &corpus().join(target)]).arg(format!("-artifact_prefix={}/{target}-", findings.display()));
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
    command.arg(format!("-timeout={ONE_WITHIN_S}")).arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"));
    command.arg("-print_final_stats=1");
    let ended = process::run(&mut command);
    ended.map_err(|failure| match failure {
        Failure::Failed(text) => Failure::Failed(format!("{text}; what was found lies in {}", findings.display())),
        other => other,
    })
}

fn room() -> PathBuf {
    process::root().join("tests/fuzz")
}

fn corpus() -> PathBuf {
    room().join("corpus")
}

/// Each has a folder of the corpus.
fn targets() -> Vec<String> {
    let entries = std::fs::read_dir(corpus()).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn build() -> Result<PathBuf, Failure> {
    let nightly = Command::new("rustc").args(["+nightly", "--version"]).output();
    if !nightly.is_ok_and(|output| output.status.success()) {
        let text = "there is no nightly toolchain: rustup toolchain install nightly";
        return Err(Failure::NeedsPerson(text.to_owned()));
    }
    let room = room().join("libfuzzer");
    same_versions(&room)?;
    let target = process::target_dir().join("fuzz/build");
    let mut command = Command::new("cargo");
    command.args(["+nightly", "build", "--release", "--target", HOST]).current_dir(&room);
    // Those of the toolchain that has started this one would choose it again.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &target);
    process::run(&mut command)?;
    Ok(target.join(HOST).join("release/fuzz"))
}

/// The crates of the workspace in the versions that are shipped; cargo adds what libFuzzer needs.
fn same_versions(room: &Path) -> Outcome {
    let lock = std::fs::copy(process::root().join("Cargo.lock"), room.join("Cargo.lock"));
    lock.map(|_| ()).map_err(|e| Failure::Failed(format!("Cargo.lock: {e}")))
}
