//! Ranges of a file (RFC 9110, section 14): one of bytes; anything else means the whole.

/// Which bytes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them.
    Whole,
    /// From the first to the last, both included.
    Part(u64, u64),
    /// None that there are.
    Unsatisfiable,
}

/// Reads a `Range` header for a file of `len` bytes.
pub(super) fn wanted(header: Option<&str>, len: u64) -> Wanted {
    let Some(spec) = header.and_then(|text| text.trim().strip_prefix("bytes=")) else { return Wanted::Whole };
    let Some((from, to)) = spec.trim().split_once('-').filter(|_| !spec.contains(',')) else { return Wanted::Whole };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (number(from.trim()), number(to.trim())) {
        (Some(from), _) if from >= len => Wanted::Unsatisfiable,
        (Some(from), Some(to)) if to >= from => Wanted::Part(from, to.min(len - 1)),
        (Some(from), None) if to.trim().is_empty() => Wanted::Part(from, len - 1),
        (None, Some(0)) if from.trim().is_empty() => Wanted::Unsatisfiable,
        (None, Some(_)) if from.trim().is_empty() && len == 0 => Wanted::Unsatisfiable,
        (None, Some(last)) if from.trim().is_empty() => Wanted::Part(len.saturating_sub(last), len - 1),
        _ => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_rfc_says_c6() {
        for (header, expected) in [
            ("bytes=0-0", Wanted::Part(0, 0)),
            ("bytes=10-19", Wanted::Part(10, 19)),
            ("bytes=90-", Wanted::Part(90, 99)),
            ("bytes=90-1000", Wanted::Part(90, 99)),
            ("bytes=-7", Wanted::Part(93, 99)),
            ("bytes=-1000", Wanted::Part(0, 99)),
            ("bytes=100-", Wanted::Unsatisfiable),
            ("bytes=99999999999999999999-", Wanted::Unsatisfiable),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(Some(header), 100), expected, "{header}");
        }
        assert_eq!(wanted(None, 100), Wanted::Whole);
        for header in ["bytes=0-", "bytes=-5"] {
            assert_eq!(wanted(Some(header), 0), Wanted::Unsatisfiable, "{header} of an empty file");
        }
    }
}
