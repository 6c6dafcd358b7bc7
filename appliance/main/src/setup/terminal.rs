use super::disk;
use crate::folder;
use app::setup::Surroundings;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use store::StoreError;
use vault::RecoveryKey;

/// The terminal before the box, and its data folder.
pub(super) struct Terminal {
    pub(super) data: PathBuf,
}

impl Surroundings for Terminal {
    fn show(&self, code: &str) {
        if shows_codes() {
            println!("The code was entered wrongly too often. From now on it is:");
            println!("  code         {code}");
        } else {
            println!("The code was entered wrongly too often; there is a new one.");
        }
    }

    fn give_disk(&self, key: &RecoveryKey) -> Result<(), String> {
        disk::give_machine(key)
    }

    fn finish(&self) -> Result<(), StoreError> {
        folder::finish(&self.data).map_err(|failed| StoreError::File {
            path: self.data.clone(),
            source: std::io::Error::other(failed.to_string()),
        })
    }
}

/// Whether what is printed is seen and gone. What goes to the journal is kept, so a code does not: `status` tells it.
#[must_use]
pub fn shows_codes() -> bool {
    let journal = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let output = std::fs::metadata("/proc/self/fd/1");
    !output.is_ok_and(|output| journal == format!("{}:{}", output.dev(), output.ino()))
}
