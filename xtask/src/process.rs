//! Starting other programs from the repository's root, and saying plainly what failed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
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

/// Like [`run`], and what it printed of failed tests stands in the error: a log that is cut in the middle keeps its end.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_tests(command: &mut Command) -> Outcome {
    let line = words(command);
    let failed = |what: String| Failure::Failed(format!("`{line}` {what}"));
    let (reader, writer) = std::io::pipe().map_err(|error| failed(format!("gets no pipe: {error}")))?;
    let both = writer.try_clone().map_err(|error| failed(format!("gets no pipe: {error}")))?;
    let child = command.stdout(both).stderr(writer).spawn();
    // The pipe ends when nobody but the child holds its other end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = child.map_err(|error| failed(format!("cannot be started: {error}")))?;
    let mut findings = Findings::default();
    for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        findings.take(&line);
    }
    let status = child.wait().map_err(|error| failed(format!("was lost: {error}")))?;
    if status.success() { Ok(()) } else { Err(failed(format!("ended with {status}{}", findings.said()))) }
}

/// The lines that tell what failed, each with some that follow it.
#[derive(Default)]
struct Findings {
    kept: Vec<String>,
    following: usize,
}

impl Findings {
    const FOLLOWING: usize = 8;
    const LINES_MAX: usize = 80;

    fn take(&mut self, line: &str) {
        let begins = line.starts_with("not ok") || line.starts_with("error");
        if begins || line.contains("panicked at") || line.ends_with("FAILED") {
            self.following = Self::FOLLOWING;
        } else {
            self.following = self.following.saturating_sub(1);
        }
        if self.following > 0 && self.kept.len() < Self::LINES_MAX {
            self.kept.push(line.to_owned());
        }
    }

    fn said(&self) -> String {
        self.kept.iter().map(|line| format!("\n    {line}")).collect()
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

#[cfg(test)]
mod tests {
    use super::{Failure, run_tests};
    use std::process::Command;

    #[test]
    fn the_error_of_failed_tests_says_which_and_why() {
        let script =
            "echo ok - one; for i in 1 2 3 4 5 6 7 8 9; do echo fine; done; echo not ok - two; echo why >&2; exit 1";
        let Err(Failure::Failed(text)) = run_tests(Command::new("sh").args(["-c", script])) else { panic!("it fails") };
        assert!(text.ends_with("\n    not ok - two\n    why"), "{text}");
        assert!(run_tests(&mut Command::new("true")).is_ok());
    }
}
