//! Two builds of one commit, compared.

use super::{Build, recipe};
use crate::{Failure, Outcome};

/// What must be the same to the bit. The signed kernel image is not, nor the disk that holds it: systemd-sbsign puts the time of
/// signing into the signature.
const PARTS: &[&str] = &["root.raw", "verity.raw", "unsigned.efi"];

/// SHA-256 of each part.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Prints(Vec<String>);

impl Prints {
    /// Of what the build has made.
    ///
    /// # Errors
    /// `Failed` when a part cannot be read.
    pub(super) fn of(build: &Build) -> Result<Self, Failure> {
        PARTS.iter().map(|name| recipe::digest(build, name)).collect::<Result<_, _>>().map(Self)
    }

    /// Tells of each part whether it is alike.
    ///
    /// # Errors
    /// `Failed` when one differs.
    pub(super) fn compare(&self, second: &Self) -> Outcome {
        let mut different = Vec::new();
        for (name, (first, second)) in PARTS.iter().zip(self.0.iter().zip(&second.0)) {
            println!("  {name:<18} {} {first}", if first == second { "identical" } else { "DIFFERENT" });
            if first != second {
                different.push(*name);
            }
        }
        if different.is_empty() {
            return Ok(());
        }
        Err(Failure::Failed(format!("two builds of one commit differ in: {}", different.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTS, Prints};

    #[test]
    fn one_part_that_differs_is_named() {
        let first = Prints(vec!["a".to_owned(); PARTS.len()]);
        let mut second = vec!["a".to_owned(); PARTS.len()];
        second[1] = "b".to_owned();
        assert!(first.compare(&Prints(vec!["a".to_owned(); PARTS.len()])).is_ok());
        let text = format!("{:?}", first.compare(&Prints(second)));
        assert!(text.contains("verity.raw") && !text.contains("root.raw,"), "{text}");
    }
}
