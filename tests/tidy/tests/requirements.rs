//! `requirements.txt`: each requirement of the product is proved, and then a test names it, or open.

use std::collections::BTreeSet;

use tidy::{files, none, root, test_names};

/// The requirements by letter. An id is never removed from the list.
const IDS: &[(&str, u32)] =
    &[("A", 11), ("B", 11), ("C", 10), ("D", 8), ("E", 6), ("F", 5), ("G", 5), ("H", 7), ("I", 8), ("J", 10), ("R", 2)];

struct List {
    /// No more than these may be open. Lowered with every proof, never raised.
    open_max: usize,
    proved: BTreeSet<String>,
    open: BTreeSet<String>,
}

#[test]
fn the_list_holds_every_requirement_once() {
    let list = list();
    let wanted: BTreeSet<String> =
        IDS.iter().flat_map(|(letter, count)| (1..=*count).map(move |number| format!("{letter}{number}"))).collect();
    let listed: BTreeSet<String> = list.proved.union(&list.open).cloned().collect();
    let mut findings: Vec<String> = wanted.difference(&listed).map(|id| format!("{id} is not in the list")).collect();
    findings.extend(listed.difference(&wanted).map(|id| format!("{id} is no requirement")));
    findings.extend(list.proved.intersection(&list.open).map(|id| format!("{id} is proved and open")));
    none(&findings);
}

#[test]
fn the_open_list_only_shrinks() {
    let list = list();
    assert_eq!(
        list.open.len(),
        list.open_max,
        "open-at-most must be the number of open requirements, and may only go down"
    );
}

#[test]
fn every_proved_requirement_is_named_by_a_test() {
    let named = named();
    let list = list();
    none(
        &list
            .proved
            .difference(&named)
            .map(|id| format!("{id} is listed as proved, but no test names it"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_requirement_is_read_from_the_end_of_a_tests_name() {
    assert_eq!(ids_of("flipped_byte_is_an_error_d3"), ["D3"]);
    assert_eq!(ids_of("names_r2_c3"), ["R2", "C3"]);
    assert_eq!(ids_of("d3_first_and_sha2_later"), [""; 0]);
    assert_eq!(quoted_ids("step('a sentence', ['C1', \"C2\"], x['toString'])"), ["C1", "C2"]);
}

fn list() -> List {
    let text = std::fs::read_to_string(root().join("tests/tidy/requirements.txt")).expect("requirements.txt exists");
    let mut list = List { open_max: 0, proved: BTreeSet::new(), open: BTreeSet::new() };
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once(' ') {
            Some(("open-at-most", number)) => {
                list.open_max = number.parse().expect("open-at-most is followed by a number")
            }
            Some((id, "proved")) => drop(list.proved.insert(id.to_owned())),
            Some((id, "open")) => drop(list.open.insert(id.to_owned())),
            _ => panic!("requirements.txt: `{line}` is neither `ID proved` nor `ID open`"),
        }
    }
    list
}

/// Ids at the end of names of Rust tests, and in quotes in the steps of the SDK and browser suites.
fn named() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files() {
        if file.path.ends_with(".rs") && !file.path.starts_with("tests/tidy/") {
            found.extend(test_names(&file.text).iter().flat_map(|name| ids_of(name)));
        } else if ["tests/sdk/", "tests/web/"].iter().any(|suite| file.path.starts_with(suite))
            && file.path.ends_with(".js")
        {
            found.extend(quoted_ids(&file.text));
        }
    }
    found
}

fn ids_of(test_name: &str) -> Vec<String> {
    let mut ids: Vec<String> = test_name.rsplit('_').take_while(|word| is_id(word)).map(str::to_uppercase).collect();
    ids.reverse();
    ids
}

fn quoted_ids(text: &str) -> Vec<String> {
    let words = text.split(['\'', '"']);
    words
        .filter(|word| is_id(word) && word.starts_with(|letter: char| letter.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect()
}

fn is_id(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters
        .next()
        .is_some_and(|letter| IDS.iter().any(|(known, _)| known.eq_ignore_ascii_case(&letter.to_string())));
    first && word.len() > 1 && letters.all(|letter| letter.is_ascii_digit())
}
