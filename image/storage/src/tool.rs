//! Programs of the system, run as children. A secret goes in by standard input or by a file of mode 0600, never by an
//! argument, which every process can read.

use crate::error::StorageError;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// Where the system's programs are looked for, whatever the environment says.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/lib/systemd", "/sbin"];
/// As much of a tool's words as goes into a message.
const SAID_CHARS_MAX: usize = 300;

/// The programs of a machine.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    /// Looked into first: fakes of a test.
    first: Option<PathBuf>,
}

impl Tools {
    /// The real ones.
    #[must_use]
    pub fn of_this_machine() -> Self {
        Self::default()
    }

    /// Those of `folder`, and the real ones where it has none.
    #[must_use]
    pub fn for_test(folder: PathBuf) -> Self {
        Self { first: Some(folder) }
    }

    /// A program, ready for arguments.
    pub(crate) fn run(&self, program: &'static str) -> Run {
        let folders = self.first.iter().cloned().chain(FOLDERS.map(PathBuf::from));
        let found = folders.map(|folder| folder.join(program)).find(|path| path.exists());
        let mut command = Command::new(found.unwrap_or_else(|| PathBuf::from(program)));
        // Early in the start nothing but /run can be written; messages are matched in English.
        command
            .env("TMPDIR", "/run")
            .env("LC_ALL", "C.UTF-8")
            .env("SYSTEMD_COLORS", "0")
            .env("SYSTEMD_LOG_TARGET", "console");
        Run { program, command, input: None }
    }
}

/// A program that is about to be run.
pub(crate) struct Run {
    program: &'static str,
    command: Command,
    input: Option<Zeroizing<Vec<u8>>>,
}

/// What came of it.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: Zeroizing<Vec<u8>>,
    pub(crate) said: String,
}

impl Run {
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// `--name=VALUE`, where the value is a path.
    pub(crate) fn option(self, name: &str, value: impl AsRef<OsStr>) -> Self {
        let mut argument = OsString::from(name);
        argument.push("=");
        argument.push(value);
        self.arg(argument)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn input(mut self, bytes: &[u8]) -> Self {
        self.input = Some(Zeroizing::new(bytes.to_vec()));
        self
    }

    /// Runs it to its end.
    pub(crate) fn end(mut self) -> Result<Ended, StorageError> {
        let program = self.program;
        let failed = |source| StorageError::Tool { program: program.to_owned(), source };
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child =
            self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), self.input.take()) {
            // A program that ends without reading has its own words for that.
            let _ = pipe.write_all(&input);
        }
        let ended = child.wait_with_output().map_err(failed)?;
        Ok(Ended {
            code: ended.status.code(),
            output: Zeroizing::new(ended.stdout),
            said: String::from_utf8_lossy(&ended.stderr).into_owned(),
        })
    }
}

impl Ended {
    pub(crate) fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// The end of what it said, on one line.
    pub(crate) fn last_words(&self) -> String {
        let said: Vec<&str> = self.said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let words = said[said.len().saturating_sub(2)..].join("; ");
        if words.is_empty() {
            return self.code.map_or_else(|| "it was killed".to_owned(), |code| format!("it ended with code {code}"));
        }
        words.chars().filter(|letter| !letter.is_control()).take(SAID_CHARS_MAX).collect()
    }
}
