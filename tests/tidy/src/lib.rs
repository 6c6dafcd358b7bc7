//! What the rules of the house are checked against: the repository's own files and cargo's view of them.
//!
//! Plain text scanning: quick, without a parser of ours, and good enough to find what a reader would object to.

mod code;
mod packages;
mod repository;

pub use code::{Function, Language, code_only, functions, language, test_names};
pub use packages::{Built, Member, built, members};
pub use repository::{File, files, root};

/// Fails a test with every finding at once, so that one run shows all there is to mend.
///
/// # Panics
/// When there is a finding.
#[track_caller]
pub fn none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
