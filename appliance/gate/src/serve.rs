//! Accepts connections, hands them to their protocol, and ends them in order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::activity::Activity;
use crate::admission::{Admission, Admitted, Occupancy, Place};
use crate::answer::{Around, prepared};
use crate::body_limit::Budget;
use crate::counters::{Counters, Event};
use crate::handshakes::Handshakes;
use crate::line::Line;
use crate::listen::Listeners;
use crate::notice::Notice;
use crate::redirect::{self, Redirect};
use crate::route::route;
use crate::secured::Secured;
use crate::settings::{GateError, GateLimits, GateSettings, Streamed};
use crate::stream::Stream;
use crate::takers::Takers;
use crate::tls::{self, Certificate};

/// Pause after a failed accept: without file descriptors the next one fails as well.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The gate, listening; nobody is answered before [`Gate::serve`].
#[derive(Debug)]
pub struct Gate {
    https: Vec<TcpListener>,
    http: Vec<TcpListener>,
    shared: Shared,
}

/// What all connections have in common.
#[derive(Clone)]
struct Shared {
    tls: Arc<ServerConfig>,
    handshakes: Arc<Handshakes>,
    redirect: Arc<Redirect>,
    limits: Arc<GateLimits>,
    streamed: Option<Arc<Streamed>>,
    admission: Arc<Admission>,
    budget: Arc<Budget>,
    takers: Arc<Takers>,
    counters: Arc<Counters>,
    accept_failed: Arc<Notice>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("redirect", &self.redirect).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What a protocol's handler gets beside the bytes.
pub(crate) struct Served {
    pub(crate) around: Arc<Around>,
    pub(crate) closing: Closing,
}

/// Tells connections that the gate closes.
#[derive(Debug, Clone)]
pub struct Closing(watch::Receiver<bool>);

impl Closing {
    /// Returns when the gate closes.
    pub async fn wait(&mut self) {
        // An error means that the gate itself is gone.
        let _closed = self.0.wait_for(|closes| *closes).await;
    }
}

/// Which of the two ports a socket belongs to.
#[derive(Clone)]
enum Port {
    Https(Router),
    Http,
}

impl Gate {
    /// Takes over the sockets. Must be called inside the runtime that will serve.
    ///
    /// # Errors
    /// A name that cannot be redirected to, or sockets that the runtime refuses.
    pub fn new(
        settings: GateSettings,
        certificate: Arc<Certificate>,
        listeners: Listeners,
        takers: Takers,
    ) -> Result<Self, GateError> {
        if listeners.https.is_empty() {
            return Err(GateError::NoAddress);
        }
        let config = tls::server_config(certificate, takers.alpn())?;
        let redirect = Arc::new(Redirect::new(&settings)?);
        let limits = Arc::new(settings.limits);
        let shared = Shared {
            tls: config,
            handshakes: Handshakes::start().map_err(GateError::Handshakes)?,
            redirect,
            admission: Admission::new(&limits),
            budget: Budget::new(limits.bodies_limit_bytes),
            limits,
            streamed: settings.streamed.map(Arc::new),
            takers: Arc::new(takers),
            counters: Arc::default(),
            accept_failed: Arc::default(),
        };
        Ok(Self { https: registered(listeners.https)?, http: registered(listeners.http)?, shared })
    }

    /// What the gate counts, to be read at any time, after its end too.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.shared.counters)
    }

    /// How full the gate is, to be read likewise.
    pub fn occupancy(&self) -> Occupancy {
        Occupancy(Arc::clone(&self.shared.admission))
    }

    /// Addresses of the TLS port, with the ports that were really taken.
    ///
    /// # Errors
    /// A socket that the system no longer knows.
    pub fn https_addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.https.iter().map(TcpListener::local_addr).collect()
    }

    /// Addresses of the redirect port.
    ///
    /// # Errors
    /// A socket that the system no longer knows.
    pub fn http_addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.http.iter().map(TcpListener::local_addr).collect()
    }

    /// Serves until `shutdown` is done; then takes no more connections, lets running requests finish within the grace,
    /// and cuts the rest. Upgraded connections belong to whoever took them over: he ends them himself.
    pub async fn serve(self, router: Router, shutdown: impl Future<Output = ()>) {
        let (close, closes) = watch::channel(false);
        let closing = Closing(closes);
        let https = Port::Https(prepared(router));
        let mut ports = JoinSet::new();
        for listener in self.https {
            ports.spawn(accept(listener, https.clone(), self.shared.clone(), closing.clone()));
        }
        for listener in self.http {
            ports.spawn(accept(listener, Port::Http, self.shared.clone(), closing.clone()));
        }
        shutdown.await;
        close.send_replace(true);
        while ports.join_next().await.is_some() {}
    }
}

