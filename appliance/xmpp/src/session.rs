//! The loop of one connection: frames in, pushes out, time-outs. It ends with the connection; the session that was
//! bound ends with it too, or waits for its client to come back (XEP-0198).

mod deliver;
mod identify;
mod presence;
mod resume;

pub(crate) use resume::Resumptions;

use crate::endpoint::Endpoint;
use crate::handlers::{self, Session};
use crate::render::stream_error;
use crate::stream::{Carrier, Output, Stream, StreamCondition, StreamSettings};
use crate::transport::{FrameRefusal, Incoming, Transport, TransportError};
use crate::xml::Element;
use app::live::{Ending, Push, Pushes};
use app::{AppError, Caller, Visitor, message, sign_in};
use deliver::Held;
use presence::Later;
use resume::{Claim, Claims, Handover};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A stream that could not ask whether its sign-in session still lives asks again after this.
const SESSION_CHECK_AGAIN: Duration = Duration::from_secs(60);

/// A device in the registry. It goes out of it however the loop ends.
pub(crate) struct Bound {
    session: Session,
    pushes: Pushes,
    /// Resolves when the registry has ended the device.
    ended: oneshot::Receiver<Ending>,
    held: Held,
    /// What its client said last of its presence, until that may be told. Boxed: hardly anybody has any.
    later: Option<Box<Later>>,
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.session.app.live().leave(&self.session.device);
    }
}

/// What one connection is opened with.
pub(crate) struct Opening {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) settings: Arc<StreamSettings>,
    pub(crate) carrier: Carrier,
    pub(crate) visitor: Option<Visitor>,
}

struct Loop<T> {
    endpoint: Arc<Endpoint>,
    transport: T,
    visitor: Option<Visitor>,
    stream: Stream,
    started: Instant,
    caller: Option<Caller>,
    bound: Option<Bound>,
    /// Somebody may come for the session: new since the last turn.
    claims: Option<Claims>,
    /// Messages were handed on that may not be on the disk yet.
    uncommitted: bool,
    /// When to ask whether the sign-in session still lives; `None` before a device is bound.
    next_check: Option<Instant>,
}

enum Turn {
    Frame(Result<Incoming, TransportError>),
    Push(Push),
    /// The registry has ended the device.
    DeviceEnded(Option<Ending>),
    StreamTimeout,
    SessionCheck,
    PresenceDue,
    Closing,
}

/// How a connection ended.
enum End {
    /// In order, or by what was refused.
    Closed(Option<FrameRefusal>),
    /// Without a word.
    Lost(TransportError),
    /// The client has come back on another connection.
    Claimed(Claim),
}

/// What a loop of turns came to.
enum Turns {
    /// The session may be claimed from now on.
    Claimable,
    Ended(End),
}

/// Serves one connection until it ends; `closing` asks for its end while nobody is bound.
///
/// No `async fn`: that would keep room for what it was called with beside what it makes of it, in each session.
pub(crate) fn serve<T: Transport>(
    opening: Opening,
    transport: T,
    closing: impl Future<Output = ()> + Send,
) -> impl Future<Output = ()> + Send {
    let Opening { endpoint, settings, carrier, visitor } = opening;
    endpoint.counters.streams.one();
    let mut serving = Loop {
        stream: Stream::new(settings, carrier, endpoint.random_name(), 0),
        endpoint,
        transport,
        visitor,
        started: Instant::now(),
        caller: None,
        bound: None,
        claims: None,
        uncommitted: false,
        next_check: None,
    };
    async move {
        let (end, claims) = serving.run(closing).await;
        serving.conclude(end, claims).await;
    }
}

