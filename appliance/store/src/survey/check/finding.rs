use std::fmt::Write as _;

/// What kind of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not one page opens under the key.
    WrongKey,
    /// A wrapped key does not open.
    Key,
    /// A file that is none of this box, or of another of its databases.
    ForeignFile,
    /// A file that should be there.
    MissingFile,
    /// Pages that do not open, are missing or cannot be read.
    Pages,
    /// A log that was changed.
    Log,
    /// The end of a log that a power cut tore: dropped, and nobody was told that it was kept.
    TornLog,
    /// SQLite finds its tables or indexes inconsistent.
    Integrity,
    /// Rows that refer to rows that are not there.
    References,
    /// What is owed to other companies, or was taken from them, does not fit.
    Queues,
    /// Parts of a stored file that do not open, are missing or cannot be read.
    File,
    /// A file that belongs to nothing. It harms nothing.
    Orphan,
    /// It could not be looked at.
    NotLooked,
}

impl Kind {
    const NAMES: [(Self, &'static str); 13] = [
        (Self::WrongKey, "wrong_key"),
        (Self::Key, "key"),
        (Self::ForeignFile, "foreign_file"),
        (Self::MissingFile, "missing_file"),
        (Self::Pages, "pages"),
        (Self::Log, "log"),
        (Self::TornLog, "torn_log"),
        (Self::Integrity, "integrity"),
        (Self::References, "references"),
        (Self::Queues, "queues"),
        (Self::File, "file"),
        (Self::Orphan, "orphan"),
        (Self::NotLooked, "not_looked"),
    ];

    /// Its name for programs, stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Whether something is known to be lost or wrong by it.
    #[must_use]
    pub fn hurts(self) -> bool {
        !matches!(self, Self::TornLog | Self::Orphan | Self::NotLooked)
    }
}

/// One thing that is wrong, in words for who has to act on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `directory` or the company's id.
    pub database: String,
    /// What kind.
    pub kind: Kind,
    /// What, where, and what to do.
    pub text: String,
}

/// Numbers as people list them: `3, 7-9`.
#[must_use]
pub(crate) fn ranges(numbers: &[u64]) -> String {
    let mut text = String::new();
    for run in numbers.chunk_by(|one, next| *next == one + 1) {
        let separator = if text.is_empty() { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = match run {
            [only] => write!(text, "{separator}{only}"),
            [first, .., last] => write!(text, "{separator}{first}-{last}"),
            [] => Ok(()),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_listed_as_people_do_d3() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[3]), "3");
        assert_eq!(ranges(&[3, 7, 8, 9, 11, 12]), "3, 7-9, 11-12");
    }

    #[test]
    fn every_kind_has_a_name_of_its_own_d3() {
        let names: std::collections::BTreeSet<&str> = Kind::NAMES.iter().map(|(kind, _)| kind.name()).collect();
        assert_eq!(names.len(), Kind::NAMES.len());
    }
}
