//! One line on a terminal that says how far something is.

use super::vault::in_bytes;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const BAR: usize = 30;
/// No eye follows more.
const EVERY: Duration = Duration::from_millis(100);

/// A line on standard error; nothing where that is no terminal.
pub(super) struct Bar {
    shown: bool,
    last: Option<Instant>,
}

impl Bar {
    pub(super) fn new() -> Self {
        Self { shown: std::io::stderr().is_terminal(), last: None }
    }

    /// So much of about so much is done; 0 of 0: nobody knows yet of how much.
    pub(super) fn show(&mut self, what: &str, done_bytes: u64, total_bytes: u64) {
        if !self.shown || self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let line = if total_bytes == 0 { format!("{what} ...") } else { line(done_bytes, total_bytes, what) };
        // A terminal that is gone needs no line.
        let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.last.take().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(done_bytes: u64, total_bytes: u64, what: &str) -> String {
    let total = total_bytes.max(done_bytes).max(1);
    let part = |of: u64| usize::try_from(u128::from(done_bytes) * u128::from(of) / u128::from(total)).unwrap_or(0);
    let filled = part(BAR as u64);
    let bar: String = (0..BAR).map(|at| if at < filled { '#' } else { '.' }).collect();
    format!("[{bar}] {:>3} %  {} of {}  {what}", part(100), in_bytes(done_bytes), in_bytes(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_when_all_is_done_and_never_fuller_d3() {
        assert!(line(0, 100, "x").starts_with("[..............................]   0 %"));
        assert!(line(50, 100, "x").starts_with("[###############...............]  50 %"));
        for done in [100, 170] {
            assert!(line(done, 100, "x").starts_with("[##############################] 100 %"), "{done}");
        }
        assert!(line(0, 0, "x").starts_with("[..............................]   0 %"));
    }
}
