//! Calls between two people (G2, J6): what a call is while it lasts, and what is told of it afterwards.

use serde::{Deserialize, Serialize};

/// What a call began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// Voices.
    Audio,
    /// Voices and pictures.
    Video,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The two talked.
    Answered,
    /// Nobody took it, or the caller gave up.
    Missed,
    /// Whoever was called did not want it.
    Declined,
}

impl Medium {
    /// Its name in rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Audio, Self::Video].into_iter().find(|medium| medium.name() == name)
    }
}

impl Outcome {
    /// Its name in rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Missed => "missed",
            Self::Declined => "declined",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Answered, Self::Missed, Self::Declined].into_iter().find(|outcome| outcome.name() == name)
    }
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Whoever began.
    Caller,
    /// Whoever was called.
    Callee,
}

/// A call that goes on: times in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    began_ms: i64,
    answered_ms: Option<i64>,
}

impl Course {
    /// It rings.
    #[must_use]
    pub const fn begin(now_ms: i64) -> Self {
        Self { began_ms: now_ms, answered_ms: None }
    }

    /// When it began to ring.
    #[must_use]
    pub const fn began_ms(self) -> i64 {
        self.began_ms
    }

    /// Somebody took it.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        self.answered_ms.is_some()
    }

    /// It was taken; once and for all.
    pub fn answer(&mut self, now_ms: i64) {
        self.answered_ms.get_or_insert(now_ms);
    }

    /// What became of it, and how long the two talked, in milliseconds. `by`: who ended it; nobody when a device was lost.
    #[must_use]
    pub fn end(self, by: Option<Side>, now_ms: i64) -> (Outcome, i64) {
        match (self.answered_ms, by) {
            (Some(answered_ms), _) => (Outcome::Answered, now_ms.saturating_sub(answered_ms).max(0)),
            (None, Some(Side::Callee)) => (Outcome::Declined, 0),
            (None, Some(Side::Caller) | None) => (Outcome::Missed, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_answered_missed_or_declined_by_who_ended_it_and_when_j6() {
        let ringing = Course::begin(1_000);
        assert_eq!(ringing.end(Some(Side::Caller), 9_000), (Outcome::Missed, 0));
        assert_eq!(ringing.end(Some(Side::Callee), 9_000), (Outcome::Declined, 0));
        assert_eq!(ringing.end(None, 9_000), (Outcome::Missed, 0));
        let mut taken = ringing;
        taken.answer(4_000);
        taken.answer(8_000);
        for by in [Some(Side::Caller), Some(Side::Callee), None] {
            assert_eq!(taken.end(by, 9_000), (Outcome::Answered, 5_000));
        }
        assert_eq!(taken.end(None, 3_000), (Outcome::Answered, 0), "a clock that was set back");
    }

    #[test]
    fn names_on_the_wire_are_read_as_they_are_written_j6() {
        for outcome in [Outcome::Answered, Outcome::Missed, Outcome::Declined] {
            assert_eq!(Outcome::parse(outcome.name()), Some(outcome));
        }
        for medium in [Medium::Audio, Medium::Video] {
            assert_eq!(Medium::parse(medium.name()), Some(medium));
        }
        assert_eq!((Outcome::parse("failed"), Medium::parse("application")), (None, None));
    }
}
