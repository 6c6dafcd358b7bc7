//! Programs of another processor, started on this machine through QEMU: the kernel is told so (binfmt_misc), and told again
//! that it is over.

use std::path::{Path, PathBuf};

use super::failed;
use crate::{Failure, process};

const KERNEL: &str = "/proc/sys/fs/binfmt_misc";
const NAME: &str = "rainbow-edge-aarch64";
/// The first bytes of a program of 64-bit ARM, and which bits of them count.
const MAGIC: &str = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00";
const MASK: &str = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff";

/// As long as it is kept, such programs start.
#[derive(Debug)]
pub(super) struct Foreign(PathBuf);

impl Foreign {
    /// `cross`: a root folder with `qemu-user`.
    ///
    /// # Errors
    /// `Failed` when the kernel refuses.
    pub(super) fn aarch64(cross: &Path) -> Result<Self, Failure> {
        let register = Path::new(KERNEL).join("register");
        if !register.exists() {
            process::run(std::process::Command::new("mount").args(["-t", "binfmt_misc", "binfmt_misc", KERNEL]))?;
        }
        let entry = Self(Path::new(KERNEL).join(NAME));
        // One that a build has left behind that was cut off.
        entry.end();
        let program = cross.join("usr/bin/qemu-aarch64");
        // F: the kernel opens the program now, so it need not be in the root folder that the packages go into.
        let line = format!(":{NAME}:M::{MAGIC}:{MASK}:{}:F", program.display());
        std::fs::write(&register, line).map_err(|error| failed("register QEMU at", &register, &error))?;
        Ok(entry)
    }

    fn end(&self) {
        if self.0.exists() {
            let _ = std::fs::write(&self.0, "-1");
        }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.end();
    }
}
