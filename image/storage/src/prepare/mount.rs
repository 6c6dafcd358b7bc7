//! Checks the filesystem and mounts it at `/data`, and its folder `var` over `/var`.

use crate::error::StorageError;
use crate::place::Place;
use crate::telling::problem;
use crate::tool::Tools;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use storage_contract::Problem;

/// Bits of e2fsck's exit code.
const ERRORS_LEFT: i32 = 4;
const NOT_CHECKED: i32 = !7;

/// Nothing on the data partition is ever a program or a device.
const OPTIONS: &str = "nodev,nosuid,noexec";

pub(super) fn is_mounted(tools: &Tools, path: &Path) -> Result<bool, StorageError> {
    Ok(tools.run("mountpoint").arg("-q").arg(path).end()?.is_success())
}

/// Replays the journal and repairs what is safe to; then, because nobody can sign in to do it by hand, what is left.
pub(super) fn check(tools: &Tools, volume: &Path, notes: &mut Vec<Problem>) -> Result<(), StorageError> {
    let checked = tools.run("e2fsck").arg("-p").arg(volume).end()?;
    let code = checked.code.unwrap_or(NOT_CHECKED);
    if code & NOT_CHECKED != 0 {
        return Err(StorageError::Mount(said(&checked)));
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

pub(super) fn mount(tools: &Tools, place: &Place) -> Result<(), StorageError> {
    let (data, var) = (place.data(), place.var());
    if !is_mounted(tools, &data)? {
        let mounted = tools.run("mount").args(["-t", "ext4", "-o", OPTIONS]).arg(place.mapper()).arg(&data).end()?;
        if !mounted.is_success() {
            return Err(StorageError::Mount(mounted.last_words()));
        }
    }
    // A partition that has grown; one that is full or busy grows at the next start.
    let grown = tools.run("systemd-growfs").arg(&data).end()?;
    if !grown.is_success() {
        eprintln!("the filesystem was not grown: {}", grown.last_words());
    }
    let inside = data.join("var");
    // Whatever the unit's umask: everybody's services have their folders in there.
    let made = fs::create_dir_all(&inside).and_then(|()| fs::set_permissions(&inside, Permissions::from_mode(0o755)));
    made.map_err(StorageError::file("make", &inside))?;
    let bound = tools.run("mount").arg("--bind").arg(&inside).arg(&var).end()?;
    if bound.is_success() { Ok(()) } else { Err(StorageError::Mount(bound.last_words())) }
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
