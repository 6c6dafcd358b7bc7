//! Which of two versions is newer, by the rules of their kind.

mod debian;

use std::cmp::Ordering;

use super::subject::Kind;

/// # Errors
/// What is wrong with which version.
pub(crate) fn compare(kind: Kind, left: &str, right: &str) -> Result<Ordering, String> {
    match kind {
        Kind::Deb => debian::compare(left, right),
        Kind::Cargo | Kind::Npm => Ok(semantic(left)?.cmp_precedence(&semantic(right)?)),
    }
}

/// Databases leave out zeros at the end: `1.2` is `1.2.0`.
fn semantic(text: &str) -> Result<semver::Version, String> {
    let plain = text.trim().trim_start_matches(['v', '=']);
    let (numbers, rest) = plain.split_at(plain.find(['-', '+']).unwrap_or(plain.len()));
    let missing = 2_usize.saturating_sub(numbers.matches('.').count());
    let whole = format!("{numbers}{}{rest}", ".0".repeat(missing));
    semver::Version::parse(&whole).map_err(|error| format!("`{text}` is no semantic version: {error}"))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::compare;
    use crate::cve::subject::Kind;

    #[test]
    fn semantic_versions_compare_by_precedence_i6() {
        let order = |left, right| compare(Kind::Cargo, left, right);
        assert_eq!(order("1.2.9", "1.2.10"), Ok(Ordering::Less));
        assert_eq!(order("1.0.0-rc.1", "1.0.0"), Ok(Ordering::Less));
        assert_eq!(order("1.0.0+a", "1.0.0+b"), Ok(Ordering::Equal));
        assert_eq!(order("2", "2.0.0"), Ok(Ordering::Equal));
        assert_eq!(order("0.0.0-0", "0.0.0"), Ok(Ordering::Less));
        assert!(order("1.2.x", "1.0.0").is_err_and(|why| why.contains("1.2.x")));
    }
}
