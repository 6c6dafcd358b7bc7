//! Whom something new in a bubble is pushed to: its members, by the same rule as of a message to one person.

use super::pager::{News, cut, page};
use crate::bubble::{Bubble, names};
use crate::conversation::Peer;
use crate::{App, AppError};
use domain::ids::{BubbleId, CompanyId, UserId};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use store::push_subscription::{self, Living, PushSubscription};
use store::{Connection, bubble, bubble_conversation, person};
use tokio::runtime::Handle;

/// After a look at a bubble the next one waits so long: who was told hears nothing more for longer than that.
const PAUSE: Duration = Duration::from_secs(1);

/// Who did what last.
type Last = (UserId, News);

/// Bubbles whose members were looked up just now, each with what has come there meanwhile. One look at a time a bubble: in one
/// where much is said a look stands for all that was said since the one before, so it costs no more the faster that is.
#[derive(Default)]
pub(super) struct Looks(Mutex<HashMap<BubbleId, Option<Last>>>);

/// A look that goes on.
struct Look {
    looks: Arc<Looks>,
    bubble: BubbleId,
}

impl Looks {
    fn lock(&self) -> MutexGuard<'_, HashMap<BubbleId, Option<Last>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(self: &Arc<Self>, runtime: &Handle, weak: Weak<App>, bubble: &BubbleId, mut last: Last) {
        let mut going_on = self.lock();
        if let Some(next) = going_on.get_mut(bubble) {
            *next = Some(last);
            return;
        }
        going_on.insert(bubble.clone(), None);
        drop(going_on);
        let look = Look { looks: Arc::clone(self), bubble: bubble.clone() };
        runtime.spawn(async move {
            loop {
                let Some(app) = weak.upgrade() else { return };
                if let Err(failure) = tell(&app, &look.bubble, &last).await {
                    tracing::error!(%failure, "who is to be told of a bubble could not be found");
                }
                drop(app);
                tokio::time::sleep(PAUSE).await;
                match look.next() {
                    Some(next) => last = next,
                    None => return,
                }
            }
        });
    }
}

impl Look {
    fn next(&self) -> Option<Last> {
        let mut going_on = self.looks.lock();
        let next = going_on.get_mut(&self.bubble).and_then(Option::take);
        if next.is_none() {
            going_on.remove(&self.bubble);
        }
        next
    }
}

impl Drop for Look {
    /// Where a look failed for good the next may begin all the same.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.looks.lock().remove(&self.bubble);
        }
    }
}

/// Pages everybody in the bubble but whose doing it is.
async fn tell(app: &App, id: &BubbleId, (sender, news): &Last) -> Result<(), AppError> {
    let (of, peer) = (members(app, id, sender), Peer::Bubble(id.clone()));
    let mut chosen = Vec::new();
    for (company, members) in of {
        let (of, living) = (id.clone(), app.pager.living());
        let found = app.company(&company).await?.read(move |c| browsers(c, members, &of, living)).await?;
        for (user, browsers) in found {
            let admitted = app.pager.admitted(browsers, &user, &peer);
            chosen.extend(admitted.into_iter().map(|(browser, place)| (company.clone(), browser, place)));
        }
    }
    if chosen.is_empty() {
        return Ok(());
    }
    let Some(payload) = payload(app, id, (sender, *news)).await? else { return Ok(()) };
    for (company, browser, place) in chosen {
        let topic = app.pager.topic(&browser.id, &peer);
        match page(company, browser, topic, payload.clone()) {
            Ok(page) => drop(place.send(page)),
            Err(failure) => tracing::error!(%failure, "a push could not be composed"),
        }
    }
    Ok(())
}

fn members(app: &App, id: &BubbleId, but: &UserId) -> BTreeMap<CompanyId, Vec<UserId>> {
    let relations = app.relations();
    let mut of: BTreeMap<CompanyId, Vec<UserId>> = BTreeMap::new();
    for user in relations.bubble(id).into_iter().flat_map(Bubble::accepted).filter(|user| *user != but) {
        let Some(member) = relations.member(user).filter(|member| member.active) else { continue };
        of.entry(member.company.clone()).or_default().push(user.clone());
    }
    of
}

fn browsers(
    c: &Connection,
    members: Vec<UserId>,
    of: &BubbleId,
    living: Living,
) -> Result<Vec<(UserId, Vec<PushSubscription>)>, AppError> {
    let mut found = Vec::new();
    for user in members {
        let Some(no) = person::find(c, &user)? else { continue };
        let browsers = push_subscription::living(c, no, living)?;
        if !browsers.is_empty() && !bubble_conversation::find(c, no, of)?.mute {
            found.push((user, browsers));
        }
    }
    Ok(found)
}

/// Who wrote, or published a poll, and in which bubble; never what.
async fn payload(app: &App, id: &BubbleId, (sender, news): (&UserId, News)) -> Result<Option<String>, AppError> {
    let Some(home) = app.relations().bubble(id).map(|bubble| bubble.company.clone()) else { return Ok(None) };
    let of = id.clone();
    let found = app.company(&home).await?.read(move |c| Ok::<_, AppError>(bubble::find(c, &of)?)).await?;
    let Some((_, description)) = found else { return Ok(None) };
    let name = names(app, vec![sender.clone()]).await?.remove(sender).unwrap_or_else(|| sender.to_string());
    let bubble = cut(&description.name);
    let json = json!({ "title": cut(&name), "bubble": bubble, "conversation": id, "kind": news.name() });
    Ok(Some(json.to_string()))
}
