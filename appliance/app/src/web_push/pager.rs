//! Whom a new message is pushed to: the browsers of the recipient whose own sign-in has no connected device.

use super::bubbles::Looks;
use super::collapse::Recent;
use super::{Page, Subscriber};
use crate::conversation::Peer;
use crate::live::Live;
use crate::sign_in::Lives;
use crate::{App, AppError, Counters, SignedInBy};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::clock::Clock;
use domain::ids::{BubbleId, CompanyId, SubscriptionId, UserId};
use domain::outbound::HttpsUrl;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use store::person::PersonNo;
use store::push_subscription::{self, PushSubscription};
use store::user::User;
use store::{Connection, Purpose, Store, conversation, user};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// A topic has at most 32 characters (RFC 8030, 5.4).
const TOPIC_BYTES: usize = 24;
/// Characters of a name that a push shows.
const TITLE_LENGTH_MAX: usize = 100;

/// A message that was just committed, and the browsers that may have to be told.
pub(crate) struct Due {
    /// The recipient's company.
    pub(crate) company: CompanyId,
    pub(crate) recipient: UserId,
    pub(crate) sender: UserId,
    /// What is told.
    pub(crate) news: News,
    /// What [`Pager::find`] found in the same transaction.
    pub(crate) browsers: Vec<PushSubscription>,
}

/// What somebody who is not there is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// A message waits for him.
    Message,
    /// He missed a call.
    MissedCall,
    /// A poll of a bubble waits for his vote.
    Poll,
}

impl News {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Poll => "poll",
            Self::MissedCall => "missed_call",
        }
    }
}

pub(crate) struct Pager {
    app: OnceLock<Weak<App>>,
    runtime: tokio::runtime::Handle,
    live: Arc<Live>,
    clock: Arc<dyn Clock>,
    lives: Lives,
    topics: hmac::Key,
    queue: OnceLock<mpsc::Sender<Page>>,
    recent: Mutex<Recent>,
    looks: Arc<Looks>,
    counters: Arc<Counters>,
}

impl Pager {
    /// Must be made inside the runtime that looks up names.
    pub(crate) fn new(
        store: &Store,
        live: &Arc<Live>,
        clock: &Arc<dyn Clock>,
        lives: Lives,
        counters: &Arc<Counters>,
    ) -> Arc<Self> {
        Arc::new(Self {
            app: OnceLock::new(),
            runtime: tokio::runtime::Handle::current(),
            live: Arc::clone(live),
            clock: Arc::clone(clock),
            lives,
            topics: hmac::Key::new(hmac::HMAC_SHA256, store.derive(Purpose::PushTopics).expose()),
            queue: OnceLock::new(),
            recent: Mutex::default(),
            looks: Arc::default(),
            counters: Arc::clone(counters),
        })
    }

    pub(crate) fn serve(&self, app: &Arc<App>) {
        // Set once, by the one start of the application.
        let _ = self.app.set(Arc::downgrade(app));
    }

    pub(super) fn connect(&self, queue: mpsc::Sender<Page>) {
        // A second deliverer would share the pages by chance: its queue ends here.
        let _ = self.queue.set(queue);
    }

    /// The recipient's browsers, in the transaction that stores the message; none for a conversation that is muted, or of
    /// somebody with himself. That it fails must not keep the message from being stored.
    pub(crate) fn find(&self, content: &Connection, recipient: PersonNo, sender: PersonNo) -> Vec<PushSubscription> {
        if self.queue.get().is_none() || recipient == sender {
            return Vec::new();
        }
        let find = || {
            let found = push_subscription::living(content, recipient, self.lives.living(self.clock.now_ms()))?;
            if found.is_empty() || conversation::is_muted(content, recipient, sender)? {
                return Ok(Vec::new());
            }
            Ok::<_, store::StoreError>(found)
        };
        find().unwrap_or_else(|failure| {
            tracing::error!(%failure, "who is to be pushed to could not be read");
            Vec::new()
        })
    }

