//! Where an export goes: a folder that is there whole or not at all.

use super::super::bytes_below;
use crate::error::CommandError;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Tells an export that was cut off from anything else of that name.
const MARK: &str = ".rainbow-edge-export";
const MARK_TEXT: &[u8] =
    b"An export of rainbow-edge that was cut off. The same command begins it anew; it may be removed.\n";

/// The folder, and beside it what is being written.
pub(super) struct Place {
    target: PathBuf,
    part: PathBuf,
}

impl Place {
    /// Looks whether an export may go there; changes nothing.
    pub(super) fn examine(to: &Path, data: &Path) -> Result<Self, CommandError> {
        let refused = |why: &str| CommandError::Usage(format!("--to {}: {why}; nothing was written", to.display()));
        let absolute = std::path::absolute(to).map_err(CommandError::file("look at", to))?;
        let (Some(above), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return Err(refused("expected a folder that is to be made"));
        };
        let above = above.canonicalize().map_err(CommandError::file("open the folder", above))?;
        let target = above.join(name);
        let data = data.canonicalize().map_err(CommandError::file("open the folder", data))?;
        if target.starts_with(&data) {
            return Err(refused("it lies in the data folder, which is sealed; choose another disk"));
        }
        match target.symlink_metadata() {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(CommandError::file("look at", &target)(e)),
            Ok(found) if found.is_dir() && is_empty(&target)? => {}
            Ok(found) if found.is_dir() => {
                return Err(refused("it is not empty; choose a folder that is not there yet"));
            }
            Ok(_) => return Err(refused("it is no folder; choose one that is not there yet")),
        }
        let mut part = name.to_owned();
        part.push(".part");
        let place = Self { part: above.join(part), target };
        if place.part.symlink_metadata().is_ok() && !place.is_cut_off() {
            let part = place.part.display();
            return Err(refused(&format!("{part} is in the way, and it is no export that was cut off: move it away")));
        }
        Ok(place)
    }

    /// The folder that is to be.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// The folder that is written.
    pub(super) fn part(&self) -> &Path {
        &self.part
    }

    fn is_cut_off(&self) -> bool {
        let is_folder = self.part.symlink_metadata().is_ok_and(|found| found.is_dir());
        is_folder && (self.part.join(MARK).symlink_metadata().is_ok() || is_empty(&self.part).unwrap_or(false))
    }

    /// An error where the disk has less room.
    pub(super) fn has_room_for(&self, needed: u64) -> Result<(), CommandError> {
        let above = self.target.parent().unwrap_or(&self.target);
        // What an earlier try left goes first.
        let left = if self.is_cut_off() { bytes_below(&self.part) } else { 0 };
        let free = store::free_bytes(above)?.saturating_add(left);
        if free >= needed {
            return Ok(());
        }
        let told = super::in_bytes;
        Err(CommandError::Refused {
            message: format!("{} has {} free, and about {} are needed", above.display(), told(free), told(needed)),
            what_to_do: String::from("Choose another disk with --to, or make room; nothing was written"),
        })
    }

    /// Makes the folder that is written, after what an earlier try left there is gone.
    pub(super) fn begin(&self) -> Result<(), CommandError> {
        if self.is_cut_off() {
            remove(&self.part)?;
        }
        make(&self.part)?;
        let mut options = OpenOptions::new();
        let mark = self.part.join(MARK);
        let made = options.write(true).create_new(true).mode(0o600).open(&mark);
        let made = made.and_then(|mut file| std::io::Write::write_all(&mut file, MARK_TEXT));
        made.map_err(CommandError::file("write", &mark))
    }

    /// It is whole: from now on it is there.
    pub(super) fn finish(&self) -> Result<(), CommandError> {
        let mark = self.part.join(MARK);
        sync_disk(&self.part)?;
        std::fs::rename(&self.part, &self.target).map_err(CommandError::file("rename", &self.part))?;
        let mark = self.target.join(mark.file_name().unwrap_or_default());
        std::fs::remove_file(&mark).map_err(CommandError::file("remove", &mark))?;
        let above = self.target.parent().unwrap_or(&self.target);
        for folder in [self.target.as_path(), above] {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(CommandError::file("write", folder))?;
        }
        Ok(())
    }

    /// It failed: takes away what was written, and says so beside why.
    pub(super) fn abandon(&self, failure: CommandError) -> CommandError {
        let left = match remove(&self.part) {
            Ok(()) => String::from("What was written until then was removed again; nothing is left of it"),
            Err(left) => format!("What was written until then is left in clear: {left}"),
        };
        CommandError::Refused { message: format!("the export was not finished: {failure}"), what_to_do: left }
    }
}

/// Makes a folder, readable by its owner alone.
pub(super) fn make(folder: &Path) -> Result<(), CommandError> {
    DirBuilder::new().mode(0o700).create(folder).map_err(CommandError::file("make the folder", folder))
}

fn is_empty(folder: &Path) -> Result<bool, CommandError> {
    let mut entries = std::fs::read_dir(folder).map_err(CommandError::file("read the folder", folder))?;
    Ok(entries.next().is_none())
}

fn remove(folder: &Path) -> Result<(), CommandError> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(CommandError::file("remove", folder)(e)),
        _ => Ok(()),
    }
}

/// All that was written on the disk of a folder lies there.
fn sync_disk(folder: &Path) -> Result<(), CommandError> {
    let opened = File::open(folder).map_err(CommandError::file("open", folder))?;
    nix::unistd::syncfs(&opened).map_err(|e| CommandError::file("write", folder)(e.into()))
}
