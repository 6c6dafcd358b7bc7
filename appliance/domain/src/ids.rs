//! Identifiers as newtypes, so that two of them cannot be swapped.
//!
//! Every id contains a letter of `a b c d f`: Rainbow's clients turn attributes that look like numbers into numbers,
//! and `12e45` looks like one (decision 7).

use crate::clock::Rng;
use serde::{Deserialize, Serialize};

/// The text is not an id of this product: wrong length or wrong characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 24 lower-case hexadecimal characters are expected")]
pub struct NotAnId;

const ID_LENGTH: usize = 24;

fn random_id(rng: &dyn Rng) -> String {
    let mut bytes = [0_u8; ID_LENGTH / 2];
    rng.fill(&mut bytes);
    let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let first = b"abcdf"[usize::from(bytes[0]) % 5];
    text.replace_range(0..1, &char::from(first).to_string());
    text
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH
        && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && text.bytes().any(|b| matches!(b, b'a'..=b'd' | b'f'))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new id that nobody can guess (92 random bits).
            #[must_use]
            pub fn random(rng: &dyn Rng) -> Self {
                Self(random_id(rng))
            }

            /// Reads an id that came from outside.
            ///
            /// # Errors
            /// [`NotAnId`] when it cannot be one of ours.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                if is_id(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
            }

            /// The text as it stands on the wire and in rows.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A company (tenant).
    CompanyId
);
id!(
    /// A user; also the local part of the user's JID, so it never starts with `tel_` or `room_`.
    UserId
);
id!(
    /// One sign-in on one device.
    SessionId
);
id!(
    /// A password that a person made for one program (A11).
    ApplicationPasswordId
);
id!(
    /// A token by which a program signs in again (XEP-0484).
    FastTokenId
);
id!(
    /// A conversation of one user with one peer.
    ConversationId
);
id!(
    /// A bubble; its JID is `room_ID@muc.DOMAIN`.
    BubbleId
);
id!(
    /// Companies that see one another as one (B4).
    OrganizationId
);
id!(
    /// An invitation into a network (B6).
    InvitationId
);
id!(
    /// A group of contacts in one person's list.
    GroupId
);
id!(
    /// A favourite in one person's list.
    FavoriteId
);
id!(
    /// A folder of bubbles in one person's list.
    ContainerId
);
id!(
    /// A call between two people, in the history of each.
    CallId
);
id!(
    /// A shared file.
    FileId
);
id!(
    /// A message that somebody keeps at hand.
    PinId
);
id!(
    /// A poll of a bubble.
    PollId
);
id!(
    /// A browser's subscription to pushes.
    SubscriptionId
);
id!(
    /// A registered application (Rainbow's appID).
    ApplicationId
);
id!(
    /// One life of a database file: changes when it is restored or cloned (decision 13).
    Incarnation
);

/// Place of a message in its company's archive: microseconds since 1970, strictly increasing within one database.
/// Its text form is MAM's archive id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArchiveId(pub i64);

impl ArchiveId {
    /// Reads the text form; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('a')?;
        let written_by_us = hex.len() <= 15 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        written_by_us.then(|| i64::from_str_radix(hex, 16).ok().map(Self))?
    }

    /// When the message was accepted, in milliseconds since 1970.
    #[must_use]
    pub fn stamp_ms(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl std::fmt::Display for ArchiveId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a{:x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Counting(AtomicU64);
    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let mut state = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            for byte in bytes {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = state.to_le_bytes()[0];
            }
        }
    }

    #[test]
    fn every_id_holds_a_letter_that_no_number_has() {
        let rng = Counting(AtomicU64::new(7));
        for _ in 0..10_000 {
            let id = UserId::random(&rng);
            assert!(id.as_str().bytes().any(|b| b"abcdf".contains(&b)), "{id}");
            assert_eq!(UserId::parse(id.as_str()), Ok(id));
        }
    }

    #[test]
    fn what_looks_like_a_number_or_rubbish_is_no_id() {
        for text in [
            "",
            "1",
            "111111111111111111111111",
            "12e456789012345678901234",
            "../../etc/passwd",
            "A11111111111111111111111",
        ] {
            assert_eq!(UserId::parse(text), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn an_archive_id_reads_back() {
        let id = ArchiveId(1_795_468_616_123_456);
        assert_eq!(ArchiveId::parse(&id.to_string()), Some(id));
        assert_eq!(id.stamp_ms(), 1_795_468_616_123);
        for text in ["", "a", "a-5", "b12", "a+5", "aF", "affffffffffffffff", "1795468616123456"] {
            assert_eq!(ArchiveId::parse(text), None, "{text}");
        }
    }
}
