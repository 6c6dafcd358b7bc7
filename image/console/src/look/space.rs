use crate::facts::Space;
use nix::sys::statvfs::statvfs;
use std::fs;
use std::os::unix::fs::MetadataExt;

const DATA: &str = "/data";

/// Room on the data partition; absent while it is not mounted.
pub(super) fn look() -> Option<Space> {
    let is_mounted = fs::metadata(DATA).ok()?.dev() != fs::metadata("/").ok()?.dev();
    let about = is_mounted.then(|| statvfs(DATA).ok()).flatten()?;
    let total = about.blocks().max(1);
    Some(Space { free_percent: about.blocks_available().saturating_mul(100) / total })
}
