//! Where clients open their stream: Rainbow's at `/websocket`, standard ones at `/xmpp-websocket`.

use crate::handlers::stream_features;
use crate::session;
use crate::stream::StreamSettings;
use crate::websocket::{self, TransportSettings};
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
use std::sync::Arc;

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
}

impl Endpoint {
    /// An endpoint in front of `app`; `stream` is how Rainbow's clients are served, and standard ones but for SASL.
    #[must_use]
    pub fn new(app: Arc<App>, stream: StreamSettings, transport: TransportSettings, rng: Arc<dyn Rng>) -> Arc<Self> {
        let features = stream_features();
        let standard = Arc::new(StreamSettings { features, ..stream.for_application_passwords() });
        Arc::new(Self { app, rainbow: Arc::new(stream), standard, transport, rng })
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

/// The routes of this edge.
pub fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new()
        .route("/websocket", any(open_rainbow))
        .route("/xmpp-websocket", any(open_standard))
        .with_state(endpoint)
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
    match websocket::upgrade(&mut request) {
        Ok(upgrade) => {
            let on_upgrade = upgrade.on_upgrade;
            tokio::spawn(async move {
                match websocket::connect(on_upgrade, endpoint.transport.clone()).await {
                    Ok(connection) => session::serve(endpoint, settings, connection, visitor).await,
                    Err(lost) => tracing::debug!(%lost, "a WebSocket was not opened"),
                }
            });
            upgrade.response.map(|()| Body::empty())
        }
        Err(refused) => refused.to_response().map(Body::from),
    }
}
