use app::file::Verdict;

/// What clamd said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// It has looked at the file.
    Verdict(Verdict),
    /// It has not, and why: it is reloading, out of memory, or gone.
    Unknown(String),
}

/// Reads a reply to `INSTREAM`: `stream: OK`, `stream: NAME FOUND`, or `... ERROR`.
pub(super) fn reply(said: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(said);
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    if text == "stream: OK" {
        return Reply::Verdict(Verdict::Clean);
    }
    if let Some(found) = text.strip_prefix("stream: ").and_then(|text| text.strip_suffix(" FOUND")) {
        return Reply::Verdict(Verdict::Refused(found.to_owned()));
    }
    // Too much for it, now and always: waiting would not help.
    if text.starts_with("INSTREAM size limit exceeded") {
        let why = "it is larger than the virus scanner takes (StreamMaxLength)";
        return Reply::Verdict(Verdict::Refused(why.to_owned()));
    }
    Reply::Unknown(if text.is_empty() { String::from("it ended the connection") } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_ok_is_taken_for_clean_c6() {
        assert_eq!(reply(b"stream: OK\0"), Reply::Verdict(Verdict::Clean));
        for said in [&b""[..], b"stream: OK ERROR\0", b"stream: O", b"OK", b"stream: Can't allocate memory ERROR\0"] {
            assert!(matches!(reply(said), Reply::Unknown(_)), "{}", String::from_utf8_lossy(said));
        }
        let refused = |why: &str| Reply::Verdict(Verdict::Refused(why.to_owned()));
        assert_eq!(reply(b"stream: Eicar-Test-Signature FOUND\0"), refused("Eicar-Test-Signature"));
        assert!(matches!(reply(b"INSTREAM size limit exceeded. ERROR\0"), Reply::Verdict(Verdict::Refused(_))));
    }
}
