//! Starting other programs from the repository's root, and saying plainly what failed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failure, Outcome};

/// The repository's root. Cargo says it when it starts xtask: an xtask built in one checkout may be found in the target
/// folder of another, so what was true when it was built counts only where it is started by hand.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().unwrap_or(&here).to_path_buf()
}

/// `cargo`, the one that started us where there is one.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The built executable.
pub(crate) fn executable() -> PathBuf {
    target_dir().join("release/rainbow-edge")
}

/// Runs to the end with our own input and output.
///
/// # Errors
/// `Failed` when it cannot be started or does not exit with 0.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = words(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Failed(format!("`{line}` ended with {status}"))),
        Err(error) => Err(Failure::Failed(format!("`{line}` cannot be started: {error}"))),
    }
}

/// Runs to the end without input and returns what it printed on standard output.
///
/// # Errors
/// `Failed` with its standard error when it cannot be started or does not exit with 0.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let line = words(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::Failed(format!("`{line}` cannot be started: {error}")))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::Failed(format!("`{line}` ended with {}: {}", output.status, errors.trim())));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of that name is in PATH.
pub(crate) fn present(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether the process runs as root, by the owner of its own entry in /proc.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A folder for one run, below the system's own for temporary files, empty at the start.
///
/// # Errors
/// `Failed` when it cannot be made.
pub(crate) fn scratch(purpose: &str) -> Result<PathBuf, Failure> {
    let folder = std::env::temp_dir().join(format!("rainbow-edge-{purpose}-{}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::Failed(format!("cannot make the folder {}: {error}", folder.display())))?;
    Ok(folder)
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let all = std::iter::once(program).chain(command.get_args());
    all.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
