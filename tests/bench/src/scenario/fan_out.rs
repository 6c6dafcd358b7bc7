//! Colleagues who all see one another's presence: one changes it, all of them hear so.

use super::{Orders, Span, available, employ};
use crate::latency::{Latencies, count_f64};
use crate::server::Server;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Changes on their way at once, never two of one person: the box tells the newest of what somebody says too fast.
const OUTSTANDING: usize = 4;
/// Presences that nobody waits for have all come when none came for so long.
const QUIET: Duration = Duration::from_millis(1500);
/// What somebody says besides.
const PAD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What became of them.
#[derive(Clone, Debug)]
pub struct FanOut {
    /// Presences delivered.
    pub per_cpu_s: f64,
    pub per_s: f64,
    /// From the change to each who hears of it.
    pub latencies: Latencies,
}

struct Change {
    who: usize,
    begun: Instant,
    heard: usize,
}

struct Office {
    everybody: RefCell<Vec<Orders>>,
    changes: RefCell<Vec<Change>>,
    latencies: RefCell<Latencies>,
    /// Presences of all kinds.
    heard: Cell<usize>,
    again: Cell<bool>,
}

impl Office {
    fn change(&self, who: usize) {
        let everybody = self.everybody.borrow();
        let number = self.changes.borrow().len();
        self.changes.borrow_mut().push(Change { who, begun: Instant::now(), heard: 0 });
        let show = if (number / everybody.len()).is_multiple_of(2) { "away" } else { "dnd" };
        let text =
            format!("<presence xmlns='jabber:client'><show>{show}</show><status>f{number} {PAD}</status></presence>");
        // A session that has ended has told so.
        let _ = everybody[who].try_send(Rc::from(text));
    }

    fn hears(&self, frame: &str) {
        if !frame.starts_with("<presence") {
            return;
        }
        self.heard.set(self.heard.get() + 1);
        let number = frame.split_once("<status>f").and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok());
        let all = self.everybody.borrow().len();
        let next = {
            let mut changes = self.changes.borrow_mut();
            let Some(change) = number.and_then(|number| changes.get_mut(number)) else { return };
            self.latencies.borrow_mut().note(change.begun.elapsed());
            change.heard += 1;
            (change.heard == all).then_some((change.who + OUTSTANDING) % all)
        };
        if let Some(next) = next.filter(|_| self.again.get()) {
            self.change(next);
        }
    }
}

/// Lets so many colleagues change their presence in turn; each change is heard by all, the one who changed it too.
///
/// # Errors
/// When somebody cannot log in, or does not hear of a change.
pub async fn run(server: &Server, colleagues: usize, span: Span) -> Result<FanOut, String> {
    let people = server.accounts.colleagues.get(..colleagues).ok_or("too few accounts")?;
    if !colleagues.is_multiple_of(OUTSTANDING) {
        return Err(format!("{colleagues} colleagues cannot take turns in {OUTSTANDING} rows"));
    }
    let office = Rc::new(Office {
        everybody: RefCell::default(),
        changes: RefCell::default(),
        latencies: RefCell::default(),
        heard: Cell::new(0),
        again: Cell::new(true),
    });
    for session in available(server, people).await? {
        let hearer = Rc::clone(&office);
        let orders = employ(session, move |frame| hearer.hears(frame));
        office.everybody.borrow_mut().push(orders);
    }
    be_quiet(&office).await;
    (0..OUTSTANDING).for_each(|who| office.change(who));
    tokio::time::sleep(span.warm_up).await;
    office.latencies.borrow_mut().clear();
    let (cpu, begun) = (server.cpu(), Instant::now());
    tokio::time::sleep(span.measured).await;
    let (cpu, wall, latencies) = (server.cpu() - cpu, begun.elapsed(), office.latencies.take());
    office.again.set(false);
    be_quiet(&office).await;
    let deaf = office.changes.borrow().iter().filter(|change| change.heard != colleagues).count();
    if deaf > 0 {
        return Err(format!("{deaf} changes were not heard by all"));
    }
    let delivered = count_f64(latencies.count());
    Ok(FanOut { per_cpu_s: delivered / cpu.as_secs_f64(), per_s: delivered / wall.as_secs_f64(), latencies })
}

async fn be_quiet(office: &Office) {
    let mut before = usize::MAX;
    while before != office.heard.get() {
        before = office.heard.get();
        tokio::time::sleep(QUIET).await;
    }
}
