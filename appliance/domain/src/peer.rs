//! Somebody, or a bubble: with whom one talks, or whom one wants at hand.

use crate::ids::{BubbleId, UserId};

/// One person or one bubble.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Peer {
    /// One person.
    User(UserId),
    /// Everybody in a bubble.
    Bubble(BubbleId),
}

impl Peer {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(user) => user.as_str(),
            Self::Bubble(bubble) => bubble.as_str(),
        }
    }

    /// What of the two it is, on the wire.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Bubble(_) => "room",
        }
    }
}
