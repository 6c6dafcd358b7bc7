//! Who is served next by the password hashing threads: sources in turn, so that one that guesses delays itself.
//!
//! Of one source, accounts that were signed in to from there before go first. Three turns of four belong to sources that
//! hold such an account, as long as there are any, and a thread may be kept for them alone. When the queue is full, the
//! longest sub-queue gives way.

use crate::visitor::Source;
use std::collections::{HashMap, VecDeque};

/// Of so many turns all but one go to those who are known at their source.
const KNOWN_TURNS: u32 = 4;

/// Where a task stands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lane {
    /// Whose turn it counts for.
    pub(crate) source: Source,
    /// The account was signed in to from this source before.
    pub(crate) known: bool,
}

struct Sources<T> {
    by_source: HashMap<Source, VecDeque<T>>,
    /// Every source that waits, once, the next one first.
    turns: VecDeque<Source>,
}

impl<T> Sources<T> {
    fn new() -> Self {
        Self { by_source: HashMap::new(), turns: VecDeque::new() }
    }

    fn length(&self, source: &Source) -> usize {
        self.by_source.get(source).map_or(0, VecDeque::len)
    }

    fn length_of_all(&self) -> usize {
        self.by_source.values().map(VecDeque::len).sum()
    }

    fn push(&mut self, source: Source, task: T) {
        let tasks = self.by_source.entry(source).or_default();
        if tasks.is_empty() {
            self.turns.push_back(source);
        }
        tasks.push_back(task);
    }

    /// The source whose turn it is goes to the end.
    fn next_source(&mut self) -> Option<Source> {
        let source = self.turns.pop_front()?;
        self.turns.push_back(source);
        Some(source)
    }

    fn take(&mut self, source: &Source, take: impl FnOnce(&mut VecDeque<T>) -> Option<T>) -> Option<T> {
        let tasks = self.by_source.get_mut(source)?;
        let taken = take(tasks);
        if tasks.is_empty() {
            self.by_source.remove(source);
            self.turns.retain(|waiting| waiting != source);
        }
        taken
    }
}

/// The queue. What it refuses or drops is given back, so that whoever waits for it can be told.
pub(crate) struct Queue<T> {
    known: Sources<T>,
    strangers: Sources<T>,
    length: usize,
    length_max: usize,
    per_source_max: usize,
    turn: u32,
    refused: (u64, u64),
}

impl<T> Queue<T> {
    pub(crate) fn new(length_max: usize, per_source_max: usize) -> Self {
        let (known, strangers) = (Sources::new(), Sources::new());
        Self {
            known,
            strangers,
            length: 0,
            length_max: length_max.max(1),
            per_source_max: per_source_max.max(1),
            turn: 0,
            refused: (0, 0),
        }
    }

    /// Tasks that wait.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Tasks refused or dropped until now because the queue was full, and because that of their source was.
    pub(crate) fn refused(&self) -> (u64, u64) {
        self.refused
    }

    fn length_of(&self, source: &Source) -> usize {
        self.known.length(source) + self.strangers.length(source)
    }

    /// Takes a task in; gives back the one for which there is no room.
    pub(crate) fn push(&mut self, lane: Lane, task: T) -> Option<T> {
        let dropped;
        if self.length_of(&lane.source) >= self.per_source_max {
            self.refused.1 += 1;
            // A known account does not give way to the guesses of its own neighbours.
            dropped = if lane.known { self.drop_newest_stranger(&lane.source) } else { None };
        } else if self.length >= self.length_max {
            self.refused.0 += 1;
            dropped = self.make_room(lane);
        } else {
            self.length += 1;
            self.put(lane, task);
            return None;
        }
        if dropped.is_none() {
            return Some(task);
        }
        self.put(lane, task);
        dropped
    }

    fn put(&mut self, lane: Lane, task: T) {
        let sources = if lane.known { &mut self.known } else { &mut self.strangers };
        sources.push(lane.source, task);
    }

    fn drop_newest_stranger(&mut self, source: &Source) -> Option<T> {
        self.strangers.take(source, VecDeque::pop_back)
    }

    /// The newest task of the source with the longest sub-queue, a stranger's before a known account's, if that source
    /// holds more than the newcomer's will. A known account displaces a stranger anyway, as long as known ones have
    /// not more than their share.
    fn make_room(&mut self, lane: Lane) -> Option<T> {
        let own = self.length_of(&lane.source) + 1;
        let longest = |sources: &Sources<T>| {
            sources.turns.iter().map(|source| (self.length_of(source), *source)).max_by_key(|(length, _)| *length)
        };
        let share = self.length_max - self.length_max / usize::try_from(KNOWN_TURNS).unwrap_or(1);
        let goes_before = lane.known && self.known.length_of_all() < share;
        let stranger = longest(&self.strangers).filter(|(length, _)| goes_before || *length > own);
        let known = longest(&self.known).filter(|(length, _)| *length > own);
        match (stranger, known) {
            (Some((_, source)), _) => self.drop_newest_stranger(&source),
            (None, Some((_, source))) => self.known.take(&source, VecDeque::pop_back),
            (None, None) => None,
        }
    }

    /// Whether there is a next task.
    pub(crate) fn has_next(&self, strangers: bool) -> bool {
        !self.known.turns.is_empty() || strangers && !self.strangers.turns.is_empty()
    }

