//! What the users of the office did and what became of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long users were watched, and what they saw.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// From a sender's sending to the recipient's reading, in milliseconds.
    pub(crate) messages_ms: Vec<u64>,
    /// Of REST, from connecting to the end of the answer.
    pub(crate) requests_ms: Vec<u64>,
    /// Of newcomers: password to bound stream.
    pub(crate) sign_ins_ms: Vec<u64>,
    pub(crate) failures: Vec<String>,
}

/// One message: a sender begins a new life with each stream, and counts from 0 in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Letter {
    pub(crate) sender: usize,
    pub(crate) life: u32,
    pub(crate) number: u32,
}

impl Letter {
    pub(crate) fn id(self) -> String {
        format!("flood-{}-{}-{}", self.sender, self.life, self.number)
    }

    /// Reads an id; `None` when it is of no letter.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        let mut parts = id.strip_prefix("flood-")?.split('-');
        let sender = parts.next()?.parse().ok()?;
        let life = parts.next()?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        Some(Self { sender, life, number })
    }
}

#[derive(Debug, Default)]
struct Pages {
    working: bool,
    report: Report,
    on_the_way: HashMap<Letter, Instant>,
    /// By sender: the life and the number that its next letter must have.
    awaited: HashMap<usize, (u32, u32)>,
    lives: HashMap<usize, u32>,
    running: usize,
}

/// Shared by all users.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Pages>);

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether users are to work: between two windows they keep their streams and are silent.
    pub(crate) fn is_working(&self) -> bool {
        self.pages().working
    }

    /// Begins a window.
    pub(crate) fn open(&self) {
        let mut pages = self.pages();
        pages.report = Report::default();
        pages.working = true;
    }

    /// Ends a window: whatever was begun must come to its end within the patience of a test.
    pub(crate) fn close(&self) -> Report {
        self.pages().working = false;
        let limit = Duration::from_secs(world::PATIENCE_S + 5);
        let begun = Instant::now();
        while begun.elapsed() < limit {
            let pages = self.pages();
            if pages.on_the_way.is_empty() && pages.running == 0 {
                break;
            }
            drop(pages);
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut pages = self.pages();
        let lost: Vec<String> =
            pages.on_the_way.drain().map(|(letter, _)| format!("{} never came", letter.id())).collect();
        pages.report.failures.extend(lost);
        if pages.running > 0 {
            let text = format!("{} requests or sign-ins have no end", pages.running);
            pages.report.failures.push(text);
        }
        std::mem::take(&mut pages.report)
    }

    /// A sender's stream is new: what it sent on the former one is not waited for any more.
    pub(crate) fn begin_life(&self, sender: usize) -> u32 {
        let mut pages = self.pages();
        pages.on_the_way.retain(|letter, _| letter.sender != sender);
        let life = pages.lives.entry(sender).or_insert(0);
        *life += 1;
        *life
    }

    pub(crate) fn sent(&self, letter: Letter) {
        self.pages().on_the_way.insert(letter, Instant::now());
    }

    /// A letter has come: once, whole, and after the one before it.
    pub(crate) fn came(&self, letter: Letter, whole: bool) {
        let mut pages = self.pages();
        let (life, number) = pages.awaited.get(&letter.sender).copied().unwrap_or((0, 0));
        let expected = match letter.life {
            former if former < life => return,
            same if same == life => number,
            _ => 0,
        };
        if letter.number != expected {
            let text = format!("{} came where number {expected} was due: lost, doubled or out of order", letter.id());
            pages.report.failures.push(text);
        }
        if !whole {
            pages.report.failures.push(format!("{} came changed", letter.id()));
        }
        pages.awaited.insert(letter.sender, (letter.life, letter.number + 1));
        if let Some(sent) = pages.on_the_way.remove(&letter) {
            pages.report.messages_ms.push(elapsed_ms(sent));
        }
    }

    /// A request or sign-in begins.
    pub(crate) fn begin(&self) -> Instant {
        self.pages().running += 1;
        Instant::now()
    }

    /// It has ended, well or badly.
    pub(crate) fn end(&self, begun: Instant, list: fn(&mut Report) -> &mut Vec<u64>, outcome: Result<(), String>) {
        let mut pages = self.pages();
        pages.running -= 1;
        match outcome {
            Ok(()) => list(&mut pages.report).push(elapsed_ms(begun)),
            Err(text) => pages.report.failures.push(text),
        }
    }

    pub(crate) fn failed(&self, text: String) {
        self.pages().report.failures.push(text);
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The value below which 95 of 100 lie; 0 of nothing.
pub(crate) fn p95(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() * 95 / 100).or(sorted.last()).copied().unwrap_or(0)
}

#[test]
fn a_lost_a_doubled_and_a_changed_letter_are_seen() {
    let letter = |number| Letter { sender: 7, life: 1, number };
    assert_eq!(Letter::from_id(&letter(3).id()), Some(letter(3)));
    let ledger = Ledger::default();
    ledger.open();
    ledger.sent(letter(0));
    ledger.came(letter(0), true);
    let report = ledger.close();
    assert!(report.failures.is_empty() && report.messages_ms.len() == 1, "{report:?}");
    for (number, whole) in [(2, true), (2, true), (3, false)] {
        ledger.open();
        ledger.came(letter(number), whole);
        assert_eq!(ledger.close().failures.len(), 1, "{number}");
    }
    ledger.came(Letter { life: 2, ..letter(0) }, true);
    assert!(ledger.close().failures.is_empty(), "a new life counts from 0");
    assert_eq!(p95(&(1..=100).collect::<Vec<_>>()), 96);
    assert_eq!(p95(&[]), 0);
}
