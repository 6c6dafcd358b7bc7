//! The parts of a disk: root, its tree of hashes, and the kernel that trusts no other root.

use super::{Build, failed, sources::Mirrors};
use crate::{Failure, Outcome, process};

/// Fixed, so that two builds are alike. Partitions are found by the root hash, never by these.
const ROOT_UUID: &str = "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c01";
const VERITY_UUID: &str = "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c02";
const SEED: &str = "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c00";

/// mkosi: packages and our tree into a folder; kernel and initrd beside it.
///
/// # Errors
/// `Failed` with the end of mkosi's log.
pub(super) fn tree(build: &Build, mirrors: &Mirrors) -> Outcome {
    let sandbox = build.file("sandbox");
    super::remove(&build.file("mkosi"))?;
    // This very name replaces mkosi's own list, which holds archives that not every mirror has.
    let sources = mirrors.deb822(build.flavour.parts());
    super::write(&sandbox.join("etc/apt/sources.list.d/mkosi.sources"), &sources)?;
    for name in ["mkosi", "work", "../cache"] {
        super::folder(&build.file(name))?;
    }
    let mut mkosi = build.tool("mkosi");
    mkosi.args(["--directory", "/repository/image/build", "--force"]);
    mkosi.arg(format!("--profile={}", build.flavour.name()));
    mkosi.arg(format!("--architecture={}", build.flavour.processor().mkosi));
    mkosi.arg(format!("--image-version={}", build.version));
    mkosi.arg(format!("--sandbox-tree={}:/", build.inside("sandbox")));
    mkosi.arg(format!("--extra-tree={}:/", build.inside("tree")));
    mkosi.arg(format!("--output-directory={}", build.inside("mkosi")));
    mkosi.arg(format!("--workspace-directory={}", build.inside("work")));
    mkosi.arg("--package-cache-dir=/out/cache");
    mkosi.arg(format!("--source-date-epoch={}", build.epoch)).arg(format!("--seed={SEED}")).arg("build");
    build.run("installing Debian's packages into the image", "mkosi", &mut mkosi)
}

/// The root, compressed, and its tree of hashes; `roothash` holds the hash that says what every block of it is.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn root(build: &Build) -> Outcome {
    keep_microcode(build)?;
    // The kernel is in the signed image, the packages' books and licences have been read.
    for name in ["var/lib/dpkg", "var/lib/apt", "usr/share/doc", "boot"] {
        super::remove(&build.file("mkosi/image").join(name))?;
    }
    super::remove(&modules(build)?.join("vmlinuz"))?;
    // Empty: systemd mounts the boot partition there when it is looked at.
    super::folder(&build.file("mkosi/image/boot"))?;
    super::remove(&build.file("root.raw"))?;
    let mut erofs = build.tool("mkfs.erofs");
    // Clusters of 64 KiB, smaller than those of a page and read as quickly; higher levels take minutes for a MiB or three.
    erofs.args(["--quiet", "-zzstd,level=3", "-C65536", "-U", ROOT_UUID, "-T", &build.epoch]);
    erofs.args([build.inside("root.raw"), build.inside("mkosi/image")]);
    build.run("compressing the root", "erofs", &mut erofs)?;
    let salt = digest(build, "root.raw")?;
    super::remove(&build.file("verity.raw"))?;
    let mut verity = build.tool("veritysetup");
    verity.args(["format", "--hash=sha256", "--data-block-size=4096", "--hash-block-size=4096", "--uuid", VERITY_UUID]);
    verity.arg(format!("--salt={salt}")).arg(format!("--root-hash-file={}", build.inside("roothash")));
    verity.args([build.inside("root.raw"), build.inside("verity.raw")]);
    build.run("hashing the root", "verity", &mut verity)
}

/// What mkosi has packed of processors' corrections, where the flavour has any: the kernel takes it before all else.
fn keep_microcode(build: &Build) -> Outcome {
    let to = build.file("microcode.initrd");
    super::remove(&to)?;
    let from = build.file("mkosi/image/boot/rainbow-edge/microcode.initrd");
    if !from.exists() {
        return Ok(());
    }
    std::fs::copy(&from, &to).map(|_| ()).map_err(|error| failed("copy", &from, &error))
}

/// The unified kernel image, signed for Secure Boot, with the signed policy that lets a TPM tell it from others.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn kernel(build: &Build) -> Outcome {
    let mut ukify = unified(build, "")?;
    ukify.args(["--pcr-private-key=/out/keys/pcr.key", "--pcr-banks=sha256"]);
    finished(build, ukify, "ukify", "rainbow-edge.efi")
}

/// One for another purpose: it starts the same root, and no TPM gives it a key.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn kernel_without_keys(build: &Build, more: &str, to: &str) -> Outcome {
    finished(build, unified(build, more)?, "ukify-other", to)
}

