//! Debian Policy 5.6.12: `epoch:upstream-revision`.

use std::cmp::Ordering;

struct Version<'a> {
    epoch: u32,
    upstream: &'a str,
    revision: &'a str,
}

/// # Errors
/// What is wrong with which version.
pub(super) fn compare(left: &str, right: &str) -> Result<Ordering, String> {
    let (left, right) = (parse(left)?, parse(right)?);
    Ok(left
        .epoch
        .cmp(&right.epoch)
        .then_with(|| part(left.upstream, right.upstream))
        .then_with(|| part(left.revision, right.revision)))
}

fn parse(text: &str) -> Result<Version<'_>, String> {
    let refused = |why: &str| Err(format!("`{text}` is no version of a Debian package: {why}"));
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let Ok(epoch) = epoch.parse() else { return refused("the epoch before `:` is no number") };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    if upstream.is_empty() {
        return refused("there is nothing before the revision");
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || ".+-~:".contains(letter);
    if !rest.chars().all(allowed) {
        return refused("only letters, digits and `. + - ~ :` may stand in it");
    }
    Ok(Version { epoch, upstream, revision })
}

/// From the left, in turns: what is no digit, letter by letter; then digits, as a number.
fn part(mut left: &str, mut right: &str) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let (words, rest) = (split(&mut left, false), split(&mut right, false));
        let order = by_letters(words, rest);
        if order != Ordering::Equal {
            return order;
        }
        let (number, other) = (split(&mut left, true), split(&mut right, true));
        let order = by_number(number, other);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Takes the leading part that is all digits, or all others.
fn split<'a>(text: &mut &'a str, digits: bool) -> &'a str {
    let end = text.find(|letter: char| letter.is_ascii_digit() != digits).unwrap_or(text.len());
    let (taken, rest) = text.split_at(end);
    *text = rest;
    taken
}

/// A tilde comes before the end, the end before letters, letters before everything else.
fn by_letters(left: &str, right: &str) -> Ordering {
    let rank = |letter: Option<u8>| match letter {
        Some(b'~') => (0, 0),
        None => (1, 0),
        Some(letter) if letter.is_ascii_alphabetic() => (2, letter),
        Some(other) => (3, other),
    };
    let length = left.len().max(right.len());
    let ranks = |text: &str| (0..length).map(|at| rank(text.as_bytes().get(at).copied())).collect::<Vec<_>>();
    ranks(left).cmp(&ranks(right))
}

/// Of any length: dates and hashes stand in versions, too.
fn by_number(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::compare;

    /// The example of Debian Policy 5.6.12.1, then what dpkg's own tests and manuals single out.
    const OLDER_TO_NEWER: &[&[&str]] = &[
        &["~~", "~~a", "~", "0", "a"],
        &["1.0~beta1~svn1245", "1.0~beta1", "1.0", "1.0-1", "1.0a", "1.0+b1", "1.0.1"],
        &["2.41-12", "2.41-12+b1", "2.41-12+deb13u1", "2.41-12+deb13u2", "2.41-12+deb13u10"],
        &["9.9.9-9", "0:10-1", "1:0.1-1", "1:0.1-2", "2:0~rc1-1", "2:0-1"],
        &["1.2-1~bpo13+1", "1.2-1", "1.2-1+deb13u1", "1.2-1.1", "1.2-2"],
        &["6.12.9-1", "6.12.57-1~deb13u1", "6.12.57-1", "6.12.117-1"],
        &["20240101", "20250101120000000000000000000000", "20250101120000000000000000000001"],
    ];

    #[test]
    fn debian_versions_stand_in_the_order_of_the_policy_i6() {
        for line in OLDER_TO_NEWER {
            for (at, left) in line.iter().enumerate() {
                for (other, right) in line.iter().enumerate() {
                    assert_eq!(compare(left, right), Ok(at.cmp(&other)), "{left} against {right}");
                }
            }
        }
    }

    #[test]
    fn versions_that_only_look_different_are_equal_i6() {
        for (left, right) in [("0:1.0-1", "1.0-1"), ("1.0", "1.0-0"), ("1.01", "1.1"), ("1.0", "1.0-")] {
            assert_eq!(compare(left, right), Ok(Ordering::Equal), "{left} against {right}");
        }
    }

    #[test]
    fn what_is_no_debian_version_is_refused_with_words_i6() {
        for (wrong, word) in [("", "nothing"), ("x:1", "epoch"), ("1 2", "letters"), ("1:-1", "nothing")] {
            assert!(compare(wrong, "1").is_err_and(|why| why.contains(word)), "{wrong}");
        }
    }
}
