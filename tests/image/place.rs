//! Where the image under test is, and where a run leaves what it makes.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::error::{Fault, Outcome, once};

const BUILD: &str = "`cargo xtask image vm` makes it";

pub(crate) struct Place {
    /// The image as it is shipped.
    pub(crate) disk: PathBuf,
    /// `db.key`, `db.crt`: what signed it.
    pub(crate) keys: PathBuf,
    /// A Debian with QEMU, firmware and TPM.
    pub(crate) tools: PathBuf,
    /// One with QEMU and firmware for 64-bit ARM; it is there when that image is.
    pub(crate) cross: PathBuf,
    /// Disks, variables and TPMs of this run.
    pub(crate) state: PathBuf,
    /// What the serial port of each scenario said.
    pub(crate) logs: PathBuf,
    /// Pictures of the screen, and what auditors say.
    pub(crate) reports: PathBuf,
    /// Sockets; their paths must be short.
    pub(crate) sockets: PathBuf,
}

/// The place of this run. `RAINBOW_IMAGE_DISK`, `_STICK`, `_ARM64`, `_KEYS` and `_TOOLS` lead elsewhere while an image is developed.
pub(crate) fn place() -> Outcome<&'static Place> {
    static PLACE: OnceLock<Outcome<Place>> = OnceLock::new();
    once(&PLACE, prepare)
}

fn prepare() -> Outcome<Place> {
    let out = root().join("target/image");
    let given = |name: &str, usual: &str| std::env::var_os(name).map_or_else(|| out.join(usual), PathBuf::from);
    let place = Place {
        disk: existing(given("RAINBOW_IMAGE_DISK", "vm/disk.raw"))?,
        keys: existing(given("RAINBOW_IMAGE_KEYS", "keys"))?,
        tools: existing(given("RAINBOW_IMAGE_TOOLS", "tools"))?,
        cross: out.join("cross"),
        state: out.join("tests"),
        logs: out.join("logs"),
        reports: out.join("reports"),
        sockets: std::env::temp_dir().join(format!("rainbow-edge-image-{}", std::process::id())),
    };
    if !keeps() {
        emptied(&place.state)?;
    }
    for folder in [&place.state, &place.logs, &place.reports, &place.sockets] {
        fs::create_dir_all(folder).map_err(Fault::file("make", folder))?;
    }
    Ok(place)
}

impl Place {
    /// The stick of the flavour for mini PCs.
    pub(crate) fn pc_installer(&self) -> Outcome<PathBuf> {
        let usual = || root().join("target/image/pc/installer.raw");
        existing(std::env::var_os("RAINBOW_IMAGE_STICK").map_or_else(usual, PathBuf::from))
    }

    /// The image for 64-bit ARM.
    pub(crate) fn arm64_disk(&self) -> Outcome<PathBuf> {
        let usual = || root().join("target/image/arm64/disk.raw");
        existing(std::env::var_os("RAINBOW_IMAGE_ARM64").map_or_else(usual, PathBuf::from))
    }
}

/// For whoever works on a later scenario: `RAINBOW_IMAGE_KEEP=1` goes on from the machine that an earlier run has set up.
pub(crate) fn keeps() -> bool {
    std::env::var_os("RAINBOW_IMAGE_KEEP").is_some()
}

/// Whether there is time: `cargo xtask test image --full`.
pub(crate) fn is_full() -> bool {
    std::env::var_os("RAINBOW_EDGE_FULL").is_some()
}

/// Node of the right age, as xtask has found it.
pub(crate) fn node() -> OsString {
    std::env::var_os("RAINBOW_EDGE_NODE").unwrap_or_else(|| "node".into())
}

/// The root of this checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

fn existing(path: PathBuf) -> Outcome<PathBuf> {
    path.canonicalize().map_err(|_| Fault::Missing { path, what_to_do: BUILD })
}

fn emptied(folder: &Path) -> Outcome<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Fault::file("remove", folder))?;
    }
    Ok(())
}
