//! Disks for machines: the shipped image with a test's door in it, layers over it, and what an attacker would change.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::error::{Fault, Outcome, once};
use crate::partitions;
use crate::place::{Place, place};
use crate::tools;

/// What a small machine has: the data partition takes what the image leaves.
const SIZE: &str = "8G";
const ADDON_STUB: &str = "/usr/lib/systemd/boot/efi/addonx64.efi.stub";
/// A root shell on the second serial port. Only who holds the key that signs images can make it.
const DOOR: &str = "systemd.debug_shell=ttyS1";
const GARBAGE: [u8; 4096] = [0xff; 4096];
const GARBAGE_EVERY: u64 = 4 << 20;

/// The shipped image with the door, as a raw disk that no machine writes to.
pub(crate) fn base() -> Outcome<&'static Path> {
    static BASE: OnceLock<Outcome<PathBuf>> = OnceLock::new();
    let made = once(&BASE, || {
        let place = place()?;
        let base = place.state.join("base.raw");
        copy(&place.disk, &base)?;
        open_door(&base)?;
        Ok(base)
    });
    made.map(PathBuf::as_path)
}

/// A disk that begins as `below` and keeps its own changes.
pub(crate) fn layer(name: &str, below: &Path) -> Outcome<PathBuf> {
    let place = place()?;
    let disk = place.state.join(format!("{name}.qcow2"));
    let format = if below.extension().is_some_and(|ending| ending == "qcow2") { "qcow2" } else { "raw" };
    let words = ["create", "-q", "-f", "qcow2", "-F", format, "-b"].map(PathBuf::from);
    let words: Vec<PathBuf> = words.into_iter().chain([below.to_path_buf(), disk.clone(), SIZE.into()]).collect();
    tools::run(place, "qemu-img", &words)?;
    Ok(disk)
}

/// The stick, where machines can read it.
pub(crate) fn stick() -> Outcome<PathBuf> {
    copied(&place()?.pc_installer()?, "stick.raw")
}

/// A disk as it was built, where machines can read it.
pub(crate) fn copied(built: &Path, name: &str) -> Outcome<PathBuf> {
    let own = place()?.state.join(name);
    copy(built, &own)?;
    Ok(own)
}

/// A disk with nothing on it, as large as a small machine's.
pub(crate) fn empty(name: &str) -> Outcome<PathBuf> {
    let place = place()?;
    let disk = place.state.join(format!("{name}.raw"));
    tools::run(
        place,
        "qemu-img",
        &["create".as_ref(), "-q".as_ref(), "-f".as_ref(), "raw".as_ref(), disk.as_path(), SIZE.as_ref()],
    )?;
    Ok(disk)
}

/// Puts the door into a disk that was installed.
pub(crate) fn open_door(disk: &Path) -> Outcome<()> {
    let place = place()?;
    put_into_esp(place, disk, &door(place)?, "/loader/addons/test.addon.efi")
}

/// A copy whose verified root has been written to.
pub(crate) fn with_changed_root() -> Outcome<PathBuf> {
    let place = place()?;
    let disk = place.state.join("changed-root.raw");
    copy(base()?, &disk)?;
    let is_root = |label: &str| label.starts_with("rainbow-edge_") && !label.ends_with("_verity");
    let root = partitions::labelled(&disk, is_root)?;
    let file = OpenOptions::new().write(true).open(&disk).map_err(Fault::file("open", &disk))?;
    // The first block stays: it is the file system's own header, without which nothing would even look further.
    for at in (root.start + GARBAGE_EVERY / 2..root.start + root.length).step_by(4 << 20) {
        file.write_all_at(&GARBAGE, at).map_err(Fault::file("write", &disk))?;
    }
    Ok(disk)
}

/// A copy whose unified kernel image has lost its signature.
pub(crate) fn with_unsigned_kernel() -> Outcome<PathBuf> {
    let place = place()?;
    let disk = place.state.join("unsigned-kernel.raw");
    copy(base()?, &disk)?;
    let names = tools::run(place, "mdir", &["-b", "-i", &esp(&disk)?, "::/EFI/Linux"])?;
    let name = names.lines().map(str::trim).find(|line| line.ends_with(".efi"));
    let name = name.ok_or_else(|| Fault::Wrong(format!("no kernel in /EFI/Linux of the image: {names}")))?;
    let kernel = place.state.join("unsigned.efi");
    tools::run(place, "mcopy", &["-o", "-i", &esp(&disk)?, name, &kernel.to_string_lossy()])?;
    tools::run(place, "sbattach", &["--remove", &kernel.to_string_lossy()])?;
    tools::run(place, "mcopy", &["-o", "-i", &esp(&disk)?, &kernel.to_string_lossy(), name])?;
    Ok(disk)
}

/// A read-only file system with the files of `folder`, for a second disk.
pub(crate) fn of_folder(name: &str, folder: &Path) -> Outcome<PathBuf> {
    let place = place()?;
    let disk = place.state.join(format!("{name}.erofs"));
    tools::run(place, "mkfs.erofs", &["--quiet".as_ref(), disk.as_path(), folder])?;
    Ok(disk)
}

fn door(place: &Place) -> Outcome<PathBuf> {
    let addon = place.state.join("test.addon.efi");
    let (key, certificate) = (place.keys.join("db.key"), place.keys.join("db.crt"));
    let words = [
        "build".to_owned(),
        format!("--cmdline={DOOR}"),
        format!("--stub={ADDON_STUB}"),
        format!("--secureboot-private-key={}", key.display()),
        format!("--secureboot-certificate={}", certificate.display()),
        format!("--output={}", addon.display()),
    ];
    tools::run(place, "ukify", &words)?;
    Ok(addon)
}

fn put_into_esp(place: &Place, disk: &Path, file: &Path, target: &str) -> Outcome<()> {
    let esp = esp(disk)?;
    let mut folder = String::from("::");
    for part in target.split('/').filter(|part| !part.is_empty() && !part.ends_with(".efi")) {
        folder = format!("{folder}/{part}");
        if tools::run(place, "mdir", &["-b", "-i", &esp, &folder]).is_err() {
            tools::run(place, "mmd", &["-i", &esp, &folder])?;
        }
    }
    tools::run(place, "mcopy", &["-o", "-i", &esp, &file.to_string_lossy(), &format!("::{target}")])?;
    Ok(())
}

/// As mtools name a file system inside of a disk.
fn esp(disk: &Path) -> Outcome<String> {
    let esp = partitions::labelled(disk, |label| label.eq_ignore_ascii_case("esp"))?;
    Ok(format!("{}@@{}", disk.display(), esp.start))
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    if to.exists() {
        fs::remove_file(to).map_err(Fault::file("remove", to))?;
    }
    let mut command = Command::new("cp");
    command.args(["--sparse=always", "--reflink=auto"]).args([from, to]);
    tools::output("copying a disk", &mut command)?;
    Ok(())
}
