//! The stick that installs a PC: the same root, a kernel that starts the installer, and what becomes the disk's boot partition.

use super::{Build, disk, failed, recipe};
use crate::{Outcome, process};

const STICK: disk::Disk =
    disk::Disk { file: "installer.raw", size: "auto", seed: "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c04" };

/// Owner of our entries in the firmware's lists of keys.
const OWNER: &str = "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c05";

/// What firmware keeps, and what each may change. One development key has all three roles.
const VARIABLES: &[&str] = &["PK", "KEK", "db"];

/// What the installer's kernel is told beyond the usual.
const WORDS: &[&str] = &[
    // The last console is the one that the kernel's own words go to: whoever installs sits before a screen, and reads there
    // what the installer says.
    "console=tty0",
    "systemd.show_status=no",
    "systemd.unit=rainbow-edge-install.target",
    // A stick holds no data, nothing is written to it, and its screen is the installer's.
    "systemd.gpt_auto=no",
    "systemd.mask=rainbow-edge-storage.service",
    "systemd.mask=rainbow-edge-console@tty1.service",
    "systemd.mask=rainbow-edge-console@ttyS0.service",
    "systemd.mask=data.mount",
    "systemd.mask=var.mount",
    "systemd.mask=systemd-timesyncd.service",
    "systemd.mask=systemd-tpm2-setup.service",
];

/// Makes `installer.raw`, after the disk.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn make(build: &Build) -> Outcome {
    let esp = build.file("installer");
    super::remove(&esp)?;
    super::folder(&esp.join("EFI/BOOT"))?;
    super::folder(&esp.join("EFI/Linux"))?;
    copy(build, "esp", "installer/install")?;
    copy(build, "esp/EFI/BOOT/BOOTX64.EFI", "installer/EFI/BOOT/BOOTX64.EFI")?;
    recipe::kernel_without_keys(build, &WORDS.join(" "), "installer/EFI/Linux/rainbow-edge-install.efi")?;
    keys(build)?;
    // `force` enrols only where the firmware is in setup mode, which a person has put it into; and it counts down first.
    let loader = "timeout 3\neditor no\nconsole-mode keep\nsecure-boot-enroll force\n";
    super::write(&esp.join("loader/loader.conf"), loader)?;
    let mut partitions = vec![disk::esp(build, "installer", "installer")];
    partitions.extend(disk::system(build)?);
    disk::write(build, &STICK, &partitions)
}

/// `loader/keys/auto`: where systemd-boot looks for what it may enrol.
fn keys(build: &Build) -> Outcome {
    let folder = build.file("installer/loader/keys/auto");
    super::folder(&folder)?;
    let list = build.inside("keys.esl");
    let mut convert = build.tool("cert-to-efi-sig-list");
    convert.args(["-g", OWNER, "/out/keys/db.crt", &list]);
    build.run("listing the Secure Boot key", "keys", &mut convert)?;
    for name in VARIABLES {
        let mut sign = build.tool("sign-efi-sig-list");
        // A fixed time: firmware takes a variable that is not older than what it has, and has none in setup mode.
        sign.args(["-t", "2026-01-01 00:00:00", "-g", OWNER, "-k", "/out/keys/db.key", "-c", "/out/keys/db.crt"]);
        sign.args([*name, &list, &build.inside(&format!("installer/loader/keys/auto/{name}.auth"))]);
        build.run("signing the firmware's list of keys", "keys", &mut sign)?;
    }
    Ok(())
}

fn copy(build: &Build, from: &str, to: &str) -> Outcome {
    let (from, to) = (build.file(from), build.file(to));
    let mut cp = std::process::Command::new("cp");
    process::output(cp.arg("-r").arg(&from).arg(&to))
        .map(|_| ())
        .map_err(|_| failed("copy", &from, &std::io::Error::other(format!("to {}", to.display()))))
}