    /// The next task, of `strangers` too, and whether it is one's who is known.
    pub(crate) fn pop(&mut self, strangers: bool) -> Option<(bool, T)> {
        let source = if strangers { self.next_source()? } else { self.known.next_source()? };
        let task = match self.known.take(&source, VecDeque::pop_front) {
            Some(task) => (true, task),
            None => (false, self.strangers.take(&source, VecDeque::pop_front)?),
        };
        self.length -= 1;
        Some(task)
    }

    fn next_source(&mut self) -> Option<Source> {
        self.turn = (self.turn + 1) % KNOWN_TURNS;
        let first = if self.turn == 0 { &mut self.strangers } else { &mut self.known };
        match first.next_source() {
            Some(source) => Some(source),
            None if self.turn == 0 => self.known.next_source(),
            None => self.strangers.next_source(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn source(number: u8) -> Source {
        Source::from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number)))
    }

    fn stranger(number: u8) -> Lane {
        Lane { source: source(number), known: false }
    }

    fn known(number: u8) -> Lane {
        Lane { source: source(number), known: true }
    }

    fn all<T>(queue: &mut Queue<T>) -> Vec<T> {
        let all: Vec<T> = std::iter::from_fn(|| queue.pop(true)).map(|(_, task)| task).collect();
        assert_eq!((queue.length, queue.known.turns.len(), queue.strangers.turns.len()), (0, 0, 0));
        all
    }

    #[test]
    fn sources_are_served_in_turn_whatever_one_of_them_piles_up_a5() {
        let mut queue = Queue::new(100, 100);
        for guess in 0..50 {
            assert_eq!(queue.push(stranger(1), format!("guess {guess}")), None);
        }
        assert_eq!(queue.push(stranger(2), String::from("alice")), None);
        assert_eq!(queue.push(stranger(3), String::from("bob")), None);
        let first: Vec<String> = all(&mut queue).into_iter().take(4).collect();
        assert_eq!(first, ["guess 0", "alice", "bob", "guess 1"]);
    }

    #[test]
    fn an_earlier_success_goes_before_the_strangers_of_its_source_a5() {
        for turn in 0..8 {
            let mut queue = Queue::new(100, 100);
            queue.turn = turn % KNOWN_TURNS;
            for _ in 0..5 {
                assert_eq!(queue.push(stranger(1), "guess"), None);
            }
            assert_eq!(queue.push(known(1), "alice"), None);
            assert_eq!(all(&mut queue)[0], "alice", "turn {turn}");
        }
    }

    #[test]
    fn strangers_are_not_starved_by_those_who_are_known() {
        let mut queue = Queue::new(100, 100);
        for _ in 0..20 {
            assert_eq!(queue.push(known(1), "known"), None);
        }
        assert_eq!(queue.push(stranger(2), "stranger"), None);
        let at = all(&mut queue).iter().position(|task| *task == "stranger");
        assert!(at.is_some_and(|at| at < 4), "{at:?}");
    }

    #[test]
    fn who_serves_no_strangers_serves_the_known_ones_in_turn_and_leaves_the_others_a5_e5() {
        let mut queue = Queue::new(100, 100);
        for task in ["guess", "guess"] {
            assert_eq!(queue.push(stranger(1), task), None);
        }
        assert!(!queue.has_next(false) && queue.has_next(true));
        for (number, task) in [(1, "alice"), (2, "bob"), (1, "carol")] {
            assert_eq!(queue.push(known(number), task), None);
        }
        let served: Vec<_> = std::iter::from_fn(|| queue.pop(false)).collect();
        assert_eq!(served, [(true, "alice"), (true, "bob"), (true, "carol")]);
        assert_eq!(queue.length(), 2);
        assert_eq!(queue.pop(true), Some((false, "guess")));
    }

    #[test]
    fn a_full_queue_costs_the_source_that_filled_it_a5() {
        let mut queue = Queue::new(10, 10);
        for guess in 0..10 {
            assert_eq!(queue.push(stranger(1), guess), None);
        }
        assert_eq!(queue.push(stranger(1), 10), Some(10), "its own next one is refused");
        assert_eq!(queue.push(stranger(2), 20), Some(9));
        assert_eq!(queue.push(known(3), 30), Some(8));
        assert_eq!(queue.push(known(1), 40), Some(7), "of its own strangers");
        assert_eq!(queue.refused(), (3, 1));
        let mut left = all(&mut queue);
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4, 5, 6, 20, 30, 40]);
    }

    #[test]
    fn guesses_from_as_many_sources_as_there_are_places_give_way_to_a_known_one_a5() {
        let mut queue = Queue::new(8, 8);
        for number in 0..8 {
            assert_eq!(queue.push(stranger(number), number), None);
        }
        assert_eq!(queue.push(stranger(100), 100), Some(100), "all are alike");
        for number in 0..6 {
            assert!(queue.push(known(200), 200 + number).is_some_and(|dropped| dropped < 8));
        }
        assert_eq!(queue.push(known(200), 250), Some(250), "known ones have three quarters");
    }

    #[test]
    fn one_source_has_a_bound_of_its_own() {
        let mut queue = Queue::new(100, 3);
        for guess in 0..3 {
            assert_eq!(queue.push(stranger(1), guess), None);
        }
        assert_eq!(queue.push(stranger(1), 3), Some(3));
        assert_eq!(queue.push(stranger(2), 4), None);
        assert_eq!(queue.push(known(1), 5), Some(2));
    }
}
