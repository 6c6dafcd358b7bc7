//! Names that any system can write and none misunderstands, from names that anybody chose.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// Longest name, in bytes: what file systems take is 255, and Windows counts the folders before it too.
const NAME_BYTES_MAX: usize = 160;
/// Longest end of a name that is kept when it is cut.
const END_BYTES_MAX: usize = 16;
/// Names of devices on Windows, whatever follows their dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Names of one folder: no two are alike, not even to a system that knows no capitals. Of each it is known how often it was wished.
#[derive(Default)]
pub(super) struct Names(HashMap<String, u32>);

impl Names {
    /// A name of its own for what somebody called `wanted`; `else_name` where nothing of that can be written.
    pub(super) fn choose(&mut self, wanted: &str, else_name: &str) -> String {
        self.choose_before(wanted, else_name, "")
    }

    /// The same, with an end that we add.
    pub(super) fn choose_before(&mut self, wanted: &str, else_name: &str, end: &str) -> String {
        let plain = match plain(wanted) {
            plain if plain.is_empty() => else_name.to_owned(),
            plain => plain,
        };
        let (stem, end) = if end.is_empty() { parted(&plain) } else { (plain.as_str(), end) };
        let first = key(&format!("{stem}{end}"));
        let mut number = self.0.get(&first).copied().unwrap_or(0);
        loop {
            number += 1;
            let name = if number == 1 { format!("{stem}{end}") } else { format!("{stem} ({number}){end}") };
            if !self.0.contains_key(&key(&name)) {
                self.0.insert(key(&name), 1);
                self.0.insert(first, number);
                return name;
            }
        }
    }
}

/// Two names that some system takes for one.
fn key(name: &str) -> String {
    name.nfkc().collect::<String>().to_lowercase()
}

/// A name without what means something to a system, turns around what one reads, or is not seen.
fn plain(wanted: &str) -> String {
    let written: String =
        wanted.nfc().filter(|c| !is_unseen(*c)).map(|c| if is_special(c) { '_' } else { c }).collect();
    // Dots and spaces at the end fall off on Windows, and at the start a dot hides.
    let trimmed = written.trim().trim_end_matches(['.', ' ']);
    let name = match trimmed.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None => trimmed.to_owned(),
    };
    let name = cut(&name);
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |of: &str| {
        stem.strip_prefix(of)
            .is_some_and(|rest| rest.len() == 1 && rest != "0" && rest.chars().all(|c| c.is_ascii_digit()))
    };
    if DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt") { format!("_{name}") } else { name }
}

fn is_special(c: char) -> bool {
    c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// What has no width, or changes the direction of what follows.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

/// Stem and end, the dot with the end.
fn parted(name: &str) -> (&str, &str) {
    match name.rfind('.').filter(|at| *at > 0 && name.len() - at <= END_BYTES_MAX) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    }
}

/// At most so many bytes, with the end that says what it is.
fn cut(name: &str) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let (stem, end) = parted(name);
    let most = NAME_BYTES_MAX - end.len();
    let at = (0..=most).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{end}", stem.get(..at).unwrap_or_default().trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_in_its_folder_and_says_what_it_is_d6() {
        let long = format!("{}.pdf", "ä".repeat(400));
        for (wanted, expected) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "_._.._etc_passwd"),
            ("..", "id"),
            (".", "id"),
            ("", "id"),
            (" . ", "id"),
            ("a\0b\nc.txt", "a_b_c.txt"),
            ("/etc/shadow", "_etc_shadow"),
            ("C:\\Windows\\x.dll", "C__Windows_x.dll"),
            (".bashrc", "_bashrc"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("com0", "com0"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("trailing. . ", "trailing"),
        ] {
            assert_eq!(Names::default().choose(wanted, "id"), expected, "{wanted:?}");
        }
        let cut = Names::default().choose(&long, "id");
        assert!(cut.len() <= NAME_BYTES_MAX && cut.ends_with("ä.pdf"), "{cut}");
    }

    #[test]
    fn no_two_names_of_a_folder_are_alike_whatever_the_system_d6() {
        let mut names = Names::default();
        let chosen: Vec<String> =
            ["a.txt", "A.TXT", "a.txt", "a (2).txt", "a.txt", "re\u{301}sume\u{301}", "r\u{e9}sum\u{e9}"]
                .iter()
                .map(|wanted| names.choose(wanted, "id"))
                .collect();
        let mut keys: Vec<String> = chosen.iter().map(|name| key(name)).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), chosen.len(), "{chosen:?}");
        assert_eq!(chosen[..3], ["a.txt", "A (2).TXT", "a (3).txt"]);
        assert_eq!(names.choose_before("Ada and Bob", "id", ".jsonl"), "Ada and Bob.jsonl");
        assert_eq!(names.choose_before("ada and bob", "id", ".jsonl"), "ada and bob (2).jsonl");
    }
}
