//! Our programs for 64-bit ARM, built on this machine: rustup's compiler has no standard library for it in a fresh checkout,
//! Debian's has.

use super::tools::Tools;
use super::{Build, failed};
use crate::{Outcome, process, web};

/// What is in the root folder `cross`. `qemu-user` runs the few programs that packages of the image start; the machine and its
/// firmware are for the test of the image.
pub(super) const PACKAGES: &[&str] = &[
    "cargo",
    "g++-aarch64-linux-gnu",
    "gcc",
    "gcc-aarch64-linux-gnu",
    "libc6-dev",
    "libc6-dev-arm64-cross",
    "libstd-rust-dev:arm64",
    "mount",
    "qemu-efi-aarch64",
    "qemu-system-arm",
    "qemu-user",
    "rustc",
];

const TRIPLE: &str = "aarch64-unknown-linux-gnu";
/// What cargo and the build scripts of C libraries are told.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("CARGO_HOME", "/out/arm64/cargo"),
    ("CARGO_TARGET_DIR", "/out/arm64/target"),
    ("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc"),
    ("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc"),
    ("CXX_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-g++"),
    ("AR_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-ar"),
    // Nothing there could take away what only debuggers read.
    ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
];

/// Where the built programs are, below `target/image`.
pub(super) const PROGRAMS: &str = "arm64/target/aarch64-unknown-linux-gnu/release";

/// Builds them, of sources that this machine's cargo has fetched and checked.
///
/// # Errors
/// `Failed` when sources cannot be fetched or something does not build.
pub(super) fn build(cross: &Tools, build: &Build) -> Outcome {
    web::build()?;
    let sources = build.file("vendor");
    super::remove(&sources)?;
    let mut vendor = process::cargo();
    vendor.args(["vendor", "--locked", "--quiet", "--versioned-dirs"]).arg(&sources);
    process::output(vendor.current_dir(process::root()))?;
    // The compiler of this checkout means nothing there.
    let home = build.file("cargo");
    std::fs::create_dir_all(&home).map_err(|error| failed("make the folder", &home, &error))?;
    let mut cargo = cross.command("cargo");
    cargo.envs(ENVIRONMENT.iter().copied()).env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    cargo.args(["build", "--release", "--offline", "--locked", "--workspace", "--target", TRIPLE]);
    cargo.args(["--manifest-path", "/repository/Cargo.toml"]);
    cargo.args(["--config", "source.crates-io.replace-with=\"vendored\""]);
    cargo.args(["--config", "source.vendored.directory=\"/out/arm64/vendor\""]);
    for name in super::executables::present() {
        cargo.args(["--bin", name]);
    }
    cross.run("building our executables for arm64", "arm64/cargo.log", &mut cargo)
}
