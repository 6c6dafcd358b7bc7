//! The firmware's variables of a machine whose owner trusts our key and nobody else's.

use std::fs;
use std::path::PathBuf;

use crate::error::{Fault, Outcome};
use crate::place::place;
use crate::tools;

pub(crate) const CODE: &str = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
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
    let enrolled = place.state.join("enrolled.fd");
    if !enrolled.exists() {
        let certificate = place.keys.join("db.crt").display().to_string();
        let output = enrolled.display().to_string();
        let keys = ["--set-pk", "--add-kek", "--add-db"].iter().flat_map(|what| [*what, OWNER, &certificate]);
        let files = ["--input", EMPTY, "--output", &output];
        let words: Vec<&str> = files.into_iter().chain(keys).chain(["--no-microsoft", "--secure-boot"]).collect();
        tools::run(place, "virt-fw-vars", &words)?;
    }
    let own = place.state.join(format!("{name}.fd"));
    fs::copy(&enrolled, &own).map_err(Fault::file("write", &own))?;
    Ok(own)
}