impl<T: Transport> Loop<T> {
    /// What becomes of the session whose connection has ended. On the heap, each end by itself: neither while it is served
    /// nor while it waits for its client must a session keep room for what may never be.
    fn conclude<'a>(self, end: End, claims: Option<Claims>) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>
    where
        Self: 'a,
    {
        let Self { endpoint, transport, mut stream, bound, .. } = self;
        let management = stream.take_management();
        if let End::Lost(lost) = &end {
            endpoint.counters.lost(lost);
        }
        match end {
            End::Closed(refusal) => Box::pin(async move {
                resume::finish(&endpoint, bound, management).await;
                transport.close(refusal).await;
            }),
            // What has ended with an error is not resumed, whether the client heard it or not.
            End::Lost(_) | End::Claimed(_) if stream.is_closed() => Box::pin(async move {
                let _left_until_then = transport;
                resume::finish(&endpoint, bound, management).await;
            }),
            End::Claimed(claim) => Box::pin(async move {
                let kept = bound.zip(management).map(|(bound, management)| Handover { bound, management });
                resume::hand_over(&endpoint, claim, kept).await;
                resume::send_off(transport, stream).await;
            }),
            End::Lost(lost) => {
                tracing::debug!(%lost, "a connection ended without a close");
                Box::pin(async move { resume::outlive(&endpoint, bound, management, claims).await })
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A claim may interrupt the turns anywhere: what the client sent is counted only once it is dealt with, and what
    /// was to be sent is kept until it is acknowledged.
    async fn run(&mut self, closing: impl Future<Output = ()> + Send) -> (End, Option<Claims>) {
        let mut closing = std::pin::pin!(closing);
        let mut claims: Option<Claims> = None;
        loop {
            let turns = match &mut claims {
                None => self.turns(closing.as_mut()).await,
                Some(coming) => tokio::select! {
                    biased;
                    claim = coming => match claim {
                        Ok(claim) => return (End::Claimed(claim), None),
                        Err(_) => { claims = None; continue }
                    },
                    turns = self.turns(closing.as_mut()) => turns,
                },
            };
            match turns {
                Turns::Claimable => claims = self.claims.take(),
                Turns::Ended(end) => return (end, claims.or_else(|| self.claims.take())),
            }
        }
    }

    async fn turns(&mut self, closing: impl Future<Output = ()> + Send) -> Turns {
        match self.try_turns(closing).await {
            Ok(turns) => turns,
            Err(lost) => Turns::Ended(End::Lost(lost)),
        }
    }

    async fn try_turns(&mut self, closing: impl Future<Output = ()> + Send) -> Result<Turns, TransportError> {
        let mut closing = std::pin::pin!(closing);
        let mut refused = None;
        loop {
            self.send_due().await;
            if self.write_outputs().await? {
                return Ok(Turns::Ended(End::Closed(refused)));
            }
            if self.claims.is_some() {
                return Ok(Turns::Claimable);
            }
            match self.next_turn(closing.as_mut()).await {
                Turn::Frame(frame) => refused = self.take(frame?)?,
                Turn::Push(push) => self.take_pushes(push).await,
                Turn::DeviceEnded(ending) => {
                    let (condition, text) = stream_error(ending);
                    self.stream.fail(condition, text);
                }
                Turn::StreamTimeout => {
                    let now_ms = self.now_ms();
                    if self.bound.is_none() {
                        self.endpoint.counters.too_late.one();
                    }
                    self.stream.handle_timeout(now_ms);
                }
                Turn::SessionCheck => Box::pin(self.check_session()).await,
                Turn::PresenceDue => Box::pin(self.tell_presence()).await,
                Turn::Closing => self.stream.fail(StreamCondition::SystemShutdown, "the box stops"),
            }
        }
    }

    async fn next_turn(&mut self, closing: impl Future<Output = ()> + Send) -> Turn {
        let stream_timeout = self.stream.poll_timeout().map(|at_ms| self.started + Duration::from_millis(at_ms));
        let far = Instant::now() + Duration::from_secs(86_400);
        let presence_due = self.bound.as_ref().and_then(|bound| bound.later.as_ref()).map(|later| later.at);
        // One timer for both: most sessions have nothing to tell later.
        let next = [self.next_check, presence_due].into_iter().flatten().min();
        let is_bound = self.bound.is_some();
        let ready = !self.stream.is_backlogged();
        let of_device = next_of_device(self.bound.as_mut(), ready);
        tokio::select! {
            turn = of_device => turn,
            frame = self.transport.next_frame() => Turn::Frame(frame),
            () = tokio::time::sleep_until(stream_timeout.unwrap_or(far)) => Turn::StreamTimeout,
            () = tokio::time::sleep_until(next.unwrap_or(far)) => {
                if presence_due == next { Turn::PresenceDue } else { Turn::SessionCheck }
            }
            // Bound devices are told by the registry.
            () = closing, if !is_bound => Turn::Closing,
        }
    }

    /// What was refused, if that ends the stream.
    fn take(&mut self, incoming: Incoming) -> Result<Option<FrameRefusal>, TransportError> {
        let now_ms = self.now_ms();
        match incoming {
            Incoming::Text(text) => self.stream.handle_frame(text.as_str(), now_ms),
            Incoming::Header(tag) => self.stream.handle_header(&tag, now_ms),
            Incoming::End => self.stream.handle_end(),
            Incoming::Silent => self.stream.ask_whether_there(),
            Incoming::Closed => return Err(TransportError::Lost),
            Incoming::Refused(refusal) => {
                self.endpoint.counters.frame_refused(refusal);
                self.stream.fail(refusal.condition(), &refusal.to_string());
                return Ok(Some(refusal));
            }
        }
        self.release_held();
        Ok(None)
    }

    /// Does what the stream asks for; `true` when it has ended.
    async fn write_outputs(&mut self) -> Result<bool, TransportError> {
        let mut wrote = false;
        loop {
            while let Some(output) = self.stream.poll_output() {
                match output {
                    Output::Send(frame) => {
                        self.transport.feed(frame).await?;
                        wrote = true;
                    }
                    Output::Close => {
                        self.transport.flush().await?;
                        return Ok(true);
                    }
                    Output::GiveUp => return Err(TransportError::Silent),
                    // On the heap while it lasts: a session that waits for its next stanza must not keep room for it.
                    other => Box::pin(self.answer(other)).await,
                }
            }
            if !wrote {
                return Ok(false);
            }
            let now_ms = self.now_ms();
            self.stream.ask_acknowledgement(now_ms);
            match self.stream.poll_output() {
                Some(Output::Send(frame)) => self.transport.feed(frame).await?,
                _ => {
                    self.transport.flush().await?;
                    return Ok(false);
                }
            }
        }
    }

    /// Answers what the stream asked.
    async fn answer(&mut self, output: Output) {
        match output {
            Output::Authenticate { username, password } => {
                let answer = self.authenticate(&username, password.reveal()).await;
                let now_ms = self.now_ms();
                self.stream.handle_authentication(answer, now_ms);
            }
            Output::FindSalt { username } => {
                let salt = identify::find_salt(&self.endpoint, &username).await;
                let now_ms = self.now_ms();
                self.stream.handle_salt(&salt, now_ms);
            }
            Output::Verify { username, proof } => {
                let answer = self.verify(&username, &proof).await;
                let now_ms = self.now_ms();
                self.stream.handle_proof(answer, now_ms);
            }
            Output::VerifyToken { username, proof } => {
                let mechanism = proof.mechanism;
                let answer = self.verify_token(&username, *proof).await;
                let now_ms = self.now_ms();
                self.stream.handle_token_proof(mechanism, answer, now_ms);
            }
            Output::MakeToken { agent, mechanism } => {
                let made = self.make_token(&agent, mechanism).await;
                self.stream.handle_made_token(made.as_ref());
            }
            Output::Bind { resource, prefix, copies, .. } => {
                let answer = self.bind(resource, prefix, copies);
                self.stream.handle_bound(answer);
            }
            Output::Enable { life_s } => self.enable(life_s),
            Output::Resume { previd } => self.resume(&previd).await,
            Output::Acknowledge => {
                self.commit().await;
                self.stream.handle_acknowledged();
            }
            Output::Stanza(stanza) => {
                let Some(bound) = &mut self.bound else { return };
                self.endpoint.counters.stanza(stanza.name());
                self.uncommitted |= stanza.name() == "message";
                if let Some(stanza) = bound.unless_later(stanza) {
                    let replies = handlers::handle(&bound.session, &stanza).await;
                    self.reply(&replies);
                }
                self.stream.count_handled();
            }
            Output::Send(_) | Output::Close | Output::GiveUp => {}
        }
    }

    fn reply(&mut self, replies: &[Element]) {
        for reply in replies {
            self.endpoint.counters.stanzas_out.one();
            self.stream.deliver(reply, None);
        }
    }

    /// What is acknowledged is on the disk: waits for what this client's messages changed.
    async fn commit(&mut self) {
        let Some(bound) = self.bound.as_ref().filter(|_| self.uncommitted) else { return };
        match message::committed(&bound.session.app, &bound.session.caller).await {
            Ok(()) => self.uncommitted = false,
            Err(failure) => {
                tracing::error!(%failure, "it is not known whether messages are on the disk");
                self.stream.fail(StreamCondition::InternalServerError, "the box cannot acknowledge now");
            }
        }
    }

    /// An open stream counts as use of its sign-in session or application password, and ends with it.
    async fn check_session(&mut self) {
        let Some(caller) = &self.caller else { return };
        let again = match sign_in::keep_alive(&self.endpoint.app, caller).await {
            Ok(again) => again,
            Err(AppError::Unauthenticated(_)) => {
                self.stream.fail(StreamCondition::NotAuthorized, "the sign-in has ended");
                return;
            }
            Err(failure) => {
                tracing::error!(%failure, "a session could not be checked");
                SESSION_CHECK_AGAIN
            }
        };
        self.next_check = Some(Instant::now() + again);
    }
}

/// What the registry has for a device. What the client does not acknowledge must not pile up here: as long as it is not
/// `ready` pushes stay in their queue, which has its own bound (E5).
async fn next_of_device(bound: Option<&mut Bound>, ready: bool) -> Turn {
    let Some(bound) = bound else { return std::future::pending().await };
    let push = if ready { bound.pushes.next().await } else { None };
    match push {
        Some(push) => Turn::Push(push),
        None => Turn::DeviceEnded((&mut bound.ended).await.ok()),
    }
}
