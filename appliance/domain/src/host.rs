//! Host names that a certificate can carry and an XMPP domain can be.

/// What a host name looks like, for messages.
pub const EXPECTED: &str = "not a host name; expected something like rainbow.example.org";

/// A host name as entered, in its comparable form; `None` when it is none.
#[must_use]
pub fn clean_name(name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (name.len() <= 253 && name.split('.').all(label_ok)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::clean_name;

    #[test]
    fn a_host_name_has_one_spelling() {
        assert_eq!(clean_name(" Box.Example.ORG. ").as_deref(), Some("box.example.org"));
        assert_eq!(clean_name("localhost").as_deref(), Some("localhost"));
        let long = format!("{}.example", "x".repeat(64));
        for name in ["", ".", "bad name", "-.-", "a..b", "https://box", "box:443", "bücher.example", long.as_str()] {
            assert_eq!(clean_name(name), None, "{name}");
        }
    }
}
