//! Push services of browsers (RFC 8030): takes the pages that `app` decided on, encrypts and delivers them.
//!
//! Best effort: what waits here is lost with the process, what a service does not take in a minute or so is given up.

mod content;
mod vapid;
mod verdict;

use crate::{Https, OutboundError};
use app::App;
use app::web_push::{self, Page};
use content::Receiver;
use domain::clock::Rng;
use domain::outbound::AllowedHost;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use verdict::{Verdict, verdict};

/// Pages on their way at once, those that wait for another try included.
const ON_THEIR_WAY_MAX: usize = 64;
/// How long a service keeps a push for a browser that it cannot reach, in seconds.
const KEPT_S: HeaderValue = HeaderValue::from_static("86400");
/// RFC 8030, 5.3: a chat message.
const URGENCY: HeaderValue = HeaderValue::from_static("normal");
/// Services with something wrong that was told already.
const TOLD_MAX: usize = 64;

/// What delivers.
pub struct Push {
    /// The client.
    pub https: Https,
    /// Services that may be called; looked at again here, because the list may have changed since a browser subscribed.
    pub hosts: Vec<AllowedHost>,
    /// `mailto:` or `https:` address of whoever runs the box; without one its own address is told.
    pub contact: Option<String>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
}

/// What every page on its way works with. The application is held weakly: it closes when its last owner goes.
struct Delivery {
    push: Push,
    app: Weak<App>,
    told: Mutex<HashSet<String>>,
}

impl Push {
    /// Delivers pages until there can be no more. Whoever drops this gives up what is on its way.
    pub async fn run(self, app: Weak<App>, mut pages: mpsc::Receiver<Page>) {
        let delivery = Arc::new(Delivery { push: self, app, told: Mutex::default() });
        let mut on_their_way = JoinSet::new();
        while let Some(page) = pages.recv().await {
            while on_their_way.try_join_next().is_some() {}
            if on_their_way.len() >= ON_THEIR_WAY_MAX {
                on_their_way.join_next().await;
            }
            let delivery = Arc::clone(&delivery);
            on_their_way.spawn(async move { delivery.deliver(&page).await });
        }
    }
}

impl Delivery {
    async fn deliver(&self, page: &Page) {
        let (headers, body) = match self.compose(page).await {
            Ok(Some(composed)) => composed,
            Ok(None) => return,
            Err(failure) => return self.tell(page, &failure.to_string()),
        };
        for tried in 1.. {
            let outcome = self.push.https.post(&page.to.endpoint, headers.clone(), body.clone()).await;
            match verdict(&outcome, tried) {
                Verdict::Taken => return self.works(page),
                Verdict::Gone => return self.forget(page).await,
                Verdict::Again(pause) => tokio::time::sleep(pause).await,
                Verdict::GivenUp => {
                    let why =
                        outcome.map_or_else(|e| e.to_string(), |answered| format!("it answered {}", answered.status));
                    return self.tell(page, &why);
                }
            }
        }
    }

    /// `None`: the box is closing.
    async fn compose(&self, page: &Page) -> Result<Option<(HeaderMap, Bytes)>, OutboundError> {
        let to = &page.to.endpoint;
        if !self.push.hosts.iter().any(|host| host.admits(to)) {
            return Err(OutboundError::Unlisted);
        }
        let Some(app) = self.app.upgrade() else { return Ok(None) };
        let key = web_push::box_key(&app).await.map_err(|_| OutboundError::Made("the box's key"))?;
        let contact = self.push.contact.clone().unwrap_or_else(|| format!("https://{}", app.name()));
        let authorization = vapid::authorization(&key, to, &contact, app.now_ms())?;
        drop(app);
        let receiver = Receiver { p256dh: &page.to.p256dh, auth: &page.to.auth };
        let body = content::seal(&receiver, page.payload.as_bytes(), self.push.rng.as_ref())?;
        Ok(Some((headers(authorization, &page.topic)?, Bytes::from(body))))
    }

    async fn forget(&self, page: &Page) {
        let Some(app) = self.app.upgrade() else { return };
        if let Err(failure) = web_push::forget(&app, &page.to).await {
            tracing::error!(%failure, "a subscription that is no more could not be removed");
        }
    }

    /// Tells once what is wrong with a service, until it works again: each page would say the same. Of the address only the
    /// host is told; the rest of it is a capability.
    fn tell(&self, page: &Page, why: &str) {
        let service = page.to.endpoint.origin();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < TOLD_MAX && told.insert(service.clone()) {
            tracing::warn!(service, why, "a push service took no push; further failures of it are not told");
        }
    }

    fn works(&self, page: &Page) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).remove(&page.to.endpoint.origin());
    }
}

fn headers(authorization: String, topic: &str) -> Result<HeaderMap, OutboundError> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| OutboundError::Made("a header"));
    let mut authorization = value(&authorization)?;
    authorization.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, authorization),
        (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (HeaderName::from_static("ttl"), KEPT_S),
        (HeaderName::from_static("urgency"), URGENCY),
        (HeaderName::from_static("topic"), value(topic)?),
    ]))
}
