//! `cargo xtask sbom` and `cargo xtask cve` as people and pipelines call them: arguments in, text and exit code out.

mod databases;
mod debian;
mod ignored;
mod list;
mod osv;

use std::path::{Path, PathBuf};
use std::process::Command;

/// On which the tests judge what has expired.
const TODAY: &str = "2026-11-29";

struct Run {
    code: i32,
    out: String,
    errors: String,
}

impl Run {
    /// The row of the table about this vulnerability in this package, word by word.
    fn row(&self, id: &str, package: &str) -> Option<Vec<&str>> {
        let rows = self.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.into_iter().find(|row| row.starts_with(&[id, package]))
    }

    #[track_caller]
    fn passed(self) -> Self {
        assert_eq!((self.code, self.errors.as_str()), (0, ""), "{}", self.out);
        self
    }

    /// Exit code 1, and every one of `words` in what it says.
    #[track_caller]
    fn failed(self, words: &[&str]) -> Self {
        assert_eq!(self.code, 1, "{}{}", self.out, self.errors);
        for word in words {
            assert!(self.errors.contains(word), "`{word}` is not in: {}", self.errors);
        }
        self
    }
}

fn xtask(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().expect("xtask starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints text");
    Run {
        code: output.status.code().expect("it is not killed"),
        out: text(&output.stdout),
        errors: text(&output.stderr),
    }
}

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cve/data").join(name);
    path.to_str().expect("paths are text").to_owned()
}

/// A file of this test alone.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = scratch(name);
    std::fs::write(&path, content).expect("the folder for tests takes a file");
    path.to_str().expect("paths are text").to_owned()
}

/// Named after the test, because all of them run at once.
fn scratch(name: &str) -> PathBuf {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace("::", "-");
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{name}"))
}

/// A list in CycloneDX with these package URLs.
fn list_of(purls: &[&str]) -> String {
    let components: Vec<_> =
        purls.iter().map(|purl| serde_json::json!({ "type": "library", "name": "x", "purl": purl })).collect();
    let list = serde_json::json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": components });
    file("list.cdx.json", list.to_string())
}

/// Checks `purls` against a database, with the ignored ones as TOML.
fn cve(database: &str, purls: &[&str], ignored: &str) -> Run {
    let (list, ignored) = (list_of(purls), file("ignored.toml", ignored));
    xtask(&["cve", "--database", database, "--sbom", &list, "--ignored", &ignored, "--date", TODAY])
}
