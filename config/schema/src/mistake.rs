//! What is wrong with a configuration file, said so that a person can correct it.

use std::fmt;

/// One mistake. `Display` gives one line: file, line, key, value, what is wrong, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file as the caller named it.
    pub file: String,
    /// Line of the file, from 1; `None` when it concerns the file as a whole.
    pub line: Option<usize>,
    /// `section.key`, `section`, or empty when it concerns the file as a whole.
    pub key: String,
    /// The value as written, shortened; empty when the value is not the point.
    pub value: String,
    /// What is wrong.
    pub problem: String,
    /// What is allowed instead, or what to do.
    pub allowed: String,
}

/// What is wrong, and what is allowed or to be done.
pub(crate) type Problem = (String, String);

impl Mistake {
    pub(crate) fn of_file(file: &str, (problem, allowed): Problem) -> Self {
        Self { file: file.to_owned(), line: None, key: String::new(), value: String::new(), problem, allowed }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        if !self.value.is_empty() {
            write!(f, " = {}", self.value)?;
        }
        write!(f, ": {}", self.problem)?;
        if !self.allowed.is_empty() {
            write!(f, "; {}", self.allowed)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistake {}

/// The known name that `written` was probably meant to be: at most a third of it differs, two letters at least.
pub(crate) fn nearest<'n>(written: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    let bound = (written.chars().count() / 3).max(2);
    known
        .map(|name| (distance(&written, name), name))
        .filter(|(letters, _)| *letters <= bound)
        .min_by_key(|(letters, _)| *letters)
        .map(|(_, name)| name)
}

/// Levenshtein distance; both names are short (keys are cut before).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
