//! A TPM 2.0 in software: what one machine has soldered in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Fault, Outcome};
use crate::place::place;
use crate::tools;

/// Makes a TPM with an identity of its own.
pub(crate) fn new(name: &str) -> Outcome<PathBuf> {
    let place = place()?;
    let folder = place.state.join(format!("{name}.tpm"));
    fs::create_dir_all(&folder).map_err(Fault::file("make", &folder))?;
    let folder_word = folder.display().to_string();
    let words = ["--tpm2", "--tpmstate", &folder_word, "--create-ek-cert", "--lock-nvram", "--overwrite"];
    let words: Vec<&str> = words.into_iter().chain(["--pcr-banks", "sha256"]).collect();
    tools::run(place, "swtpm_setup", &words)?;
    Ok(folder)
}

/// The same chip for a machine that must not change the first one's.
pub(crate) fn twin(name: &str, of: &Path) -> Outcome<PathBuf> {
    let folder = place()?.state.join(format!("{name}.tpm"));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Fault::file("remove", &folder))?;
    }
    let mut command = Command::new("cp");
    tools::output("copying a TPM", command.arg("--archive").args([of, &folder]))?;
    Ok(folder)
}

/// Starts it; returns when its socket waits. It ends when QEMU leaves.
pub(crate) fn start(name: &str, folder: &Path) -> Outcome<PathBuf> {
    let place = place()?;
    let socket = place.sockets.join(format!("{name}.tpm"));
    let state = format!("dir={}", folder.display());
    let control = format!("type=unixio,path={}", socket.display());
    let log = format!("file={}", place.state.join(format!("{name}.swtpm.log")).display());
    let words =
        ["socket", "--tpm2", "--tpmstate", &state, "--ctrl", &control, "--log", &log, "--terminate", "--daemon"];
    tools::run(place, "swtpm", &words)?;
    Ok(socket)
}
