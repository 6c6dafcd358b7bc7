//! A room full of people, each with a device: one says something, all of them hear it, and the server archives it.

use super::{Orders, Span, available, employ};
use crate::latency::{Latencies, count_f64};
use crate::server::{Room, Server};
use crate::session::attribute;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What is said: 64 bytes.
pub(super) const PAD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Messages on their way at once, each of another person.
const OUTSTANDING: usize = 4;
/// People who enter at once.
const ENTERING: usize = 8;
/// How long nobody may enter, or nothing be heard, before it is given up.
const PATIENCE: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(2);

/// What became of them.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Messages delivered.
    pub per_cpu_s: f64,
    pub per_s: f64,
    /// From what is said to each who hears it.
    pub latencies: Latencies,
}

struct Said {
    who: usize,
    begun: Instant,
    heard: usize,
}

struct Office {
    /// Begins every id of this run: the same room may be spoken in again.
    run: u32,
    room: String,
    everybody: RefCell<Vec<Orders>>,
    said: RefCell<Vec<Said>>,
    /// Of what was said, how much all have heard.
    finished: Cell<usize>,
    latencies: RefCell<Latencies>,
    refused: RefCell<Option<String>>,
    again: Cell<bool>,
}

impl Office {
    fn say(&self, who: usize) {
        let number = self.said.borrow().len();
        self.said.borrow_mut().push(Said { who, begun: Instant::now(), heard: 0 });
        let text = groupchat(&self.room, &format!("{}.{number}", self.run));
        // A session that has ended has told so.
        let _ = self.everybody.borrow()[who].try_send(Rc::from(text));
    }

    fn hears(&self, frame: &str) {
        if !frame.starts_with("<message") {
            return;
        }
        if attribute(frame, "type") == Some("error") {
            self.refused.replace(Some(frame.to_owned()));
            return;
        }
        let own = |id: &str| id.strip_prefix(&format!("{}.", self.run))?.parse::<usize>().ok();
        let Some(number) = attribute(frame, "id").and_then(own) else { return };
        let all = self.everybody.borrow().len();
        let next = {
            let mut everything = self.said.borrow_mut();
            let Some(said) = everything.get_mut(number) else { return };
            self.latencies.borrow_mut().note(said.begun.elapsed());
            said.heard += 1;
            (said.heard == all).then_some((said.who + OUTSTANDING) % all)
        };
        let Some(next) = next else { return };
        self.finished.set(self.finished.get() + 1);
        if self.again.get() {
            self.say(next);
        }
    }
}

/// Lets the people of a room speak in turn; each of them hears all of it.
///
/// # Errors
/// When somebody cannot log in, cannot enter, or does not hear something.
pub async fn run(server: &Server, room: &Room, span: Span) -> Result<Heard, String> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let office = Rc::new(Office {
        run: RUNS.fetch_add(1, Ordering::Relaxed),
        room: room.jid.clone(),
        everybody: RefCell::default(),
        said: RefCell::default(),
        finished: Cell::new(0),
        latencies: RefCell::default(),
        refused: RefCell::default(),
        again: Cell::new(true),
    });
    let hearer = Rc::clone(&office);
    let everybody = enter(server, room, move |_, frame| hearer.hears(frame)).await?;
    office.everybody.replace(everybody);
    (0..OUTSTANDING.min(room.members)).for_each(|who| office.say(who));
    tokio::time::sleep(span.warm_up).await;
    office.latencies.borrow_mut().clear();
    let (cpu, begun) = (server.cpu(), Instant::now());
    tokio::time::sleep(span.measured).await;
    let (cpu, wall, latencies) = (server.cpu() - cpu, begun.elapsed(), office.latencies.take());
    office.again.set(false);
    wait(|| office.said.borrow().len(), || office.finished.get()).await.map_err(|left| format!("{left} not heard"))?;
    if let Some(refused) = office.refused.take() {
        return Err(format!("a message was refused: {refused}"));
    }
    let delivered = count_f64(latencies.count());
    Ok(Heard { per_cpu_s: delivered / cpu.as_secs_f64(), per_s: delivered / wall.as_secs_f64(), latencies })
}

/// A message to a room.
pub(super) fn groupchat(room: &str, id: &str) -> String {
    format!("<message xmlns='jabber:client' type='groupchat' to='{room}' id='{id}'><body>{PAD}</body></message>")
}

/// Logs all members of a room in and lets them enter, as standard clients do; each frame goes to `hears` with the number of who
/// hears it.
pub(super) async fn enter(
    server: &Server,
    room: &Room,
    hears: impl Fn(usize, &str) + Clone + 'static,
) -> Result<Vec<Orders>, String> {
    let people = server.accounts.strangers.get(..room.members).ok_or("too few accounts")?;
    let (inside, refused) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(None)));
    let mut everybody = Vec::with_capacity(people.len());
    for (who, session) in available(server, people).await?.into_iter().enumerate() {
        let (hears, inside, refused) = (hears.clone(), Rc::clone(&inside), Rc::clone(&refused));
        everybody.push(employ(session, move |frame| match entered(frame) {
            Some(Ok(())) => inside.set(inside.get() + 1),
            Some(Err(())) => drop(refused.replace(Some(frame.to_owned()))),
            None => hears(who, frame),
        }));
    }
    for (who, orders) in everybody.iter().enumerate() {
        wait(|| (who + 1).saturating_sub(ENTERING), || inside.get()).await.map_err(|_| "nobody enters any more")?;
        if let Some(refused) = refused.take() {
            return Err(format!("somebody may not enter: {refused}"));
        }
        let to = format!("{}/m{who}", room.jid);
        let presence = format!(
            "<presence xmlns='jabber:client' to='{to}'><x xmlns='http://jabber.org/protocol/muc'>\
             <history maxstanzas='0'/></x></presence>"
        );
        orders.try_send(Rc::from(presence)).map_err(|error| error.to_string())?;
    }
    wait(|| people.len(), || inside.get()).await.map_err(|left| format!("{left} do not enter"))?;
    Ok(everybody)
}

/// Whether this is the room's answer to who enters it (XEP-0045, 7.2.2).
fn entered(frame: &str) -> Option<Result<(), ()>> {
    if !frame.starts_with("<presence") {
        return None;
    }
    if attribute(frame, "type") == Some("error") {
        return Some(Err(()));
    }
    ["code='110'", "code=\"110\""].iter().any(|own| frame.contains(own)).then_some(Ok(()))
}

/// Waits until as much is done as is wanted, or nothing more is for long: how much is left then.
pub(super) async fn wait(wanted: impl Fn() -> usize, done: impl Fn() -> usize) -> Result<(), usize> {
    let (mut before, mut since) = (done(), Instant::now());
    loop {
        let (wanted, now) = (wanted(), done());
        if now >= wanted {
            return Ok(());
        }
        if now > before {
            (before, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            return Err(wanted - now);
        }
        tokio::time::sleep(TICK).await;
    }
}