fn registered(listeners: Vec<std::net::TcpListener>) -> Result<Vec<TcpListener>, GateError> {
    let register = |listener: std::net::TcpListener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    };
    listeners.into_iter().map(register).collect::<io::Result<_>>().map_err(GateError::Register)
}

/// Accepts on one socket until the gate closes, then waits for its connections.
async fn accept(listener: TcpListener, port: Port, shared: Shared, mut closing: Closing) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = closing.wait() => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let activity = Activity::new();
                    let admitted = shared.admission.admit(peer, Arc::clone(&activity), Instant::now());
                    if let Some(place) = shared.admitted(peer, admitted) {
                        shared.counters.count(Event::Accepted);
                        let connecting = connect(stream, place, activity, port.clone(), shared.clone(), closing.clone());
                        connections.spawn(connecting);
                    }
                }
                Err(error) => shared.accept_failed(&error).await,
            }
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(shared.limits.shutdown_grace, finished).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "requests were still running when the grace was over; they are cut"
        );
        connections.shutdown().await;
    }
}

/// One connection, from the handshake to its end.
async fn connect(
    stream: TcpStream,
    place: Place,
    activity: Arc<Activity>,
    port: Port,
    shared: Shared,
    closing: Closing,
) {
    // Stanzas and short answers must not wait for more bytes. Without it the connection works, only slower.
    let _slower = stream.set_nodelay(true);
    let (connection, came_to) = (place.connection(), stream.local_addr().ok());
    let Shared { limits, counters, budget, .. } = shared.clone();
    let router = match port {
        Port::Https(router) => router,
        Port::Http => {
            let line = Line::new(stream, place, Arc::clone(&activity), Arc::clone(&counters), &limits);
            let came_to = came_to.map(|address| address.ip());
            return redirect::serve(line, shared.redirect, activity, limits, closing, counters, came_to).await;
        }
    };
    let Some(handshake) = shared.admitted(connection.peer(), shared.admission.begin_handshake(&place)) else {
        return;
    };
    let line = Line::new(stream, place, Arc::clone(&activity), Arc::clone(&counters), &limits);
    let shaking = shared.handshakes.carry_out(Secured::accept(line, Arc::clone(&shared.tls)));
    let shaken = tokio::time::timeout(limits.tls_handshake_timeout, shaking).await;
    drop(handshake);
    match shaken {
        Ok(Ok(stream)) => {
            let streamed = shared.streamed.clone();
            let around = Arc::new(Around { router, limits, streamed, connection, activity, budget, counters });
            route(Stream::new(stream, came_to), Served { around, closing }, &shared.takers).await;
        }
        Ok(Err(error)) => {
            counters.count(Event::HandshakeFailed);
            tracing::debug!(peer = %connection.peer(), %error, "TLS handshake failed");
        }
        Err(_elapsed) => counters.count(Event::HandshakeTooSlow),
    }
}

impl Shared {
    /// Counts what admission decided. A refused connection is closed at once; nothing was read from it.
    fn admitted<T>(&self, peer: SocketAddr, decided: Admitted<T>) -> Option<T> {
        match decided {
            Ok((admitted, dropped)) => {
                if dropped {
                    self.counters.count(Event::DroppedForOthers);
                }
                Some(admitted)
            }
            Err(refusal) => {
                tracing::debug!(%peer, ?refusal, "connection refused");
                self.counters.count(refusal.event());
                None
            }
        }
    }

    async fn accept_failed(&self, error: &io::Error) {
        if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
            return;
        }
        if let Some(failed) = self.accept_failed.due() {
            tracing::error!(%error, failed, "connections cannot be accepted; raise the limit of open files if that is it");
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}
