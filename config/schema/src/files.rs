//! Section `[files]`.

use std::path::PathBuf;

use crate::reader::Section;

const MIB: u64 = 1024 * 1024;

/// Shared files (C6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Files may be shared.
    pub enabled: bool,
    /// Largest file.
    pub size_limit_bytes: u64,
    /// Largest part that clients are told to send and to ask for.
    pub chunk_bytes: u32,
    /// Files of one person together.
    pub quota_bytes: u64,
    /// Room on the disk that files leave free.
    pub reserve_bytes: u64,
    /// Where the virus scanner listens.
    pub scanner: PathBuf,
    /// Files that are scanned at once.
    pub scans_at_once: usize,
}

impl Files {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        let scanner = section.optional(
            "scanner",
            "a file name, or \"\" for Debian's, /run/clamav/clamd.ctl",
            |text| Some(PathBuf::from(text)),
            "Socket of ClamAV's clamd. Without it no file is taken; its StreamMaxLength should be size_limit_bytes at least.",
        );
        let files = Self {
            enabled: section.flag("enabled", true, "Files may be shared."),
            size_limit_bytes: section.integer(
                "size_limit_bytes", 100 * MIB, 1_024..=2_048 * MIB, "Largest file; what the scanner does not take is refused.",
            ),
            chunk_bytes: section.integer(
                "chunk_bytes", 1_048_576, 65_536..=67_108_864,
                "Largest part that clients are told to send and to ask for; an upload that is cut goes on at the part where it was.",
            ),
            quota_bytes: section.integer(
                "quota_bytes", 10_240 * MIB, MIB..=1_048_576 * MIB, "Files of one person together.",
            ),
            reserve_bytes: section.integer(
                "reserve_bytes", 1_024 * MIB, 0..=1_048_576 * MIB, "Room on the disk that files leave free, for messages.",
            ),
            scanner: scanner.unwrap_or_else(|| PathBuf::from("/run/clamav/clamd.ctl")),
            scans_at_once: section.integer("scans_at_once", 2, 1..=64, "Files that are scanned at once."),
        };
        section.must(files.quota_bytes >= files.size_limit_bytes, "quota_bytes", "at least size_limit_bytes");
        files
    }
}
