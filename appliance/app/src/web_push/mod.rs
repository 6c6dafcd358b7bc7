//! Pushes to browsers of people who are away (RFC 8030), with a key of the box's own (RFC 8292).
//!
//! Who is to be told is decided here; `outbound` calls the push services. What waits between the two is kept in memory
//! only, and dropped when there is too much of it: a push says that there is something to read, and the archive holds it.

mod bubbles;
mod collapse;
mod forget;
mod key;
mod list;
mod pager;
mod subscribe;
mod unsubscribe;

pub use forget::forget;
pub use key::{BoxKey, box_key, public_key};
pub use list::{ListedSubscription, list};
pub(crate) use pager::{Due, News, Pager};
pub use subscribe::{NewSubscription, subscribe};
pub use unsubscribe::unsubscribe;

use crate::App;
use domain::ids::{CompanyId, SubscriptionId};
use domain::outbound::HttpsUrl;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Pages that wait for `outbound`; more are dropped.
const QUEUE_MAX: usize = 256;

/// What is to be told to one browser.
pub struct Page {
    /// To whom.
    pub to: Subscriber,
    /// A later page of the same topic replaces this one while the browser cannot be reached (RFC 8030, 5.4).
    pub topic: String,
    /// JSON: `title` (who wrote, called or asks), `conversation`, `kind`, and `bubble` (its name) where it is one.
    pub payload: Zeroizing<String>,
}

/// A browser, and how to reach it.
pub struct Subscriber {
    /// The company of its user.
    pub company: CompanyId,
    /// Its subscription.
    pub id: SubscriptionId,
    /// Where its push service takes pushes: a capability, never logged.
    pub endpoint: HttpsUrl,
    /// Its public key, an uncompressed point on P-256.
    pub p256dh: Vec<u8>,
    /// Its secret, 16 bytes.
    pub auth: Zeroizing<Vec<u8>>,
}

/// The pages from now on, for whoever delivers them. Until this was called nobody is paged. There is one deliverer: who
/// comes later gets a queue that has ended.
#[must_use]
pub fn pages(app: &App) -> mpsc::Receiver<Page> {
    let (queue, pages) = mpsc::channel(QUEUE_MAX);
    app.pager.connect(queue);
    pages
}
