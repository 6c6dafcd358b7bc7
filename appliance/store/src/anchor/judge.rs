//! Anchor and counter beside each other. The anchor is written first, with the value that the counter is about to have; then the
//! counter is counted up. So after a power cut between the two the anchor is one ahead, and never behind.

use super::{Anchor, Counted};
use std::fmt;

/// What anchor and counter say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The anchor is the last one that was written.
    Current,
    /// It is, and the counter is still to be counted up: the power went in between.
    Unfinished,
    /// This box has no counter yet.
    NoneYet,
    /// The anchor's counter is in another machine's TPM: the disk was moved, which takes the root key or the recovery key. That
    /// machine's counter says nothing here.
    Moved,
    /// The data folder is not the newest there was.
    Older(Older),
}

/// Why a data folder is not the newest, or cannot be told from one that is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Older {
    /// The counter was counted up after this anchor was written.
    Counter {
        /// What the anchor says.
        noted: u64,
        /// What the counter says.
        is: u64,
    },
    /// There is a counter, and no anchor that knows it.
    NoAnchor,
    /// The anchor knows a counter, and this TPM has none any more.
    NoCounter,
    /// The counter is behind the anchor.
    Behind {
        /// What the anchor says.
        noted: u64,
        /// What the counter says.
        is: u64,
    },
}

impl fmt::Display for Older {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counter { noted, is } => {
                write!(f, "the TPM's counter stands at {is}, and what is here was noted when it stood at {noted}")
            }
            Self::NoAnchor => f.write_str(
                "the TPM has a counter of this box, and what is here is from before, or its note was removed",
            ),
            Self::NoCounter => {
                f.write_str("the TPM's counter of this box was removed, so nobody can tell how old this is")
            }
            Self::Behind { noted, is } => {
                write!(
                    f,
                    "the TPM's counter stands at {is} and should be at {noted} at least: it is not the one that was counted with"
                )
            }
        }
    }
}

impl Judgement {
    /// Judges the anchor of a data folder by the counter of this machine: `value` is 0 where it was defined and never counted, `None`
    /// where there is none; `machine` is what tells its TPM from others.
    #[must_use]
    pub fn of(anchor: Option<&Anchor>, machine: &str, value: Option<u64>) -> Self {
        let noted: Option<&Counted> = anchor.and_then(|anchor| anchor.counter.as_ref());
        match (noted, value) {
            (None, None) => Self::NoneYet,
            (None, Some(_)) => Self::Older(Older::NoAnchor),
            (Some(noted), _) if !machine.is_empty() && !noted.machine.is_empty() && noted.machine != machine => {
                Self::Moved
            }
            // Begun, and the power went before anything was counted.
            (Some(Counted { value: 0, .. }), None | Some(0)) => Self::NoneYet,
            (Some(_), None) => Self::Older(Older::NoCounter),
            (Some(noted), Some(is)) if noted.value == is => Self::Current,
            (Some(noted), Some(is)) if noted.value == is.saturating_add(1) => Self::Unfinished,
            (Some(noted), Some(is)) if noted.value < is => Self::Older(Older::Counter { noted: noted.value, is }),
            (Some(noted), Some(is)) => Self::Older(Older::Behind { noted: noted.value, is }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(machine: &str, value: u64) -> Anchor {
        Anchor { counter: Some(Counted { machine: machine.to_owned(), value }), ..Anchor::default() }
    }

    #[test]
    fn the_last_anchor_is_current_and_every_earlier_one_is_older_d3() {
        for (noted, is, expected) in [
            (7, Some(7), Judgement::Current),
            (8, Some(7), Judgement::Unfinished),
            (6, Some(7), Judgement::Older(Older::Counter { noted: 6, is: 7 })),
            (9, Some(7), Judgement::Older(Older::Behind { noted: 9, is: 7 })),
            (7, None, Judgement::Older(Older::NoCounter)),
            (0, None, Judgement::NoneYet),
            (0, Some(0), Judgement::NoneYet),
            (0, Some(7), Judgement::Older(Older::Counter { noted: 0, is: 7 })),
        ] {
            assert_eq!(Judgement::of(Some(&anchor("m", noted)), "m", is), expected, "{noted} {is:?}");
        }
        assert_eq!(Judgement::of(None, "m", None), Judgement::NoneYet);
        assert_eq!(Judgement::of(Some(&Anchor::default()), "m", Some(3)), Judgement::Older(Older::NoAnchor));
    }

    #[test]
    fn another_machines_counter_says_nothing_and_a_machine_that_is_silent_is_no_other_d3() {
        assert_eq!(Judgement::of(Some(&anchor("m", 7)), "n", Some(90)), Judgement::Moved);
        assert_eq!(Judgement::of(Some(&anchor("m", 7)), "n", None), Judgement::Moved);
        assert_eq!(Judgement::of(Some(&anchor("m", 7)), "", None), Judgement::Older(Older::NoCounter));
        assert_eq!(Judgement::of(Some(&anchor("", 7)), "n", Some(7)), Judgement::Current);
    }
}
