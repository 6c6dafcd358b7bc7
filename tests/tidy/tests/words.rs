//! Words and names that do not belong in this repository, each with the reason.

use tidy::{File, Language, code_only, files, language, none};

struct Rule {
    /// Split, so that this table is not found by itself.
    words: &'static [&'static str],
    /// Part of a path, or empty for everywhere.
    inside: &'static [&'static str],
    reason: &'static str,
}

/// Looked for in every text file.
const IN_TEXT: &[Rule] = &[
    Rule {
        words: &[concat!("../sha", "red"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")],
        inside: &[""],
        reason: "a path of one machine",
    },
    Rule {
        words: &[concat!("FIX", "ME"), concat!("XX", "X:")],
        inside: &[""],
        reason: "mend it, or open an issue and write the owner",
    },
];

/// Looked for in code only: not in comments, not in literals.
const IN_CODE: &[Rule] = &[
    Rule { words: &["unimplemented!", "todo!("], inside: &[""], reason: "nothing is shipped unfinished" },
    Rule { words: &["dbg!("], inside: &[""], reason: "left over from looking for a fault" },
    Rule { words: &["[allow("], inside: &[""], reason: "#[expect(lint, reason = ...)] goes away by itself" },
    Rule { words: &["#[ignore"], inside: &[""], reason: "a test runs, or it is not there; long ones wait for --full" },
    Rule { words: &["#[should_panic"], inside: &[""], reason: "errors are values; name the error that is expected" },
    Rule {
        words: &["SystemTime::now", "Instant::now", "thread_rng", "env::var", "tokio::spawn"],
        inside: &["appliance/domain/src/", "-proto/src/", "appliance/xmpp/src/stream"],
        reason: "rules and protocols get time, randomness and settings as arguments",
    },
    Rule {
        words: &["SystemTime::now", "env::var"],
        inside: &["appliance/app/src/", "appliance/store/src/", "appliance/rest/src/", "appliance/xmpp/src/"],
        reason: "one clock and one reading of settings, both in main",
    },
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "managers", "misc", "stuff"];

#[test]
fn no_file_holds_a_word_that_does_not_belong_here() {
    let all = files();
    let text = all.iter().flat_map(|file| found(IN_TEXT, file, &file.text));
    let code = all.iter().filter_map(|file| Some((file, language(&file.path)?)));
    let code = code.flat_map(|(file, language)| found(IN_CODE, file, &code_only(&file.text, language)));
    none(&text.chain(code).collect::<Vec<_>>());
}

#[test]
fn what_is_to_do_has_an_owner() {
    let mark = concat!("TO", "DO");
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| language(&file.path).is_some() || file.path.ends_with(".toml")) {
        let lines = file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(mark) && !line.contains(&format!("{mark}(")));
        findings.extend(
            lines.map(|(number, _)| format!("{}:{}: {mark} without an owner in brackets", file.path, number + 1)),
        );
    }
    none(&findings);
}

#[test]
fn every_file_and_folder_says_what_is_inside() {
    let says_nothing = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part).to_lowercase();
        EMPTY_NAMES
            .iter()
            .any(|name| stem == *name || stem.ends_with(&format!("_{name}")) || stem.ends_with(&format!("-{name}")))
    };
    let all = files();
    let wrong = all.iter().filter(|file| file.path.split('/').any(says_nothing));
    none(&wrong.map(|file| format!("{}: name it after what it holds", file.path)).collect::<Vec<_>>());
}

#[test]
fn a_word_is_found_in_code_and_not_in_a_comment() {
    let file = |text: &str| File { path: "appliance/domain/src/x.rs".to_owned(), text: text.to_owned() };
    let check = |text: &str| found(IN_CODE, &file(text), &code_only(text, Language::Rust)).len();
    assert_eq!(check("let now = SystemTime::now();"), 1);
    assert_eq!(check("// SystemTime::now is for main"), 0);
    assert_eq!(check("#![allow(dead_code)]"), 1);
}

fn found(rules: &[Rule], file: &File, text: &str) -> Vec<String> {
    let here = rules.iter().filter(|rule| rule.inside.iter().any(|part| file.path.contains(part)));
    let words = here.flat_map(|rule| rule.words.iter().map(move |word| (*word, rule.reason)));
    let hits = words.flat_map(|(word, reason)| {
        text.lines()
            .enumerate()
            .filter(move |(_, line)| line.contains(word))
            .map(move |(number, _)| (number, word, reason))
    });
    hits.map(|(number, word, reason)| format!("{}:{}: `{word}`: {reason}", file.path, number + 1)).collect()
}
