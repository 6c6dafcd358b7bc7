//! The root shell behind the test's door, on the second serial port.

use std::time::Duration;

use crate::error::{Fault, Outcome};
use crate::serial::Serial;

/// For commands that only look.
pub(crate) const SHORT: Duration = Duration::from_secs(300);

pub(crate) struct Shell {
    machine: String,
    line: Serial,
    number: u32,
}

impl Shell {
    /// Waits for the prompt.
    pub(crate) fn open(machine: &str, line: Serial, limit: Duration) -> Outcome<Self> {
        line.find(0, limit, "the prompt of the root shell on ttyS1", |text| {
            text.trim_end().ends_with(['#', '$']).then_some(())
        })?;
        let mut shell = Self { machine: machine.to_owned(), line, number: 0 };
        shell
            .attempt("stty -echo cols 500; export PAGER= SYSTEMD_PAGER= SYSTEMD_COLORS=0 TERM=dumb LC_ALL=C", SHORT)?;
        Ok(shell)
    }

    /// What the command printed; an error when it failed.
    pub(crate) fn run(&mut self, command: &str) -> Outcome<String> {
        self.run_within(command, SHORT)
    }

    pub(crate) fn run_within(&mut self, command: &str, limit: Duration) -> Outcome<String> {
        let (said, code) = self.attempt(command, limit)?;
        if code == "0" {
            return Ok(said);
        }
        Err(Fault::Shell { machine: self.machine.clone(), command: command.to_owned(), code, said })
    }

    /// What the command printed, and its exit code.
    pub(crate) fn attempt(&mut self, command: &str, limit: Duration) -> Outcome<(String, String)> {
        self.number += 1;
        let number = self.number;
        let mark = self.line.mark();
        // The marks are put together by the shell, so that the echo of what is typed does not hold them.
        self.line.send(&format!(
            "printf '%s%s\\n' '@@' 'FROM{number}@'; {{ {command}; }} 2>&1; printf '\\n%s%s %s@\\n' '@@' 'UNTIL{number}' $?\n"
        ))?;
        let (from, until) = (format!("@@FROM{number}@"), format!("@@UNTIL{number} "));
        self.line.find(mark, limit, &format!("the end of `{command}`"), |text| {
            let (_, rest) = text.split_once(&from)?;
            let (said, rest) = rest.split_once(&until)?;
            let (code, _) = rest.split_once('@')?;
            Some((said.trim().to_owned(), code.to_owned()))
        })
    }
}
