//! Looking for what must not be on disk (D1), plainly or thinly dressed.

use crate::memory::{Kind, Memory};
use crate::{EdgeBox, fault};
use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use std::path::Path;

/// What was found where: `(needle, dress, file)`.
pub type Finding = (String, &'static str, String);

/// Searches every file below `folder` for each needle as UTF-8, UTF-16 (both ends), hex and base64.
pub fn search(folder: &Path, needles: &[&str]) -> Vec<Finding> {
    fault::files(folder).iter().flat_map(|file| search_file(file, needles)).collect()
}

/// Searches one file.
pub fn search_file(file: &Path, needles: &[&str]) -> Vec<Finding> {
    let bytes = std::fs::read(file).unwrap_or_default();
    let mut found = Vec::new();
    for needle in needles {
        assert!(needle.len() >= 6, "{needle:?} is too short: it may come about by chance");
        for (dress, pattern) in dresses(needle) {
            if contains(&bytes, &pattern) {
                found.push(((*needle).to_owned(), dress, file.display().to_string()));
            }
        }
    }
    found
}

/// Asserts that neither the data folder nor the log of this box holds any of the needles.
#[track_caller]
pub fn assert_nothing_readable(edge: &EdgeBox, needles: &[&str], when: &str) {
    let mut found = search(&edge.data(), needles);
    found.extend(search_file(&edge.log_file(), needles));
    assert!(found.is_empty(), "{when}, these are readable on disk (D1): {found:#?}");
    let files = fault::files(&edge.data());
    assert!(files.iter().any(|file| file.metadata().is_ok_and(|meta| meta.len() > 4096)), "no database was searched");
}

/// Secrets by name, all looked for at once, each in every dress: what is long and read often has to be read once only.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    names: Vec<String>,
    /// Of the same place in `patterns`: which secret, and how it is dressed.
    dressed: Vec<(usize, &'static str)>,
    patterns: Vec<Vec<u8>>,
}

/// Secrets that are ready to be looked for.
#[derive(Debug)]
pub struct Search {
    secrets: Secrets,
    searcher: AhoCorasick,
}

impl Secrets {
    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, secret: &str) -> Self {
        self.add(name, dresses(secret), secret.len())
    }

    /// Adds bytes: a key.
    #[must_use]
    pub fn bytes(self, name: &str, secret: &[u8]) -> Self {
        self.add(name, dresses_of_bytes(secret), secret.len())
    }

    fn add(mut self, name: &str, dresses: Vec<(&'static str, Vec<u8>)>, length: usize) -> Self {
        assert!(length >= 8, "{name} is too short: it may come about by chance");
        self.names.push(name.to_owned());
        for (dress, pattern) in dresses {
            self.dressed.push((self.names.len() - 1, dress));
            self.patterns.push(pattern);
        }
        self
    }

    /// Adds those of another collection.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        let before = self.names.len();
        self.names.extend(others.names);
        self.dressed.extend(others.dressed.into_iter().map(|(of, dress)| (of + before, dress)));
        self.patterns.extend(others.patterns);
        self
    }

    /// Readies them.
    pub fn search(self) -> Search {
        let searcher = AhoCorasick::new(&self.patterns).expect("some hundred short patterns");
        Search { secrets: self, searcher }
    }
}

impl Search {
    fn found(&self, bytes: &[u8]) -> BTreeSet<usize> {
        self.searcher.find_overlapping_iter(bytes).map(|found| found.pattern().as_usize()).collect()
    }

    fn named(&self, pattern: usize) -> (String, &'static str) {
        let (of, dress) = self.secrets.dressed[pattern];
        (self.secrets.names[of].clone(), dress)
    }

    /// Which of them lie in a piece of memory of which kind.
    pub fn in_memory(&self, memory: &Memory) -> BTreeSet<(String, Kind)> {
        let mut all = BTreeSet::new();
        for (kind, piece) in &memory.0 {
            all.extend(self.found(piece).into_iter().map(|pattern| (self.named(pattern).0, *kind)));
        }
        all
    }

    /// Searches every file below a folder.
    pub fn in_folder(&self, folder: &Path) -> Vec<Finding> {
        fault::files(folder).iter().flat_map(|file| self.in_file(file, &file.display().to_string())).collect()
    }

    /// Searches one file.
    pub fn in_file(&self, file: &Path, called: &str) -> Vec<Finding> {
        let found = self.found(&std::fs::read(file).unwrap_or_default());
        let told = |pattern| {
            let (name, dress) = self.named(pattern);
            (name, dress, called.to_owned())
        };
        found.into_iter().map(told).collect()
    }

    /// Searches what all processes of a running box have open on a disk, removed files too.
    pub fn in_open_files(&self, edge: &EdgeBox) -> Vec<Finding> {
        let mut all = Vec::new();
        for process in edge.processes() {
            let folder = format!("/proc/{}/fd", process.id());
            for entry in std::fs::read_dir(folder).expect("root reads it").flatten() {
                let kind = std::fs::metadata(entry.path()).map(|meta| meta.file_type());
                let called = std::fs::read_link(entry.path()).unwrap_or_default().display().to_string();
                if kind.is_ok_and(|kind| kind.is_file()) {
                    all.extend(self.in_file(&entry.path(), &called));
                }
            }
        }
        all
    }
}

fn dresses(needle: &str) -> Vec<(&'static str, Vec<u8>)> {
    let little: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = needle.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut all = vec![("UTF-16LE", little), ("UTF-16BE", big)];
    all.extend(dresses_of_bytes(needle.as_bytes()));
    all
}

fn dresses_of_bytes(needle: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = crate::person::hex(needle);
    let mut all = vec![("plain", needle.to_vec()), ("HEX", hex.to_uppercase().into_bytes()), ("hex", hex.into_bytes())];
    for shift in 0..3 {
        // Where the needle begins inside a group of three bytes decides how it looks; the edges depend on neighbours.
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(needle);
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let whole = engine.encode(&bytes);
            let end = whole.len() - usize::from(bytes.len() % 3 != 0);
            let core = &whole[[0, 2, 3][shift]..end];
            all.push(("base64", core.as_bytes().to_vec()));
        }
    }
    all
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let mut from = 0;
    while let Some(at) = haystack[from..].iter().position(|byte| byte == first) {
        let next = from + at + 1;
        if haystack[next..].starts_with(rest) {
            return true;
        }
        from = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dress_is_seen_through() {
        let file = std::env::temp_dir().join(format!("secrecy-{}", std::process::id()));
        let utf16: Vec<u8> = "my secret words".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let base64 = STANDARD_NO_PAD.encode("x my secret words y");
        for text in [b"..my secret words..".to_vec(), utf16, base64.into_bytes(), b"6d7920736563726574".to_vec()] {
            std::fs::write(&file, &text).expect("temp");
            assert!(!search_file(&file, &["my secret"]).is_empty(), "{text:?}");
        }
        let search = Secrets::default().text("another", "something else").text("mine", "my secret").search();
        assert_eq!(search.in_file(&file, "here"), [("mine".to_owned(), "hex", "here".to_owned())]);
        std::fs::write(&file, b"my secre").expect("temp");
        assert!(search_file(&file, &["my secret"]).is_empty() && search.in_file(&file, "here").is_empty());
        std::fs::remove_file(&file).expect("temp");
    }
}
