use crate::{AppError, Source};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Window in which is counted.
const WINDOW_MS: i64 = 600_000;
/// Sources that are counted at once. With more of them the count begins anew, for all.
const SOURCES_MAX: usize = 20_000;

/// What a stranger does at the door of bubbles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bound {
    /// Looks at a link, or knocks with an account of his own.
    Look,
    /// Has an account made.
    Enter,
}

impl Bound {
    /// How often from one source in a window; an office behind one address is one source.
    fn most(self) -> u32 {
        match self {
            Self::Look => 1_000,
            Self::Enter => 60,
        }
    }
}

/// The window that is counted in, and how often from each source.
type Counts = (i64, HashMap<(Bound, Source), u32>);

/// Counts what strangers do at the doors of bubbles, in memory: guessing is hopeless, and must not become a load.
#[derive(Default)]
pub(crate) struct Doorstep {
    counts: Mutex<Counts>,
}

impl Doorstep {
    /// Counts one; [`AppError::Busy`] when there were too many.
    pub(crate) fn pass(&self, what: Bound, source: Source, now_ms: i64) -> Result<(), AppError> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let window = now_ms.div_euclid(WINDOW_MS);
        if counts.0 != window || counts.1.len() >= SOURCES_MAX {
            *counts = (window, HashMap::new());
        }
        let count = counts.1.entry((what, source)).or_default();
        *count = count.saturating_add(1);
        if *count > what.most() { Err(AppError::Busy) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn source(no: u8) -> Source {
        Source::from(IpAddr::from([192, 0, 2, no]))
    }

    #[test]
    fn each_source_is_counted_by_itself_and_anew_in_the_next_window_e5() {
        let doorstep = Doorstep::default();
        let pass = |no, now_ms| doorstep.pass(Bound::Enter, source(no), now_ms).is_ok();
        assert!((0..60).all(|_| pass(1, 10)));
        assert!(!pass(1, 20) && pass(2, 20));
        assert!(doorstep.pass(Bound::Look, source(1), 20).is_ok(), "looking is another thing");
        assert!(pass(1, WINDOW_MS));
    }
}
