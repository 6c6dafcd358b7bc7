//! The corpus, and a seeded mutation of it, through every target (E5).

use fuzz_suite::{INPUT_BYTES_MAX, TARGETS, Target, mutated};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use world::Seeded;

/// For each target; twenty times as long with `--full`.
const MUTATED_FOR: Duration = Duration::from_millis(1_500);
/// A target that is slower than this for one input lets a stranger keep the box busy.
const ONE_WITHIN: Duration = Duration::from_secs(10);
/// Committed inputs are small: large ones say nothing more.
const CORPUS_FILE_BYTES_MAX: u64 = 8 * 1024;

fn corpus_of(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a file of the corpus"))).collect()
}

/// Runs one input; what is found is kept as a file, to be made smaller and committed.
fn try_one(target: &Target, input: &[u8], about: &str) {
    let begun = Instant::now();
    let (run, of_thread) = (target.run, input.to_vec());
    let ended = catch_unwind(move || run(&of_thread));
    let slow = begun.elapsed() > ONE_WITHIN;
    if ended.is_ok() && !slow {
        return;
    }
    let kept = std::env::temp_dir().join(format!("fuzz-{}-{}", target.name, std::process::id()));
    std::fs::write(&kept, input).expect("a temporary file");
    let what = if slow { "too slow" } else { "what must hold does not" };
    panic!("{}, {about}: {what} for {}: {:?}", target.name, kept.display(), String::from_utf8_lossy(input));
}

#[test]
fn whatever_is_in_the_corpus_leaves_what_must_hold_e5() {
    for target in TARGETS {
        let corpus = corpus_of(target.name);
        assert!(corpus.len() >= 3, "{} has next to no corpus", target.name);
        for (path, input) in corpus {
            assert!(input.len() as u64 <= CORPUS_FILE_BYTES_MAX, "{} is large", path.display());
            try_one(target, &input, &path.display().to_string());
        }
    }
}

#[test]
fn whatever_the_corpus_is_changed_into_leaves_what_must_hold_e5() {
    let full = std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1");
    let time = MUTATED_FOR * if full { 20 } else { 1 };
    let mut seeds = Seeded::from_environment();
    for target in TARGETS {
        let mut seeded = Seeded::new(seeds.bits());
        let corpus: Vec<Vec<u8>> = corpus_of(target.name).into_iter().map(|(_, input)| input).collect();
        let (begun, mut inputs) = (Instant::now(), 0_u64);
        while begun.elapsed() < time {
            let input = mutated(&mut seeded, &corpus, INPUT_BYTES_MAX);
            try_one(target, &input, &format!("input {inputs}"));
            inputs += 1;
        }
        println!("{:<10} {inputs:>8} inputs", target.name);
        assert!(inputs > 20, "{}: {inputs} inputs in {time:?}", target.name);
    }
}

#[test]
fn every_folder_of_the_corpus_has_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let names = std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").file_name());
    for name in names {
        assert!(TARGETS.iter().any(|target| name == target.name), "{} is nobody's", name.display());
    }
}
