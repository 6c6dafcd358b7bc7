//! The loop of one connection: frames in, pushes out, time-outs. It ends with the stream, and takes the device with it.

use crate::endpoint::Endpoint;
use crate::handlers::{self, Session};
use crate::jid::FullJid;
use crate::render::{Addresses, render};
use crate::stream::{AuthenticationRefusal, BindRefusal, Output, Proof, Salt, Stream, StreamCondition, StreamSettings};
use crate::websocket::{Connection, Incoming, TransportError};
use app::live::{BindRefused, Device, Push};
use app::{App, AppError, Caller, Visitor, sign_in};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A stream that could not ask whether its sign-in session still lives asks again after this.
const SESSION_CHECK_AGAIN: Duration = Duration::from_secs(60);
/// Pushes written before the loop looks at the client's frames again.
const PUSHES_AT_ONCE: usize = 64;

/// Takes the device out of the registry however the loop ends.
struct Bound {
    session: Session,
    pushes: mpsc::Receiver<Push>,
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.session.app.live().leave(&self.session.device);
    }
}

pub(crate) struct Loop<S> {
    endpoint: Arc<Endpoint>,
    connection: Connection<S>,
    visitor: Option<Visitor>,
    stream: Stream,
    started: Instant,
    caller: Option<Caller>,
    bound: Option<Bound>,
    /// When to ask whether the sign-in session still lives; `None` before a device is bound.
    next_check: Option<Instant>,
}

enum Turn {
    Frame(Result<Incoming, TransportError>),
    Push(Option<Push>),
    StreamTimeout,
    SessionCheck,
}

