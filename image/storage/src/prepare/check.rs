//! Checks the filesystem before systemd mounts it (`config/etc/systemd/system/data.mount`).

use crate::error::StorageError;
use crate::telling::problem;
use crate::tool::Tools;
use std::path::Path;
use storage_contract::Problem;

/// Bits of e2fsck's exit code.
const ERRORS_LEFT: i32 = 4;
const NOT_CHECKED: i32 = !7;

pub(super) fn is_mounted(tools: &Tools, path: &Path) -> Result<bool, StorageError> {
    Ok(tools.run("mountpoint").arg("-q").arg(path).end()?.is_success())
}

/// Replays the journal and repairs what is safe to; then, because nobody can sign in to do it by hand, what is left.
pub(super) fn check(tools: &Tools, volume: &Path, notes: &mut Vec<Problem>) -> Result<(), StorageError> {
    let checked = tools.run("e2fsck").arg("-p").arg(volume).end()?;
    let code = checked.code.unwrap_or(NOT_CHECKED);
    if code & NOT_CHECKED != 0 {
        return Err(StorageError::Foreign(said(&checked)));
    }
    if code & ERRORS_LEFT == 0 {
        return Ok(());
    }
    let repaired = tools.run("e2fsck").args(["-f", "-y"]).arg(volume).end()?;
    if repaired.code.unwrap_or(NOT_CHECKED) & (ERRORS_LEFT | NOT_CHECKED) != 0 {
        return Err(StorageError::Damaged(said(&repaired)));
    }
    notes.push(problem(
        "The filesystem of the data partition was damaged and has been repaired; files may be missing.",
        "Check the disk, and compare with the backup.",
    ));
    Ok(())
}

/// e2fsck says what is wrong on standard output.
fn said(ended: &crate::tool::Ended) -> String {
    let output = String::from_utf8_lossy(&ended.output);
    let last = output.lines().rev().map(str::trim).find(|line| !line.is_empty());
    last.map_or_else(
        || ended.last_words(),
        |line| line.chars().filter(|letter| !letter.is_control()).take(200).collect(),
    )
}
