//! Well-behaved people: colleagues who write to one another and ask for things, and newcomers who sign in.

use crate::ledger::{Ledger, Letter, Report};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use world::{Answer, Device, EdgeBox, Person, SignedIn};

/// Each writes and asks as often.
const EVERY: Duration = Duration::from_secs(1);
/// Between two sign-ins of newcomers.
const NEWCOMER_EVERY: Duration = Duration::from_millis(400);
/// Before somebody whose stream broke comes back.
const BACK_AFTER: Duration = Duration::from_secs(1);

/// Somebody of the office, by number.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) number: usize,
    pub(crate) me: SignedIn,
    /// Bare JID of the colleague.
    pub(crate) colleague: String,
    pub(crate) edge: Arc<EdgeBox>,
    pub(crate) ledger: Arc<Ledger>,
}

impl User {
    /// Works for ever. What goes wrong is written down, and then this user goes on as a real client would.
    pub(crate) async fn work(self) {
        tokio::spawn(self.clone().ask_for_ever());
        loop {
            let life = self.ledger.begin_life(self.number);
            let fell = tokio::spawn(self.clone().write_and_read(life)).await;
            self.ledger.failed(format!("the stream of user {} broke: {}", self.number, words(fell)));
            tokio::time::sleep(BACK_AFTER).await;
        }
    }

    /// One stream, until it breaks.
    async fn write_and_read(self, life: u32) {
        let mut device = Device::online(&self.edge, &self.me, &format!("office-{life}")).await;
        // The users do not speak in chorus.
        let offset = EVERY.mul_f64(self.number as f64 / 50.0 % 1.0);
        let mut pace = interval_at(Instant::now() + offset, EVERY);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut next = 0;
        loop {
            tokio::select! {
                _ = pace.tick() => if self.ledger.is_working() {
                    let letter = Letter { sender: self.number, life, number: next };
                    self.ledger.sent(letter);
                    device.message(&self.colleague, &letter.id(), &body(letter), world::device::STORE).await;
                    next += 1;
                },
                element = device.next() => {
                    let element = element.expect("the stream stays open");
                    if let (Some(letter), Some(text)) = (element.attr("id").and_then(Letter::from_id), element.body()) {
                        assert_ne!(element.attr("type"), Some("error"), "a colleague's message is refused: {element:?}");
                        self.ledger.came(letter, text == body(letter));
                    }
                }
            }
        }
    }

    async fn ask_for_ever(self) {
        let users = "/api/rainbow/enduser/v1.0/users";
        let (id, company) = (self.me.id(), self.me.company_id());
        let paths = [
            format!("{users}/{id}?format=full"),
            format!("{users}/{id}/settings"),
            format!("{users}/{id}/conversations?format=full"),
            format!("/api/rainbow/enduser/v1.0/companies/{company}"),
        ];
        let offset = EVERY.mul_f64((self.number as f64 / 50.0 + 0.37) % 1.0);
        let mut pace = interval_at(Instant::now() + offset, EVERY);
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for path in paths.iter().cycle() {
            pace.tick().await;
            if !self.ledger.is_working() {
                continue;
            }
            let (client, path) = (self.me.client.clone(), path.clone());
            let begun = self.ledger.begin();
            let answered = tokio::spawn(async move { client.get(&path).await }).await;
            let outcome = answered.map_err(|error| words(Err(error))).and_then(|answer| success(&answer));
            self.ledger.end(begun, |report: &mut Report| &mut report.requests_ms, outcome);
        }
    }
}

/// People who come one after another, each with password, stream and request, and go again.
pub(crate) async fn newcomers(edge: Arc<EdgeBox>, people: Vec<Person>, ledger: Arc<Ledger>) {
    for person in people.iter().cycle() {
        tokio::time::sleep(NEWCOMER_EVERY).await;
        if !ledger.is_working() {
            continue;
        }
        let begun = ledger.begin();
        let came = tokio::spawn(come_and_go(Arc::clone(&edge), person.clone())).await;
        let outcome = came.map_err(|error| format!("{} could not sign in: {}", person.email, words(Err(error))));
        ledger.end(begun, |report: &mut Report| &mut report.sign_ins_ms, outcome);
    }
}

/// Signs in, opens a stream, asks for oneself, leaves.
pub(crate) async fn come_and_go(edge: Arc<EdgeBox>, person: Person) {
    let me = person.sign_in(&edge).await;
    let device = Device::sign_in(&edge, &me, "newcomer").await;
    let answer = me.client.get(&format!("/api/rainbow/enduser/v1.0/users/{}", me.id())).await;
    success(&answer).expect("a newcomer reads the own account");
    device.leave().await;
    success(&me.sign_out().await).expect("a newcomer signs out");
}

fn success(answer: &Answer) -> Result<(), String> {
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    Err(format!("{}: {} {}", answer.asked, answer.status, answer.text()))
}

/// The text of a letter follows from its name.
fn body(letter: Letter) -> String {
    let mut chance = world::Seeded::new(u64::from(letter.number) << 32 | letter.sender as u64);
    format!("{} {}", letter.id(), format!("{:016x} ", chance.bits()).repeat(1 + letter.number as usize % 8))
}

/// Why a task ended: the words of its panic.
pub(crate) fn words(ended: Result<(), tokio::task::JoinError>) -> String {
    let Err(error) = ended else { return "it ended".to_owned() };
    let Ok(panic) = error.try_into_panic() else { return "it was cancelled".to_owned() };
    let text = panic.downcast_ref::<String>().cloned();
    let mut text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
    text.truncate(text.floor_char_boundary(600));
    text
}
