//! The files of the root that are ours: executables, and what `config` holds, at their places.

use std::path::Path;

use super::{Build, executables, failed};
use crate::{Failure, Outcome, process};

/// A folder of `config`, and where in the root it goes; its README has the same table for packages.
const PLACES: &[(&str, &str)] = &[
    ("systemd", "usr/lib/systemd/system"),
    ("systemd-preset", "usr/lib/systemd/system-preset"),
    ("journald.conf.d", "usr/lib/systemd/journald.conf.d"),
    ("resolved.conf.d", "usr/lib/systemd/resolved.conf.d"),
    ("system.conf.d", "usr/lib/systemd/system.conf.d"),
    ("timesyncd.conf.d", "usr/lib/systemd/timesyncd.conf.d"),
    ("networkd", "usr/lib/systemd/network"),
    ("sysusers.d", "usr/lib/sysusers.d"),
    ("tmpfiles.d", "usr/lib/tmpfiles.d"),
    ("sysctl.d", "usr/lib/sysctl.d"),
    ("repart.d", "usr/lib/rainbow-edge/repart.d"),
    ("nftables", "usr/lib/rainbow-edge/nftables"),
    ("clamav", "etc/clamav"),
    ("etc", "etc"),
];
/// What is for those who build and for administrators of other machines.
const NOT_INSTALLED: &[&str] = &["schema", "README.md", "edge.sample.toml"];

/// Makes the tree anew.
///
/// # Errors
/// `Failed` when a file cannot be copied.
pub(super) fn stage(build: &Build) -> Outcome {
    let tree = build.file("tree");
    super::remove(&tree)?;
    for (room, place) in PLACES {
        let from = process::root().join("config").join(room);
        if from.is_dir() {
            copy(&from, &tree.join(place))?;
        }
    }
    every_folder_has_a_place()?;
    executables::install(build, &tree)?;
    // A clock that stands before this moment is wrong: systemd sets it forward to this file's time.
    super::write(&tree.join("usr/lib/clock-epoch"), "")
}

/// A folder that somebody adds to `config` must not be forgotten here.
fn every_folder_has_a_place() -> Outcome {
    let config = process::root().join("config");
    let entries = std::fs::read_dir(&config).map_err(|error| failed("read", &config, &error))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let placed = |name: &String| PLACES.iter().any(|(room, _)| name == room) || NOT_INSTALLED.contains(&name.as_str());
    match names.into_iter().find(|name| !placed(name)) {
        None => Ok(()),
        Some(name) => Err(Failure::Failed(format!(
            "config/{name} has no place in the image: add it to PLACES or NOT_INSTALLED in xtask/src/image/tree.rs"
        ))),
    }
}

/// Symbolic links stay what they are: they mask units, and name files that are in the image only. A README is for readers here.
fn copy(from: &Path, to: &Path) -> Outcome {
    super::folder(to)?;
    let entries = std::fs::read_dir(from).map_err(|error| failed("read", from, &error))?;
    for entry in entries.flatten().filter(|entry| entry.file_name() != "README.md") {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(|error| failed("read", &path, &error))?;
        let copied = if kind.is_dir() {
            copy(&path, &place)?;
            Ok(())
        } else if kind.is_symlink() {
            std::fs::read_link(&path).and_then(|target| std::os::unix::fs::symlink(target, &place))
        } else {
            std::fs::copy(&path, &place).map(|_| ())
        };
        copied.map_err(|error| failed("copy", &path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{copy, every_folder_has_a_place};

    #[test]
    fn nothing_of_config_is_forgotten() {
        every_folder_has_a_place().expect("each folder has a place");
    }

    #[test]
    fn links_are_copied_as_links_and_folders_with_what_is_in_them() {
        let scratch = crate::process::scratch("tree").expect("a scratch folder");
        let (from, to) = (scratch.join("from"), scratch.join("to"));
        std::fs::create_dir_all(from.join("a.service.d")).expect("a folder");
        std::fs::write(from.join("a.service.d/10.conf"), "[Service]\n").expect("a file");
        std::fs::write(from.join("README.md"), "for readers\n").expect("a file");
        std::os::unix::fs::symlink("/dev/null", from.join("b.service")).expect("a link");
        copy(&from, &to).expect("everything can be copied");
        assert_eq!(std::fs::read_to_string(to.join("a.service.d/10.conf")).expect("it is there"), "[Service]\n");
        assert_eq!(std::fs::read_link(to.join("b.service")).expect("a link"), std::path::Path::new("/dev/null"));
        assert!(!to.join("README.md").exists());
        std::fs::remove_dir_all(scratch).expect("it can be removed");
    }
}
