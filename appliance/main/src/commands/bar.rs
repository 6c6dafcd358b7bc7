//! A line that tells how far something is, where a person looks on.

use super::vault::in_bytes;
use std::io::{IsTerminal as _, Write as _};

const WIDTH: u64 = 30;

/// A line on standard error; nothing where that is no terminal.
pub(super) struct Bar {
    shown: bool,
}

impl Bar {
    pub(super) fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal() }
    }

    pub(super) fn show(&self, what: &str, done: u64, total: u64) {
        if !self.shown {
            return;
        }
        let line = match (done.min(total) * WIDTH).checked_div(total) {
            None => format!("{what} ..."),
            Some(filled) => {
                let filled = usize::try_from(filled).unwrap_or(0);
                let rest = usize::try_from(WIDTH).unwrap_or(0).saturating_sub(filled);
                let (bar, rest) = ("#".repeat(filled), " ".repeat(rest));
                format!("[{bar}{rest}] {what}, {} of {}", in_bytes(done.min(total)), in_bytes(total))
            }
        };
        // A terminal that is gone needs no line.
        let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
    }

    pub(super) fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
