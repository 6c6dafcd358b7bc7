//! Many messages of one conversation are one push (E5).

use crate::conversation::Peer;
use domain::ids::SubscriptionId;
use std::collections::HashMap;

/// After a push of a conversation the browser hears nothing more of it for so long.
pub(super) const WINDOW_MS: i64 = 5_000;
/// Conversations that are remembered, about 100 bytes each. Whoever does not fit in is not pushed to.
const ENTRIES_MAX: usize = 10_000;

/// Whom was pushed to of late, and of which conversation.
#[derive(Default)]
pub(super) struct Recent {
    pushed_ms: HashMap<(SubscriptionId, Peer), i64>,
}

impl Recent {
    /// Whether a message of a conversation is to be pushed to a browser now; from then on it was.
    pub(super) fn admits(&mut self, to: &SubscriptionId, of: &Peer, now_ms: i64) -> bool {
        // A clock that was put back must not keep a conversation silent.
        let recent = |pushed_ms: i64| (0..WINDOW_MS).contains(&now_ms.saturating_sub(pushed_ms));
        let key = (to.clone(), of.clone());
        if self.pushed_ms.get(&key).is_some_and(|pushed_ms| recent(*pushed_ms)) {
            return false;
        }
        if self.pushed_ms.len() >= ENTRIES_MAX && !self.pushed_ms.contains_key(&key) {
            self.pushed_ms.retain(|_, pushed_ms| recent(*pushed_ms));
            if self.pushed_ms.len() >= ENTRIES_MAX {
                return false;
            }
        }
        self.pushed_ms.insert(key, now_ms);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{BubbleId, UserId};

    fn browser(number: usize) -> SubscriptionId {
        SubscriptionId::parse(&format!("d{number:023}")).expect("an id")
    }

    fn person(number: usize) -> Peer {
        Peer::User(UserId::parse(&format!("a{number:023}")).expect("an id"))
    }

    #[test]
    fn fifty_messages_at_once_are_one_push_and_the_next_minute_has_its_own_e5() {
        let mut recent = Recent::default();
        let count = |recent: &mut Recent, from_ms: i64| {
            (0..50).filter(|step| recent.admits(&browser(1), &person(1), from_ms + step * 20)).count()
        };
        assert_eq!((count(&mut recent, 1000), count(&mut recent, 60_000)), (1, 1));
        assert!(recent.admits(&browser(1), &person(2), 60_000), "another conversation");
        let bubble = Peer::Bubble(BubbleId::parse(&format!("a{:023}", 1)).expect("an id"));
        assert!(recent.admits(&browser(1), &bubble, 60_000), "a bubble is no person");
        assert!(recent.admits(&browser(2), &person(1), 60_000), "another browser");
    }

    #[test]
    fn the_window_ends_and_a_clock_that_goes_back_silences_nobody_e5() {
        let mut recent = Recent::default();
        let mut at = |now_ms| recent.admits(&browser(1), &person(1), now_ms);
        assert!(at(10_000) && !at(10_000 + WINDOW_MS - 1) && at(10_000 + WINDOW_MS) && at(0));
    }

    #[test]
    fn what_is_remembered_is_bounded_e5() {
        let mut recent = Recent::default();
        for number in 0..ENTRIES_MAX {
            assert!(recent.admits(&browser(number), &person(1), 0));
        }
        assert!(!recent.admits(&browser(ENTRIES_MAX), &person(1), 1), "no room");
        assert!(recent.admits(&browser(ENTRIES_MAX), &person(1), WINDOW_MS), "the others are past");
        assert_eq!(recent.pushed_ms.len(), 1);
    }
}
