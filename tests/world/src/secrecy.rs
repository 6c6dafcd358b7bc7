//! Looking for what must not be on disk (D1), plainly or thinly dressed.

use crate::{EdgeBox, fault};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
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

fn dresses(needle: &str) -> Vec<(&'static str, Vec<u8>)> {
    let little: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = needle.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex = crate::person::hex(needle.as_bytes());
    let mut all = vec![
        ("plain", needle.as_bytes().to_vec()),
        ("UTF-16LE", little),
        ("UTF-16BE", big),
        ("HEX", hex.to_uppercase().into_bytes()),
        ("hex", hex.into_bytes()),
    ];
    for shift in 0..3 {
        // Where the needle begins inside a group of three bytes decides how it looks; the edges depend on neighbours.
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(needle.as_bytes());
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
        std::fs::write(&file, b"my secre").expect("temp");
        assert!(search_file(&file, &["my secret"]).is_empty());
        std::fs::remove_file(&file).expect("temp");
    }
}
