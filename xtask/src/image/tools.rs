//! The tools that make and run images: a Debian of their own, below `target`, so that the machine's packages stay as they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::cross;
use super::sources::{Mirrors, SUITE};
use crate::{Failure, Outcome, packages, process};

/// What is in it. QEMU, firmware and TPM are for the tests of the image.
const PACKAGES: &[&str] = &[
    "binutils",
    "bubblewrap",
    "ca-certificates",
    "cpio",
    "cryptsetup-bin",
    "debian-archive-keyring",
    "dosfstools",
    "e2fsprogs",
    "efitools",
    "erofs-utils",
    "fdisk",
    "jq",
    "kmod",
    "libtss2-tcti-device0t64",
    "mkosi",
    "mtools",
    "openssl",
    "ovmf",
    "python3-cryptography",
    "python3-pefile",
    "python3-virt-firmware",
    "qemu-system-x86",
    "qemu-utils",
    "sbsigntool",
    "socat",
    "swtpm",
    "swtpm-tools",
    "systemd",
    "systemd-boot-efi",
    "systemd-boot-tools",
    "systemd-container",
    "systemd-repart",
    "systemd-ukify",
    "tar",
    "tpm2-tools",
    "uidmap",
    "xz-utils",
    "zstd",
];

/// mkosi's sandbox wants `/` to be a mount, so the root is changed by pivot_root, not by chroot. What is mounted lasts as long as
/// the command: the mount namespace is its own.
const ENTER: &str = r#"
set -e
tools=$1; repository=$2; out=$3; shift 3
mount --bind "$tools" "$tools"
cd "$tools"
mkdir -p proc sys dev run tmp repository out oldroot
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount --bind "$repository" repository
mount --bind "$out" out
if [ -e /etc/resolv.conf ]; then cp --dereference --remove-destination /etc/resolv.conf etc/resolv.conf; fi
pivot_root . oldroot
umount --lazy /oldroot
cd /out
exec "$@"
"#;

/// The tools' root folder. Inside, the repository is at `/repository` and `target/image` at `/out`.
#[derive(Debug)]
pub(super) struct Tools {
    folder: PathBuf,
    out: PathBuf,
}

impl Tools {
    /// Makes the root where it is missing or its list of packages has changed.
    ///
    /// # Errors
    /// `NeedsPerson` without root's rights, `Failed` when packages cannot be fetched.
    pub(super) fn ready(out: &Path, mirrors: &Mirrors) -> Result<Self, Failure> {
        Self::made(out, "tools", PACKAGES, &mirrors.lines(), &[])
    }

    /// The same with a compiler for another processor. It is newer than the suite's own, which is too old for us.
    ///
    /// # Errors
    /// As `ready`.
    pub(super) fn cross(out: &Path, mirrors: &Mirrors) -> Result<Self, Failure> {
        let newer = format!("--aptopt=APT::Default-Release \"{SUITE}-backports\"");
        let lines: Vec<String> = mirrors.lines().into_iter().chain([mirrors.backports()]).collect();
        Self::made(out, "cross", cross::PACKAGES, &lines, &["--architectures=amd64,arm64", &newer])
    }

    fn made(out: &Path, name: &str, list: &[&str], lines: &[String], more: &[&str]) -> Result<Self, Failure> {
        needs_root()?;
        packages::install(packages::IMAGE)?;
        let tools = Self { folder: out.join(name), out: out.to_path_buf() };
        let stamp = tools.folder.join("etc/rainbow-edge-tools");
        let wanted = list.join("\n");
        if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(tools);
        }
        tools.make(list, lines, more)?;
        super::write(&stamp, &wanted)?;
        Ok(tools)
    }

    fn make(&self, list: &[&str], lines: &[String], more: &[&str]) -> Outcome {
        if self.folder.exists() {
            super::remove(&self.folder)?;
        }
        let mut command = Command::new("mmdebstrap");
        command.args(["--variant=apt", "--mode=root", "--quiet"]).args(more);
        command.args(["--aptopt=Acquire::Languages \"none\"", "--aptopt=APT::Install-Recommends \"false\""]);
        // A clock behind the archive's, or an archive that is not the newest, must not stop a build: signatures still count.
        command.args(["--aptopt=Acquire::Check-Valid-Until \"false\"", "--aptopt=Acquire::Check-Date \"false\""]);
        command.arg(format!("--include={}", list.join(","))).arg(SUITE).arg(&self.folder).args(lines);
        process::run(&mut command).map_err(|failure| match failure {
            Failure::Failed(text) => Failure::Failed(format!(
                "the tools that build images cannot be installed into {}: {text}\n\
                 They come from the archive that apt on this machine names; does `apt-get update` work here?",
                self.folder.display()
            )),
            other @ Failure::NeedsPerson(_) => other,
        })
    }

    /// A program of the tools, started in `/out`.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", ENTER, program]);
        command.arg(&self.folder).arg(process::root()).arg(&self.out).arg(program);
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8").env_remove("TMPDIR");
        command
    }

    /// Runs a program to its end. What it says is shown when it fails, and is kept in `log` in any case.
    ///
    /// # Errors
    /// `Failed` with `step`, the last lines and the log's path.
    pub(super) fn run(&self, step: &str, log: &str, command: &mut Command) -> Outcome {
        let path = self.out.join(log);
        let cannot = |error: std::io::Error| Failure::Failed(format!("{step}: {}: {error}", path.display()));
        let file = std::fs::File::create(&path).map_err(cannot)?;
        let errors = file.try_clone().map_err(cannot)?;
        let status = command.stdin(std::process::Stdio::null()).stdout(file).stderr(errors).status().map_err(cannot)?;
        if status.success() {
            return Ok(());
        }
        let said = std::fs::read(&path).map_err(cannot)?;
        let last = last_lines(&String::from_utf8_lossy(&said), 25);
        Err(Failure::Failed(format!("{step}: ended with {status}. The last lines of {}:\n{last}", path.display())))
    }
}

/// Progress bars overwrite their line again and again: of such a line only the last state is kept.
fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> =
        text.lines().map(|line| line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or_default()).collect();
    let from = lines.len().saturating_sub(count);
    lines[from..].join("\n")
}

/// Packages are unpacked with their owners, and a root folder is changed: both need root.
fn needs_root() -> Outcome {
    if process::is_root() {
        return Ok(());
    }
    Err(Failure::NeedsPerson(
        "images are made of unpacked packages, which takes root's rights; nothing outside of target is changed:\n\n    \
         sudo --preserve-env=PATH,HOME cargo xtask image\n"
            .to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::last_lines;

    #[test]
    fn of_a_progress_bar_only_the_end_is_told() {
        assert_eq!(last_lines("a\n10%\r20%\rdone\rx\nb\n", 2), "x\nb");
        assert_eq!(last_lines("a\r\n", 5), "a");
    }
}