/// Serves one connection, whose stream has these settings, until the stream ends.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    endpoint: Arc<Endpoint>,
    settings: Arc<StreamSettings>,
    connection: Connection<S>,
    visitor: Option<Visitor>,
) {
    let stream = Stream::new(settings, endpoint.random_name(), 0);
    let started = Instant::now();
    let mut serving =
        Loop { endpoint, connection, visitor, stream, started, caller: None, bound: None, next_check: None };
    match serving.run().await {
        Ok(code) => {
            drop(serving.bound.take());
            serving.connection.close(code).await;
        }
        Err(lost) => tracing::debug!(%lost, "a connection ended without a close"),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Loop<S> {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    async fn run(&mut self) -> Result<CloseCode, TransportError> {
        let mut close_code = CloseCode::Normal;
        loop {
            if self.write_outputs().await? {
                return Ok(close_code);
            }
            match self.next_turn().await {
                Turn::Frame(frame) => match frame? {
                    Incoming::Text(text) => {
                        let now_ms = self.now_ms();
                        self.stream.handle_frame(text.as_str(), now_ms);
                    }
                    Incoming::Refused(refusal) => {
                        close_code = refusal.close_code();
                        self.stream.fail(refusal.condition(), &refusal.to_string());
                    }
                    Incoming::Closed => return Ok(close_code),
                },
                Turn::Push(push) => self.write_pushes(push).await?,
                Turn::StreamTimeout => {
                    let now_ms = self.now_ms();
                    self.stream.handle_timeout(now_ms);
                }
                Turn::SessionCheck => self.check_session().await,
            }
        }
    }

    async fn next_turn(&mut self) -> Turn {
        let stream_timeout = self.stream.poll_timeout().map(|at_ms| self.started + Duration::from_millis(at_ms));
        let far = Instant::now() + Duration::from_secs(86_400);
        let next_check = self.next_check;
        let pushes = self.bound.as_mut().map(|bound| &mut bound.pushes);
        let push = async {
            match pushes {
                Some(pushes) => pushes.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            push = push => Turn::Push(push),
            frame = self.connection.next_frame() => Turn::Frame(frame),
            () = tokio::time::sleep_until(stream_timeout.unwrap_or(far)) => Turn::StreamTimeout,
            () = tokio::time::sleep_until(next_check.unwrap_or(far)) => Turn::SessionCheck,
        }
    }

    /// Does what the stream asks for; `true` when it has ended.
    async fn write_outputs(&mut self) -> Result<bool, TransportError> {
        let mut wrote = false;
        while let Some(output) = self.stream.poll_output() {
            match output {
                Output::Send(frame) => {
                    self.connection.feed(frame).await?;
                    wrote = true;
                }
                Output::Authenticate { username, password } => {
                    let answer = self.authenticate(&username, password.reveal()).await;
                    let now_ms = self.now_ms();
                    self.stream.handle_authentication(answer, now_ms);
                }
                Output::FindSalt { username } => {
                    let salt = find_salt(&self.endpoint, &username).await;
                    let now_ms = self.now_ms();
                    self.stream.handle_salt(&salt, now_ms);
                }
                Output::Verify { username, proof } => {
                    let answer = self.verify(&username, &proof).await;
                    let now_ms = self.now_ms();
                    self.stream.handle_proof(answer, now_ms);
                }
                Output::Bind { resource, .. } => {
                    let answer = self.bind(resource);
                    self.stream.handle_bound(answer);
                }
                Output::Stanza(stanza) => {
                    let Some(bound) = &self.bound else { continue };
                    for reply in handlers::handle(&bound.session, &stanza).await {
                        self.connection.feed(reply.to_xml()).await?;
                        wrote = true;
                    }
                }
                Output::Close => {
                    self.connection.flush().await?;
                    return Ok(true);
                }
            }
        }
        if wrote {
            self.connection.flush().await?;
        }
        Ok(false)
    }

    async fn authenticate(&mut self, username: &str, secret: &str) -> Result<(), AuthenticationRefusal> {
        let caller = sign_in::authenticate_stream(&self.endpoint.app, username, secret).await;
        self.let_in(caller.map(|caller| (caller, ())))
    }

    /// The server's signature for a proof that is right.
    async fn verify(&mut self, username: &str, proof: &Proof) -> Result<[u8; 32], AuthenticationRefusal> {
        let app = &self.endpoint.app;
        let answer = sign_in::authenticate_by_proof(app, username, &proof.message, &proof.proof).await;
        self.let_in(answer)
    }

    fn let_in<T>(&mut self, answer: Result<(Caller, T), AppError>) -> Result<T, AuthenticationRefusal> {
        match answer {
            Ok((caller, told)) => {
                self.caller = Some(caller);
                if let Some(visitor) = &self.visitor {
                    visitor.signed_in();
                }
                Ok(told)
            }
            Err(AppError::Unauthenticated(_)) => Err(AuthenticationRefusal::NotAuthorized),
            Err(failure) => {
                tracing::error!(%failure, "a stream could not be authenticated");
                Err(AuthenticationRefusal::TemporaryFailure)
            }
        }
    }

    fn bind(&mut self, resource: Option<String>) -> Result<FullJid, BindRefusal> {
        let app: &Arc<App> = &self.endpoint.app;
        let caller = self.caller.clone().ok_or(BindRefusal::InternalServerError)?;
        let resource = resource.unwrap_or_else(|| self.endpoint.random_name());
        let at = Addresses::new(&self.endpoint.rainbow.domain);
        let jid = FullJid::parse(&at.full(&caller.user, &resource)).map_err(|_| BindRefusal::InternalServerError)?;
        let binding = app.live().bind(&caller, &resource).map_err(|refused| match refused {
            BindRefused::TooManyDevices => BindRefusal::ResourceConstraint,
            BindRefused::Stopping => BindRefusal::InternalServerError,
        })?;
        let device: Device = binding.device;
        let stanza_bytes_max = self.endpoint.transport.message_limit_bytes;
        let session = Session { app: Arc::clone(app), caller, device, at, stanza_bytes_max };
        self.bound = Some(Bound { session, pushes: binding.pushes });
        // At once: from here on the end of the session is pushed, but it may have ended since the secret was checked.
        self.next_check = Some(Instant::now());
        Ok(jid)
    }

    async fn write_pushes(&mut self, first: Option<Push>) -> Result<(), TransportError> {
        let Some(bound) = &mut self.bound else { return Ok(()) };
        let Some(first) = first else {
            self.stream.fail(StreamCondition::PolicyViolation, "the device reads too slowly");
            return Ok(());
        };
        let mut next = Some(first);
        let mut written = 0;
        while let Some(push) = next {
            match render(&push, &bound.session).await {
                Ok(stanzas) => {
                    for stanza in stanzas {
                        self.connection.feed(stanza.to_xml()).await?;
                    }
                }
                Err((condition, text)) => {
                    self.stream.fail(condition, text);
                    break;
                }
            }
            written += 1;
            next = if written < PUSHES_AT_ONCE { bound.pushes.try_recv().ok() } else { None };
        }
        self.connection.flush().await
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

async fn find_salt(endpoint: &Endpoint, username: &str) -> Salt {
    let sign_in::Salt { salt, iterations } = sign_in::application_salt(&endpoint.app, username).await;
    Salt { salt, iterations, nonce: endpoint.nonce() }
}
