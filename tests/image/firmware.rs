//! The firmware's variables of a machine whose owner trusts our key and nobody else's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Fault, Outcome};
use crate::place::place;
use crate::tools;

pub(crate) const CODE: &str = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
pub(crate) const CODE_ARM64: &str = "/usr/share/AAVMF/AAVMF_CODE.secboot.fd";
const EMPTY_ARM64: &str = "/usr/share/AAVMF/AAVMF_VARS.fd";
const EMPTY: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";
/// Who owns the keys; any will do.
const OWNER: &str = "6c1b1b7e-3c0e-4a53-9d3d-7c6f8a8d5e10";

/// Fresh variables without any key, as a person has left them who has put the firmware into setup mode.
pub(crate) fn in_setup_mode(name: &str) -> Outcome<PathBuf> {
    let place = place()?;
    let own = place.state.join(format!("{name}.fd"));
    let empty = place.tools.join(EMPTY.trim_start_matches('/'));
    fs::copy(&empty, &own).map_err(Fault::file("copy", &empty))?;
    Ok(own)
}

/// Fresh variables with Secure Boot on, for one machine.
pub(crate) fn variables(name: &str) -> Outcome<PathBuf> {
    let place = place()?;
    enrolled(name, &place.tools.join(EMPTY.trim_start_matches('/')), "enrolled.fd")
}

/// The same for a machine of 64-bit ARM.
pub(crate) fn variables_arm64(name: &str) -> Outcome<PathBuf> {
    let place = place()?;
    enrolled(name, &place.cross.join(EMPTY_ARM64.trim_start_matches('/')), "enrolled-arm64.fd")
}

/// `empty`: where the firmware's variables are without a key.
fn enrolled(name: &str, empty: &Path, file: &str) -> Outcome<PathBuf> {
    let place = place()?;
    let enrolled = place.state.join(file);
    if !enrolled.exists() {
        let input = place.state.join(format!("empty-{file}"));
        fs::copy(empty, &input).map_err(Fault::file("copy", empty))?;
        let certificate = place.keys.join("db.crt").display().to_string();
        let (input, output) = (input.display().to_string(), enrolled.display().to_string());
        let keys = ["--set-pk", "--add-kek", "--add-db"].iter().flat_map(|what| [*what, OWNER, &certificate]);
        let files = ["--input", &input, "--output", &output];
        let words: Vec<&str> = files.into_iter().chain(keys).chain(["--no-microsoft", "--secure-boot"]).collect();
        tools::run(place, "virt-fw-vars", &words)?;
    }
    let own = place.state.join(format!("{name}.fd"));
    fs::copy(&enrolled, &own).map_err(Fault::file("write", &own))?;
    Ok(own)
}
