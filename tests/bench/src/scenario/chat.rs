//! Pairs of people: one writes to the bare address of the other, and the server archives it.

use super::{Orders, Span, available, employ};
use crate::latency::{Latencies, count_f64};
use crate::server::Server;
use crate::session::attribute;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What a message says: 64 bytes.
const PAD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// How long what was sent may take to arrive when nothing more is sent.
const DRAIN: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(1);

/// How messages are offered.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// As many as this are on their way at any time: each arrival sends another.
    Closed { outstanding: usize },
    /// So many a second, whatever becomes of them.
    Open { per_s: u32 },
}

/// What became of them.
#[derive(Clone, Debug)]
pub struct Chat {
    pub per_cpu_s: f64,
    pub per_s: f64,
    pub latencies: Latencies,
    /// Not delivered when nothing more came.
    pub lost: usize,
}

/// A message on its way: when it was due, and of which pair.
type Sent = Option<(Instant, usize)>;

struct Office {
    /// Begins every id of this run: a message that comes again under its id is delivered once (decision 10).
    run: u32,
    writers: RefCell<Vec<(Orders, String)>>,
    sent: RefCell<Vec<Sent>>,
    latencies: RefCell<Latencies>,
    delivered: Cell<usize>,
    refused: Cell<usize>,
    again: Cell<bool>,
}

impl Office {
    fn write(&self, pair: usize, due: Instant) {
        let writers = self.writers.borrow();
        let (orders, to) = &writers[pair];
        let number = self.sent.borrow().len();
        self.sent.borrow_mut().push(Some((due, pair)));
        let text = format!(
            "<message xmlns='jabber:client' type='chat' to='{to}' id='{}.{number}'><body>{PAD}</body>\
             <request xmlns='urn:xmpp:receipts'/></message>",
            self.run
        );
        // A session that has ended has told so.
        let _ = orders.try_send(Rc::from(text));
    }

    fn hears(&self, frame: &str) {
        if !frame.starts_with("<message") {
            return;
        }
        if attribute(frame, "type") == Some("error") {
            self.refused.set(self.refused.get() + 1);
            return;
        }
        let number = attribute(frame, "id").and_then(|id| id.split_once('.')?.1.parse::<usize>().ok());
        let sent = number.and_then(|number| self.sent.borrow_mut().get_mut(number).and_then(Option::take));
        // Anything else is no message of this bench, or one that came already.
        let Some((due, pair)) = sent else { return };
        let now = Instant::now();
        self.latencies.borrow_mut().note(now.saturating_duration_since(due));
        self.delivered.set(self.delivered.get() + 1);
        if self.again.get() {
            self.write(pair, now);
        }
    }

    fn on_their_way(&self) -> usize {
        self.sent.borrow().len() - self.delivered.get()
    }
}

/// Loads the server with so many pairs.
///
/// # Errors
/// When somebody cannot log in, or a message is refused.
pub async fn run(server: &Server, pairs: usize, load: Load, span: Span) -> Result<Chat, String> {
    let people = server.accounts.writers.get(..pairs * 2).ok_or("too few accounts")?;
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let office = Rc::new(Office {
        run: RUNS.fetch_add(1, Ordering::Relaxed),
        writers: RefCell::default(),
        sent: RefCell::default(),
        latencies: RefCell::default(),
        delivered: Cell::new(0),
        refused: Cell::new(0),
        again: Cell::new(matches!(load, Load::Closed { .. })),
    });
    let mut all = Vec::new();
    for session in available(server, people).await? {
        let hearer = Rc::clone(&office);
        all.push(employ(session, move |frame| hearer.hears(frame)));
    }
    for (pair, orders) in all.iter().step_by(2).enumerate() {
        office.writers.borrow_mut().push((orders.clone(), server.jid(&people[pair * 2 + 1])));
    }
    match load {
        Load::Closed { outstanding } => {
            (0..outstanding).for_each(|number| office.write(number % pairs, Instant::now()));
            tokio::time::sleep(span.warm_up).await;
        }
        Load::Open { per_s } => offer(&office, pairs, per_s, span.warm_up).await,
    }
    office.latencies.borrow_mut().clear();
    let (cpu, begun) = (server.cpu(), Instant::now());
    match load {
        Load::Closed { .. } => tokio::time::sleep(span.measured).await,
        Load::Open { per_s } => offer(&office, pairs, per_s, span.measured).await,
    }
    let (cpu, wall, latencies) = (server.cpu() - cpu, begun.elapsed(), office.latencies.take());
    office.again.set(false);
    drain(&office).await;
    if office.refused.get() > 0 {
        return Err(format!("{} messages were refused", office.refused.get()));
    }
    let delivered = count_f64(latencies.count());
    let (per_cpu_s, per_s) = (delivered / cpu.as_secs_f64(), delivered / wall.as_secs_f64());
    Ok(Chat { per_cpu_s, per_s, latencies, lost: office.on_their_way() })
}

/// Writes so many a second for so long, each when it is due.
async fn offer(office: &Office, pairs: usize, per_s: u32, span: Duration) {
    let begun = Instant::now();
    let every = Duration::from_secs(1) / per_s;
    let mut ticks = tokio::time::interval(TICK);
    let mut number = 0_u32;
    while begun.elapsed() < span {
        ticks.tick().await;
        while begun + every * number <= Instant::now() {
            let pair = usize::try_from(number).expect("fits") % pairs;
            office.write(pair, begun + every * number);
            number += 1;
        }
    }
}

/// Waits until all that was sent has arrived, or nothing more comes.
async fn drain(office: &Office) {
    let begun = Instant::now();
    while office.on_their_way() > 0 && begun.elapsed() < DRAIN {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
