//! Our own programs, as the image takes them.

use std::path::Path;

use super::{Build, Flavour, cross};
use crate::{Outcome, build, process};

/// Name, and the room it is built from.
const EXECUTABLES: &[(&str, &str)] = &[
    ("rainbow-edge", "appliance/main"),
    ("rainbow-edge-storage", "image/storage"),
    ("rainbow-edge-console", "image/console"),
];

/// Those whose room is in this checkout.
pub(super) fn present() -> impl Iterator<Item = &'static str> {
    let here = |room: &str| process::root().join(room).join("Cargo.toml").exists();
    EXECUTABLES.iter().filter(move |(_, room)| here(room)).map(|(name, _)| *name)
}

/// Builds all of them in one go.
///
/// # Errors
/// As those of `cargo xtask build`.
pub(super) fn build() -> Outcome {
    build::executables(&present().collect::<Vec<_>>())
}

/// Puts them into the tree without what only debuggers read.
///
/// # Errors
/// `Failed` when one is not built.
pub(super) fn install(build: &Build, tree: &Path) -> Outcome {
    let bin = tree.join("usr/bin");
    super::folder(&bin)?;
    let foreign = build.flavour == Flavour::Arm64;
    let programs = if foreign { build.out.join(cross::PROGRAMS) } else { process::target_dir().join("release") };
    for name in present() {
        let from = programs.join(name);
        let to = bin.join(name);
        std::fs::copy(&from, &to).map_err(|error| super::failed("copy", &from, &error))?;
        if foreign {
            continue;
        }
        let inside = build.inside(&format!("tree/usr/bin/{name}"));
        build.run("stripping an executable", "strip", build.tool("strip").args(["--strip-all", &inside]))?;
    }
    Ok(())
}
