//! What is the same for every child process that this executable keeps: where it is met, and how long it waits to start again.

use crate::error::CommandError;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::time::Duration;

const RESTART_AFTER: Duration = Duration::from_secs(1);
const RESTART_AFTER_MAX: Duration = Duration::from_secs(30);
/// A child that ran for so long starts anew without waiting longer than the first time.
const STEADY_AFTER: Duration = Duration::from_secs(60);

/// How long a child that ended waits: longer each time, unless it was steady.
pub(super) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(RESTART_AFTER)
    }
}

impl Pause {
    /// Before one starts again that ran for so long.
    pub(super) fn after(&mut self, ran: Duration) -> Duration {
        let wait = if ran > STEADY_AFTER { RESTART_AFTER } else { self.0 };
        self.0 = (wait * 2).min(RESTART_AFTER_MAX);
        wait
    }
}

/// A name for a socket of a child of this kind that is known to this machine's kernel alone, so nothing of it is left anywhere.
pub(super) fn kernel_name(kind: &str) -> Result<String, CommandError> {
    let mut chance = [0; 16];
    getrandom::fill(&mut chance).map_err(|e| CommandError::file("make", "a random name")(std::io::Error::other(e)))?;
    let digits: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("rainbow-edge-{kind}-{digits}"))
}

/// Listens by such a name, for `what`.
pub(super) fn listen(name: &str, what: &'static str) -> Result<UnixListener, CommandError> {
    let failed = || CommandError::file("listen at", what);
    let address = SocketAddr::from_abstract_name(name).map_err(failed())?;
    UnixListener::bind_addr(&address).map_err(failed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ends_again_and_again_waits_longer_and_who_was_steady_does_not_i5() {
        let (mut pause, short) = (Pause::default(), Duration::from_millis(5));
        let waits = [(); 7].map(|()| pause.after(short).as_secs());
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(pause.after(STEADY_AFTER + short), RESTART_AFTER);
        assert_eq!(pause.after(short), RESTART_AFTER * 2);
    }
}
