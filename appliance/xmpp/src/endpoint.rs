//! Where clients open their stream: Rainbow's at `/websocket`, standard ones at `/xmpp-websocket` and by direct TLS.

use crate::handlers::stream_features;
use crate::session::{self, Opening, Resumptions};
use crate::stream::{Carrier, ChannelBinding, Framing, StreamSettings};
use crate::transport::TransportSettings;
use crate::{Counters, direct_tls, host_meta, websocket};
use app::{App, Visitor};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::clock::Rng;
use domain::ids::SessionId;
use std::future::Future;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

const NONCE_BYTES: usize = 18;

/// What all streams share.
pub struct Endpoint {
    pub(crate) app: Arc<App>,
    /// Streams of Rainbow's clients.
    pub(crate) rainbow: Arc<StreamSettings>,
    /// Streams of standard clients.
    standard: Arc<StreamSettings>,
    pub(crate) transport: TransportSettings,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) resumptions: Resumptions,
    pub(crate) counters: Counters,
}

impl Endpoint {
    /// An endpoint in front of `app`; `stream` is how Rainbow's clients are served, and standard ones but for SASL.
    #[must_use]
    pub fn new(app: Arc<App>, stream: StreamSettings, transport: TransportSettings, rng: Arc<dyn Rng>) -> Arc<Self> {
        let features = stream_features();
        let standard = Arc::new(StreamSettings { features, ..stream.for_application_passwords() });
        let (resumptions, counters) = (Resumptions::default(), Counters::default());
        Arc::new(Self { app, rainbow: Arc::new(stream), standard, transport, rng, resumptions, counters })
    }

    /// What streams have brought and been refused.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Serves a standard client whose TLS is established (XEP-0368), until its end; `binding` is the value of that TLS,
    /// and `closing` asks strangers to go.
    pub fn serve_direct<S: AsyncRead + AsyncWrite + Unpin + Send>(
        self: Arc<Self>,
        io: S,
        binding: Option<ChannelBinding>,
        visitor: Visitor,
        closing: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = ()> + Send {
        let carrier = Carrier { framing: Framing::Bytes, binding };
        let settings = Arc::clone(&self.standard);
        let connection = direct_tls::Connection::new(io, self.transport.clone());
        session::serve(Opening { endpoint: self, settings, carrier, visitor: Some(visitor) }, connection, closing)
    }

    /// A name that nobody can guess: a stream's id, or the resource of a client that named none.
    pub(crate) fn random_name(&self) -> String {
        SessionId::random(self.rng.as_ref()).to_string()
    }

    /// The server's part of a SCRAM nonce.
    pub(crate) fn nonce(&self) -> String {
        let mut bytes = [0; NONCE_BYTES];
        self.rng.fill(&mut bytes);
        STANDARD.encode(bytes)
    }
}

/// The routes of this edge; `address` is the box's own, `https://name:port`.
pub fn router(endpoint: Arc<Endpoint>, address: &str) -> Router {
    Router::new()
        .route("/websocket", any(open_rainbow))
        .route("/xmpp-websocket", any(open_standard))
        .with_state(endpoint)
        .merge(host_meta::router(address))
}

async fn open_rainbow(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let settings = Arc::clone(&endpoint.rainbow);
    open(endpoint, settings, request)
}

async fn open_standard(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let settings = Arc::clone(&endpoint.standard);
    open(endpoint, settings, request)
}

fn open(endpoint: Arc<Endpoint>, settings: Arc<StreamSettings>, mut request: Request) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    // No binding: scripts of browsers cannot see TLS, and StanzaJS takes what it is offered and cannot do it.
    let carrier = Carrier::default();
    match websocket::upgrade(&mut request) {
        Ok(upgrade) => {
            let on_upgrade = upgrade.on_upgrade;
            tokio::spawn(async move {
                match websocket::connect(on_upgrade, endpoint.transport.clone()).await {
                    Ok(connection) => {
                        let opening = Opening { endpoint, settings, carrier, visitor };
                        // As a task of its own, without room for what came before.
                        tokio::spawn(session::serve(opening, connection, std::future::pending()));
                    }
                    Err(lost) => tracing::debug!(%lost, "a WebSocket was not opened"),
                }
            });
            upgrade.response.map(|()| Body::empty())
        }
        Err(refused) => refused.to_response().map(Body::from),
    }
}
