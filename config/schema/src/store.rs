//! Section `[store]`.

use crate::reader::Section;
use std::path::PathBuf;

/// Bounds of the encrypted databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// Reading connections per open database.
    pub readers: usize,
    /// Page cache of each connection.
    pub page_cache_kib: u32,
    /// Changes that may wait for a database's writer; further ones are refused with "try later".
    pub queue_max: usize,
    /// Company databases open at once; the least recently used one is closed first.
    pub open_companies_max: usize,
    /// A TPM whose counter shows that the data folder was put back to an older state (D3).
    pub tpm_device: Option<PathBuf>,
}

impl Store {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            readers: section.integer("readers", 2, 1..=16, "Reading connections per open database."),
            page_cache_kib: section.integer("page_cache_kib", 4_096, 256..=1_048_576, "Page cache of each connection."),
            queue_max: section.integer(
                "queue_max",
                1_024,
                1..=65_536,
                "Changes that may wait for a database's writer.",
            ),
            open_companies_max: section.integer("open_companies_max", 64, 1..=4_096, "Company databases open at once."),
            tpm_device: section.optional(
                "tpm_device",
                "a file name, as /dev/tpmrm0, or \"\" for none",
                |text| Some(PathBuf::from(text)),
                "TPM 2.0 whose counter shows that the data folder was put back to an older state (docs/vault.md).",
            ),
        }
    }
}
