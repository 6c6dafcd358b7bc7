//! A session without connection: how long it waits for its client, who may come for it, and what becomes of it (XEP-0198).

use super::{Bound, Loop, deliver};
use crate::endpoint::Endpoint;
use crate::handlers::{Session, refuse_request};
use crate::jid::FullJid;
use crate::stream::{Management, Output, Owed, Stream, StreamCondition, Ticket};
use crate::transport::Transport;
use app::{Caller, SignedInBy, message};
use domain::ids::UserId;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// Ended sessions of which is still known how much they had handled.
const ENDED_MAX: usize = 1_000;
/// For whoever holds a session to let it go.
const HAND_OVER_WITHIN: Duration = Duration::from_secs(5);
/// For the connection that was left, to be told so.
const SEND_OFF_WITHIN: Duration = Duration::from_secs(1);

/// A session on its way from one connection to the next.
pub(crate) struct Handover {
    pub(super) bound: Bound,
    pub(super) management: Management,
}

/// Where to put the session that somebody has come for.
pub(super) type Claim = oneshot::Sender<Handover>;
/// Resolves when somebody comes.
pub(super) type Claims = oneshot::Receiver<Claim>;

struct Waiting {
    user: UserId,
    signed_in_by: SignedInBy,
    claims: oneshot::Sender<Claim>,
}

#[derive(Default)]
struct Register {
    waiting: HashMap<String, Waiting>,
    ended: VecDeque<(String, UserId, u32)>,
}

/// The sessions that may be resumed, by the ids of their tickets.
#[derive(Default)]
pub(crate) struct Resumptions(Mutex<Register>);

impl Resumptions {
    fn lock(&self) -> MutexGuard<'_, Register> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offer(&self, id: &str, caller: &Caller) -> Claims {
        let (claims, coming) = oneshot::channel();
        let (user, signed_in_by) = (caller.user.clone(), caller.signed_in_by.clone());
        self.lock().waiting.insert(id.to_owned(), Waiting { user, signed_in_by, claims });
        coming
    }

    /// Whoever holds the session, if it is the caller's; else how much of it was handled before it ended. A session
    /// belongs to the sign-in that it was opened with, because it ends with it.
    fn claim(&self, id: &str, caller: &Caller) -> Result<oneshot::Sender<Claim>, Option<u32>> {
        let mut register = self.lock();
        let is_own = |waiting: &Waiting| waiting.user == caller.user && waiting.signed_in_by == caller.signed_in_by;
        if register.waiting.get(id).is_some_and(is_own) {
            return register.waiting.remove(id).map(|waiting| waiting.claims).ok_or(None);
        }
        let ended = register.ended.iter().find(|(ended, user, _)| ended == id && *user == caller.user);
        Err(ended.map(|(_, _, handled)| *handled))
    }

    fn end(&self, id: &str, user: &UserId, handled: u32) {
        let mut register = self.lock();
        register.waiting.remove(id);
        if register.ended.len() == ENDED_MAX {
            register.ended.pop_front();
        }
        register.ended.push_back((id.to_owned(), user.clone(), handled));
    }
}

impl<T: Transport> Loop<T> {
    pub(super) fn enable(&mut self, life_s: Option<u64>) {
        let Some(bound) = &self.bound else { return };
        let ticket = life_s.map(|life_s| Ticket { id: self.endpoint.random_name(), life_s });
        if let Some(ticket) = &ticket {
            self.claims = Some(self.endpoint.resumptions.offer(&ticket.id, &bound.session.caller));
        }
        self.stream.handle_enabled(ticket);
    }

    pub(super) async fn resume(&mut self, previd: &str) {
        let answer = match &self.caller {
            Some(caller) => fetch(&self.endpoint, caller, previd).await,
            None => Err(None),
        };
        match answer {
            Ok((jid, Handover { bound, management })) => {
                self.endpoint.counters.resumed.one();
                self.claims = Some(self.endpoint.resumptions.offer(previd, &bound.session.caller));
                self.bound = Some(bound);
                self.next_check = Some(Instant::now());
                // The client takes what was handled for safe.
                self.uncommitted = true;
                self.commit().await;
                self.stream.handle_resumed(Ok((jid, management)));
                self.release_held();
            }
            Err(handled) => {
                self.endpoint.counters.resume_refused.one();
                self.stream.handle_resumed(Err(handled));
            }
        }
    }
}

