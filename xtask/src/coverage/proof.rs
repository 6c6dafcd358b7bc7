//! Whether the tests that are named as proofs are there.

use std::collections::BTreeMap;
use std::path::Path;

use super::table::Table;

/// Every proof that is no test of the repository.
pub(super) fn missing(table: &Table, root: &Path) -> Vec<String> {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut findings = Vec::new();
    for ((service, function), said) in &table.said {
        for proof in &said.proofs {
            let (file, name) = proof.split_once(':').unwrap_or((proof, ""));
            let text =
                texts.entry(file).or_insert_with(|| std::fs::read_to_string(root.join(file)).unwrap_or_default());
            if !is_test(file, text, name) {
                findings.push(format!("{service} {function}: {file} has no test `{name}`"));
            }
        }
    }
    findings
}

/// A test of Rust by its name, a step of the SDK suite by its sentence.
fn is_test(file: &str, text: &str, name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    if file.ends_with(".js") {
        let sentence = format!("sentence: '{}',", name.replace('\'', "\\'"));
        return text.lines().any(|line| line.trim() == sentence);
    }
    let begins = format!("fn {name}(");
    let mut marked = false;
    for line in text.lines().map(str::trim) {
        if marked && (line.starts_with(&begins) || line.starts_with(&format!("async {begins}"))) {
            return true;
        }
        marked = line == "#[test]" || line.starts_with("#[tokio::test") || (marked && line.starts_with("#["));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_known_by_its_mark_and_a_step_by_its_whole_sentence() {
        let rust = "#[tokio::test]\nasync fn it_holds_c3() {\n}\nfn helper() {}\n#[test]\n#[ignore]\nfn later() {}\n";
        for (name, expected) in
            [("it_holds_c3", true), ("it_holds", false), ("helper", false), ("later", true), ("", false)]
        {
            assert_eq!(is_test("tests/rest/x.rs", rust, name), expected, "{name}");
        }
        let script = "    sentence: 'Otto is in Alice\\'s network',\n";
        assert!(is_test("x.js", script, "Otto is in Alice's network"));
        assert!(!is_test("x.js", script, "Otto is in"));
    }
}
