//! Ctrl-C, or a stop of the service manager: what was written in clear until then has to go.

use crate::error::CommandError;
use nix::sys::signal::{SigSet, Signal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody wants it to end.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on such a signal ends nothing by itself.
    pub(super) fn watch() -> Result<Self, CommandError> {
        let mut signals = SigSet::empty();
        [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().for_each(|signal| signals.add(signal));
        signals.thread_block().map_err(|e| CommandError::file("hold back", "signals")(e.into()))?;
        let (wanted, set) = (Arc::new(AtomicBool::new(false)), signals);
        let told = Arc::clone(&wanted);
        let waiting = std::thread::Builder::new().name(String::from("signals")).spawn(move || {
            if set.wait().is_ok() {
                told.store(true, Ordering::Relaxed);
            }
        });
        waiting.map_err(CommandError::file("start", "a thread"))?;
        Ok(Self(wanted))
    }

    /// An error once it should end.
    pub(super) fn goes_on(&self) -> Result<(), CommandError> {
        if self.0.load(Ordering::Relaxed) {
            return Err(CommandError::Usage(String::from("it was interrupted")));
        }
        Ok(())
    }
}