/// Runs ukify, puts the commit's time in the place of the clock's, and signs.
fn finished(build: &Build, mut ukify: std::process::Command, log: &str, to: &str) -> Outcome {
    const UNSIGNED: &str = "unsigned.efi";
    ukify.arg(format!("--output={}", build.inside(UNSIGNED)));
    build.run("making the unified kernel image", log, &mut ukify)?;
    let path = build.file(UNSIGNED);
    let mut program = std::fs::read(&path).map_err(|error| failed("read", &path, &error))?;
    stamp(&mut program, build.epoch.parse().unwrap_or_default())
        .ok_or_else(|| Failure::Failed(format!("{} is no program of EFI", path.display())))?;
    std::fs::write(&path, program).map_err(|error| failed("write", &path, &error))?;
    sign(build, UNSIGNED, to)
}

/// Sets the time of a PE file, whose header's place stands at 0x3c, to the seconds `epoch`.
fn stamp(program: &mut [u8], epoch: u32) -> Option<()> {
    let place = program.get(0x3c..0x40)?.try_into().ok().map(u32::from_le_bytes)?;
    let header = program.get_mut(usize::try_from(place).ok()?..)?;
    let time = header.starts_with(b"PE\0\0").then_some(header)?.get_mut(8..12)?;
    time.copy_from_slice(&epoch.to_le_bytes());
    Some(())
}

fn unified(build: &Build, more: &str) -> Result<std::process::Command, Failure> {
    let modules = modules(build)?;
    let release = modules.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The last console is the one whose end the kernel's own words are read at.
    let serial = build.flavour.processor().serial;
    let line = format!("roothash={} {} console={serial} {more}", root_hash(build)?, command_line()?);
    let mut ukify = build.tool("/usr/lib/systemd/ukify");
    ukify.args(["build", &format!("--linux={}", build.inside("mkosi/image.vmlinuz"))]);
    ukify.arg(format!("--initrd={}", build.inside("mkosi/image.initrd")));
    if build.file("microcode.initrd").exists() {
        ukify.arg(format!("--microcode={}", build.inside("microcode.initrd")));
    }
    ukify.arg(format!("--uname={release}")).arg(format!("--cmdline={}", line.trim_end()));
    ukify.arg(format!("--os-release=@{}", build.inside("mkosi/image/usr/lib/os-release")));
    let efi = build.flavour.processor().efi;
    let stub = format!("mkosi/image/usr/lib/systemd/boot/efi/linux{efi}.efi.stub");
    ukify.arg(format!("--efi-arch={efi}")).arg(format!("--stub={}", build.inside(&stub)));
    // The kernel inside needs no signature of its own: the whole is signed, once its time is that of the commit.
    ukify.arg("--no-sign-kernel");
    Ok(ukify)
}

/// The hash of the root's tree of hashes.
///
/// # Errors
/// `Failed` when the root is not made.
pub(super) fn root_hash(build: &Build) -> Result<String, Failure> {
    let path = build.file("roothash");
    let text = std::fs::read_to_string(&path).map_err(|error| failed("read", &path, &error))?;
    Ok(text.trim().to_owned())
}

/// SHA-256 of a file of the build.
///
/// # Errors
/// `Failed` when it cannot be read.
pub(super) fn digest(build: &Build, name: &str) -> Result<String, Failure> {
    let said = process::output(build.tool("sha256sum").arg(build.inside(name)))?;
    Ok(said.split_whitespace().next().unwrap_or_default().to_owned())
}

/// Signs an EFI program of the image. The signature holds the time of signing, whatever `SOURCE_DATE_EPOCH` says.
///
/// # Errors
/// `Failed` when the tool fails.
pub(super) fn sign(build: &Build, from: &str, to: &str) -> Outcome {
    let mut sign = build.tool("/usr/lib/systemd/systemd-sbsign");
    sign.args(["sign", "--private-key=/out/keys/db.key", "--certificate=/out/keys/db.crt"]);
    sign.arg(format!("--output={}", build.inside(to))).arg(build.inside(from));
    build.run("signing for Secure Boot", "sign", &mut sign)
}

/// What the kernel is told, in one line.
fn command_line() -> Result<String, Failure> {
    let path = process::root().join("image/build/cmdline");
    let text = std::fs::read_to_string(&path).map_err(|error| failed("read", &path, &error))?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The folder of the one kernel's modules.
fn modules(build: &Build) -> Result<std::path::PathBuf, Failure> {
    let folder = build.file("mkosi/image/usr/lib/modules");
    let mut found = std::fs::read_dir(&folder).map_err(|error| failed("read", &folder, &error))?.flatten();
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.path()),
        _ => Err(Failure::Failed(format!("{} must hold one kernel's modules", folder.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn the_time_of_an_efi_program_is_that_of_the_commit_i1() {
        let mut program = vec![0; 0x80];
        program[0x3c] = 0x40;
        program[0x40..0x44].copy_from_slice(b"PE\0\0");
        stamp(&mut program, 0x0102_0304).expect("a program");
        assert_eq!(program[0x48..0x4c], [4, 3, 2, 1]);
        assert!(stamp(&mut [0; 0x80], 1).is_none() && stamp(&mut [0; 8], 1).is_none());
    }
}