/// The caller's session of this id, from whoever holds it.
async fn fetch(endpoint: &Endpoint, caller: &Caller, previd: &str) -> Result<(FullJid, Handover), Option<u32>> {
    let holder = endpoint.resumptions.claim(previd, caller)?;
    let (claim, handed) = oneshot::channel();
    holder.send(claim).map_err(|_| None)?;
    let Ok(Ok(handover)) = timeout(HAND_OVER_WITHIN, handed).await else { return Err(None) };
    let session = &handover.bound.session;
    let jid = FullJid::parse(&session.at.full(&session.device.user, &session.device.resource));
    Ok((jid.map_err(|_| None)?, handover))
}

/// Waits for the client of a lost connection to come back, if it may, and as long as its device is not ended.
pub(super) async fn outlive(
    endpoint: &Endpoint,
    bound: Option<Bound>,
    management: Option<Management>,
    claims: Option<Claims>,
) {
    let life_s = management.as_ref().and_then(Management::ticket).map(|ticket| ticket.life_s);
    let (mut bound, claims, life_s) = match (bound, claims, life_s) {
        (Some(bound), Some(claims), Some(life_s)) => (bound, claims, life_s),
        (bound, ..) => return Box::pin(finish(endpoint, bound, management)).await,
    };
    endpoint.counters.left.one();
    bound.tell_presence_now().await;
    let claim = tokio::select! {
        biased;
        claim = claims => claim.ok(),
        _ended = &mut bound.ended => None,
        () = tokio::time::sleep(Duration::from_secs(life_s)) => None,
    };
    endpoint.counters.waited.one();
    match (claim, management) {
        (Some(claim), Some(management)) => {
            Box::pin(hand_over(endpoint, claim, Some(Handover { bound, management }))).await;
        }
        (_, management) => Box::pin(finish(endpoint, Some(bound), management)).await,
    }
}

/// Gives the session to who came for it. Whoever has gone meanwhile does not come again.
pub(super) async fn hand_over(endpoint: &Endpoint, claim: Claim, kept: Option<Handover>) {
    let Some(kept) = kept else { return };
    if let Err(Handover { bound, management }) = claim.send(kept) {
        finish(endpoint, Some(bound), Some(management)).await;
    }
}

/// Tells the connection that its session goes on elsewhere; it may be dead and take nothing.
pub(super) async fn send_off<T: Transport>(mut transport: T, mut stream: Stream) {
    while stream.poll_output().is_some() {}
    stream.fail(StreamCondition::Conflict, "the session was resumed on another connection");
    let told = timeout(SEND_OFF_WITHIN, async {
        while let Some(Output::Send(frame)) = stream.poll_output() {
            transport.feed(frame).await?;
        }
        transport.flush().await
    });
    if matches!(told.await, Ok(Ok(()))) {
        transport.close(None).await;
    }
}

/// The end of a session. Messages that its client may never have seen wait again, requests are answered in its place.
pub(super) async fn finish(endpoint: &Endpoint, bound: Option<Bound>, management: Option<Management>) {
    let Some(mut bound) = bound else { return };
    let Session { app, caller, device, .. } = &bound.session;
    // From here on nothing more comes into the queue.
    app.live().leave(device);
    let mut owed = Vec::new();
    if let Some(management) = management {
        if let Some(ticket) = management.ticket() {
            endpoint.resumptions.end(&ticket.id, &caller.user, management.handled());
        }
        owed = management.into_owed();
    }
    owed.extend(std::mem::take(&mut bound.held).into_owed());
    while let Some(push) = bound.pushes.take() {
        owed.extend(deliver::owed(&push));
    }
    let mut unseen = Vec::new();
    for one in owed {
        match one {
            Owed::Message(message) => unseen.push(message),
            Owed::Request(request) => refuse_request(&bound.session, &request),
        }
    }
    if let Err(failure) = message::give_back(app, caller, device, unseen).await {
        tracing::error!(%failure, "messages that a device did not take could not be made to wait again");
    }
}
