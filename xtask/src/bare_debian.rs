//! The `readme` suite in a Debian 12 that has a C compiler, a Rust toolchain and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Outcome, packages, process};

/// What the README asks of a machine; the certificates come with any way to install rustup.
const PACKAGES: &str = "gcc,libc6-dev,ca-certificates";

/// Makes the root, clones the repository into it, and runs `cargo xtask test readme` inside.
///
/// # Errors
/// `NeedsPerson` when not root, `Failed` when a step fails.
pub(crate) fn suite() -> Outcome {
    if !process::is_root() {
        return Err(Failure::NeedsPerson(
            "making a bare Debian needs root: sudo cargo xtask test readme --full".to_owned(),
        ));
    }
    packages::install(packages::BARE_DEBIAN)?;
    packages::install(packages::README)?;
    let folder = process::scratch("bare-debian")?;
    let outcome = in_folder(&folder.join("root"));
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

fn in_folder(root: &Path) -> Outcome {
    println!("making a bare Debian 12");
    let include = format!("--include={PACKAGES}");
    process::run(Command::new("mmdebstrap").args(["--quiet", "--variant=minbase", &include, "bookworm"]).arg(root))?;
    process::run(Command::new("git").args(["clone", "--quiet"]).arg(process::root()).arg(root.join("clone")))?;
    for file in ["/etc/resolv.conf", "/etc/hosts"] {
        let inside = root.join(file.trim_start_matches('/'));
        std::fs::copy(file, &inside)
            .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", inside.display())))?;
    }
    let script = script(root, &toolchain()?);
    // A mount namespace of its own: the mounts are gone when the shell is, so that removing the folder reaches nothing else.
    process::run(Command::new("unshare").args(["--mount", "--propagation", "private", "sh", "-ec", &script]))
}

struct Toolchain {
    /// `bin/cargo` and `bin/rustc` without rustup's choosing in between.
    toolchain: PathBuf,
    /// Where cargo keeps the sources of dependencies and its own settings.
    cargo_home: PathBuf,
}

fn toolchain() -> Result<Toolchain, Failure> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    Ok(Toolchain { toolchain: PathBuf::from(sysroot.trim()), cargo_home })
}

fn script(root: &Path, from: &Toolchain) -> String {
    let (root, toolchain, cargo_home) = (root.display(), from.toolchain.display(), from.cargo_home.display());
    format!(
        "mkdir -p {root}/toolchain {root}/cargo
         mount --bind {toolchain} {root}/toolchain
         mount --bind {cargo_home} {root}/cargo
         mount -t proc proc {root}/proc
         mount --bind /dev {root}/dev
         exec chroot {root} env -i HOME=/root CARGO_HOME=/cargo PATH=/toolchain/bin:/usr/sbin:/usr/bin:/sbin:/bin \
           sh -ec 'cd /clone && cargo xtask test readme'"
    )
}
