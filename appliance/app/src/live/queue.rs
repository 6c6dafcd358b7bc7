//! What waits for one device: bounded (E5), and without memory of its own while nothing waits. Ten thousand devices that
//! only listen are the rule; tokio's channel keeps room for 32 pushes for each of them.

use super::push::Push;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

struct Shared {
    waiting: Mutex<Waiting>,
    /// Something waits, or nothing will come any longer.
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    pushes: VecDeque<Push>,
    /// One of the two ends has gone.
    ended: bool,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where pushes are put in.
pub(super) struct Queue {
    shared: Arc<Shared>,
    pushes_max: usize,
}

/// Where a device takes its pushes from, in order. Dropped when the device does not want any more.
pub struct Pushes(Arc<Shared>);

/// A queue for so many pushes.
pub(super) fn queue(pushes_max: usize) -> (Queue, Pushes) {
    let shared = Arc::new(Shared { waiting: Mutex::default(), news: Notify::new() });
    (Queue { shared: Arc::clone(&shared), pushes_max }, Pushes(shared))
}

impl Queue {
    /// `false` when there is no room, or when nobody takes any longer.
    pub(super) fn put(&self, push: &Push) -> bool {
        let mut waiting = self.shared.waiting();
        let taken = !waiting.ended && waiting.pushes.len() < self.pushes_max;
        if taken {
            waiting.pushes.push_back(push.clone());
            drop(waiting);
            self.shared.news.notify_one();
        }
        taken
    }

    pub(super) fn length(&self) -> usize {
        self.shared.waiting().pushes.len()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.waiting().ended = true;
        self.shared.news.notify_one();
    }
}

impl Pushes {
    /// Waits for the next push; `None` when no more will come. May be dropped and called again: no push is lost.
    pub async fn next(&mut self) -> Option<Push> {
        loop {
            if let Some(push) = self.take() {
                return Some(push);
            }
            if self.0.waiting().ended {
                // It may have ended just after one more.
                return self.take();
            }
            self.0.news.notified().await;
        }
    }

    /// The next push, if one waits.
    pub fn take(&mut self) -> Option<Push> {
        let mut waiting = self.0.waiting();
        let push = waiting.pushes.pop_front();
        if waiting.pushes.is_empty() {
            waiting.pushes = VecDeque::new();
        }
        push
    }
}

impl Drop for Pushes {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        waiting.ended = true;
        waiting.pushes = VecDeque::new();
    }
}

impl std::fmt::Debug for Pushes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} pushes", self.0.waiting().pushes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::Rng;
    use domain::ids::UserId;

    struct Same;

    impl Rng for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn numbered(number: usize) -> Push {
        Push::Accepted { id: number.to_string(), peer: UserId::random(&Same) }
    }

    fn number(push: Option<Push>) -> Option<usize> {
        let Some(Push::Accepted { id, .. }) = push else { return None };
        id.parse().ok()
    }

    #[tokio::test]
    async fn what_is_put_in_comes_out_in_order_and_then_the_end() {
        let (queue, mut pushes) = queue(100);
        let taking = tokio::spawn(async move {
            let mut taken = Vec::new();
            while let Some(next) = number(pushes.next().await) {
                taken.push(next);
            }
            taken
        });
        for one in 0..50 {
            assert!(queue.put(&numbered(one)));
            tokio::task::yield_now().await;
        }
        drop(queue);
        assert_eq!(taking.await.expect("it ends"), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_queue_takes_no_more_until_there_is_room_e5() {
        let (queue, mut pushes) = queue(2);
        assert!(queue.put(&numbered(1)) && queue.put(&numbered(2)));
        assert!(!queue.put(&numbered(3)));
        assert_eq!((queue.length(), number(pushes.take())), (2, Some(1)));
        assert!(queue.put(&numbered(4)));
        assert_eq!([number(pushes.take()), number(pushes.take()), number(pushes.take())], [Some(2), Some(4), None]);
    }

    #[test]
    fn nothing_is_put_in_for_who_has_gone() {
        let (queue, pushes) = queue(2);
        drop(pushes);
        assert!(!queue.put(&numbered(1)));
        assert_eq!(queue.length(), 0);
    }

    #[test]
    fn an_empty_queue_takes_no_memory_e5() {
        let (queue, mut pushes) = queue(1_000);
        for one in 0..1_000 {
            assert!(queue.put(&numbered(one)));
        }
        while pushes.take().is_some() {}
        assert_eq!(queue.shared.waiting().pushes.capacity(), 0);
    }
}
