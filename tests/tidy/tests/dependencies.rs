//! Other people's crates: one version of each, none that we refuse, licences that we may ship.

use std::collections::BTreeMap;

use tidy::{built, none};

/// Crates that may be there in several versions, each with the reason.
const SEVERAL_VERSIONS: &[(&str, &str)] = &[(
    "syn",
    "reads code while building: macros of russh use the version before that of serde, and nothing of it is shipped",
)];

/// Prefixes of names that must not be built in.
const REFUSED: &[(&str, &str)] = &[
    ("openssl", "one TLS, and it is rustls"),
    ("native-tls", "one TLS, and it is rustls"),
    ("ring", "one cryptographic library, and it is aws-lc"),
    ("chrono", "time is a number that is passed in"),
];

/// Licences that may be part of what is shipped under Apache-2.0.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_crate_is_built_in_one_version() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in built() {
        let known = versions.entry(package.name).or_default();
        if !known.contains(&package.version) {
            known.push(package.version);
        }
    }
    let several = versions
        .iter()
        .filter(|(name, found)| found.len() > 1 && !SEVERAL_VERSIONS.iter().any(|(allowed, _)| allowed == name));
    none(
        &several
            .map(|(name, found)| format!("{name} is built in several versions: {}", found.join(", ")))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_refused_crate_is_built_in() {
    let mut findings = Vec::new();
    for package in built() {
        let refused = REFUSED
            .iter()
            .find(|(prefix, _)| package.name == *prefix || package.name.starts_with(&format!("{prefix}-")));
        findings.extend(refused.map(|(_, reason)| format!("{}: {reason}", package.name)));
    }
    none(&findings);
}

#[test]
fn every_crate_has_a_licence_that_we_may_ship() {
    let packages = built();
    assert!(packages.len() > 50, "cargo lists only {} crates: this test would check nothing", packages.len());
    let wrong = packages.iter().filter(|package| !may_ship(&package.licence));
    none(
        &wrong
            .map(|package| format!("{} {}: licence `{}`", package.name, package.version, package.licence))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_licence_expression_is_read_with_its_brackets() {
    assert!(may_ship("MIT OR GPL-3.0"));
    assert!(!may_ship("MIT AND GPL-3.0"));
    assert!(may_ship("(GPL-3.0 OR ISC) AND Apache-2.0"));
    assert!(!may_ship("(GPL-3.0 OR AGPL-3.0) AND Apache-2.0"));
    assert!(may_ship("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
    assert!(may_ship("MIT/Apache-2.0"));
    assert!(!may_ship(""));
}

/// SPDX: `AND` binds stronger than `OR`; old crates write `/` for `OR`.
fn may_ship(expression: &str) -> bool {
    let expression = expression.replace(" / ", " OR ").replace('/', " OR ");
    split(&expression, " OR ").iter().any(|choice| split(choice, " AND ").iter().all(|part| part_may_ship(part.trim())))
}

fn part_may_ship(part: &str) -> bool {
    match part.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => may_ship(inner),
        None => LICENCES.contains(&part),
    }
}

/// Splits at `word` outside of brackets.
fn split<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, letter) in expression.char_indices() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if depth == 0 && expression[at..].starts_with(word) {
            parts.push(&expression[start..at]);
            start = at + word.len();
        }
    }
    parts.push(&expression[start..]);
    parts
}
