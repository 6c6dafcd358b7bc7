//! Nothing grows until nobody can read it.

use tidy::{files, functions, language, none};

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 1000;

#[test]
fn no_function_is_longer_than_a_screen_or_two() {
    let mut findings = Vec::new();
    let mut measured = 0;
    for file in files() {
        let Some(language) = language(&file.path) else {
            continue;
        };
        let all = functions(&file.text, language);
        measured += all.len();
        let long = all.iter().filter(|function| function.code_lines > FUNCTION_LINES_MAX);
        findings.extend(
            long.map(|function| {
                format!("{}:{}: a function of {} lines", file.path, function.line, function.code_lines)
            }),
        );
    }
    assert!(measured > 100, "only {measured} functions found: this test would check nothing");
    none(&findings);
}

#[test]
fn no_file_is_longer_than_a_thousand_lines() {
    let sources = files().into_iter().filter(|file| language(&file.path).is_some());
    let long = sources.map(|file| (file.path, file.text.lines().count())).filter(|(_, lines)| *lines > FILE_LINES_MAX);
    none(&long.map(|(path, lines)| format!("{path}: {lines} lines")).collect::<Vec<_>>());
}

/// Lock files of npm are the largest that people keep; what is larger was left behind by a tool.
#[test]
fn no_text_is_larger_than_half_a_megabyte() {
    const BYTES_MAX: usize = 512 * 1024;
    let large = files().into_iter().filter(|file| file.text.len() > BYTES_MAX);
    none(&large.map(|file| format!("{}: {} bytes", file.path, file.text.len())).collect::<Vec<_>>());
}