    /// Pages that wait for who delivers them.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.get().map_or(0, |queue| queue.max_capacity().saturating_sub(queue.capacity()))
    }

    /// Pages whom it concerns. On the writer's thread after the commit, so it neither waits nor reads.
    pub(crate) fn page(&self, due: Due) {
        if due.browsers.is_empty() {
            return;
        }
        let of = Peer::User(due.sender.clone());
        for (browser, place) in self.admitted(due.browsers, &due.recipient, &of) {
            let (app, sender) = (self.app.get().cloned().unwrap_or_default(), due.sender.clone());
            let topic = self.topic(&browser.id, &of);
            let (company, news) = (due.company.clone(), due.news);
            self.runtime.spawn(async move {
                let Some(app) = app.upgrade() else { return };
                match compose(&app, (company, browser), (&sender, news), topic).await {
                    Ok(page) => drop(place.send(page)),
                    Err(failure) => tracing::error!(%failure, "a push could not be composed"),
                }
            });
        }
    }

    /// Pages the members of a bubble in which somebody has just said something, or asks it. On the writer's thread after the
    /// commit: who is to be told is looked up elsewhere.
    pub(crate) fn page_members(&self, bubble: &BubbleId, sender: &UserId, news: News) {
        if self.queue.get().is_some() {
            let app = self.app.get().cloned().unwrap_or_default();
            self.looks.begin(&self.runtime, app, bubble, (sender.clone(), news));
        }
    }

    /// Those of somebody's browsers that are told of a conversation now, each with a place in the queue: a place first, so
    /// that no more pages are composed than fit in.
    pub(super) fn admitted(
        &self,
        browsers: Vec<PushSubscription>,
        recipient: &UserId,
        of: &Peer,
    ) -> Vec<(PushSubscription, mpsc::OwnedPermit<Page>)> {
        let Some(queue) = self.queue.get() else { return Vec::new() };
        let now_ms = self.clock.now_ms();
        let connected = self.live.devices_by_sign_in(recipient);
        let chosen = {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            choose(browsers, &connected, &mut recent, of, now_ms)
        };
        let with_place = chosen.into_iter().filter_map(|browser| {
            let place = queue.clone().try_reserve_owned();
            if place.is_err() {
                self.counters.pages_dropped.one();
                tracing::warn!("more pushes are due than can be sent: one is dropped");
            }
            Some((browser, place.ok()?))
        });
        with_place.collect()
    }

    /// Which sessions live now.
    pub(super) fn living(&self) -> push_subscription::Living {
        self.lives.living(self.clock.now_ms())
    }

    /// One for each browser and conversation, which tells the push service of neither.
    pub(super) fn topic(&self, to: &SubscriptionId, of: &Peer) -> String {
        let of = match of {
            Peer::User(user) => user.as_str(),
            Peer::Bubble(bubble) => bubble.as_str(),
        };
        let mut context = hmac::Context::with_key(&self.topics);
        context.update(to.as_str().as_bytes());
        context.update(of.as_bytes());
        BASE64.encode(&context.sign().as_ref()[..TOPIC_BYTES])
    }
}

/// The rule: browsers whose sign-in has no connected device, unless they were told of this conversation just now.
fn choose(
    browsers: Vec<PushSubscription>,
    connected: &HashMap<SignedInBy, usize>,
    recent: &mut Recent,
    of: &Peer,
    now_ms: i64,
) -> Vec<PushSubscription> {
    let away =
        browsers.into_iter().filter(|browser| !connected.contains_key(&SignedInBy::Session(browser.session.clone())));
    away.filter(|browser| recent.admits(&browser.id, of, now_ms)).collect()
}

async fn compose(
    app: &App,
    (company, browser): (CompanyId, PushSubscription),
    (sender, news): (&UserId, News),
    topic: String,
) -> Result<Page, AppError> {
    let home = app.relations().member(sender).map(|member| member.company.clone());
    let database = app.company(&home.ok_or(AppError::NotFound("user"))?).await?;
    let wanted = sender.clone();
    let found = database.read(move |c| Ok::<_, AppError>(user::find(c, &wanted)?)).await?;
    let title = title(&found.ok_or(AppError::NotFound("user"))?);
    let payload = json!({ "title": title, "conversation": sender, "kind": news.name() }).to_string();
    page(company, browser, topic, payload)
}

pub(super) fn page(
    company: CompanyId,
    browser: PushSubscription,
    topic: String,
    payload: String,
) -> Result<Page, AppError> {
    let endpoint = HttpsUrl::parse(&browser.endpoint);
    let endpoint = endpoint.map_err(|why| AppError::invalid("endpoint", why))?;
    let to = Subscriber { company, id: browser.id, endpoint, p256dh: browser.p256dh, auth: browser.auth };
    Ok(Page { to, topic, payload: Zeroizing::new(payload) })
}

/// First and last name, else the address's local part: who is written to sees both.
fn title(sender: &User) -> String {
    let name = sender.profile.full_name();
    let address = sender.email.as_str().split('@').next().unwrap_or_default();
    let shown = if name.is_empty() { address } else { &name };
    cut(shown)
}

/// As much of a name as a push shows.
pub(super) fn cut(name: &str) -> String {
    name.chars().take(TITLE_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::SessionId;

    fn session(name: &str) -> SessionId {
        SessionId::parse(&format!("{name:d<24}")).expect("an id")
    }

    fn browser(number: u32, session_name: &str) -> PushSubscription {
        PushSubscription {
            id: SubscriptionId::parse(&format!("d{number:023}")).expect("an id"),
            user: PersonNo(1),
            session: session(session_name),
            endpoint: String::new(),
            p256dh: Vec::new(),
            auth: Zeroizing::default(),
            created_ms: 0,
        }
    }

    #[test]
    fn browsers_whose_sign_in_is_connected_are_not_told_and_the_others_are_j9() {
        let sender = Peer::User(UserId::parse("a00000000000000000000bad").expect("an id"));
        let connected = HashMap::from([(SignedInBy::Session(session("a1")), 1)]);
        let mut recent = Recent::default();
        let mut chosen = |now_ms| {
            let browsers = vec![browser(1, "a1"), browser(2, "a2"), browser(3, "a3")];
            let chosen = choose(browsers, &connected, &mut recent, &sender, now_ms);
            chosen.into_iter().map(|browser| browser.session).collect::<Vec<_>>()
        };
        assert_eq!(chosen(0), [session("a2"), session("a3")]);
        assert!(chosen(10).is_empty(), "told just now");
        assert_eq!(chosen(60_000), [session("a2"), session("a3")]);
    }
}
