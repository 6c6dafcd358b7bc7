//! `/websocket`: where Rainbow's clients open their stream.

use crate::session;
use crate::stream::StreamSettings;
use crate::websocket::{self, TransportSettings};
use app::{App, Visitor};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use domain::clock::Rng;
use domain::ids::SessionId;
use std::sync::Arc;

/// What all streams share.
pub struct Endpoint {
    pub(crate) app: Arc<App>,
    pub(crate) stream: Arc<StreamSettings>,
    pub(crate) transport: TransportSettings,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Endpoint {
    /// An endpoint in front of `app`.
    #[must_use]
    pub fn new(app: Arc<App>, stream: StreamSettings, transport: TransportSettings, rng: Arc<dyn Rng>) -> Arc<Self> {
        Arc::new(Self { app, stream: Arc::new(stream), transport, rng })
    }

    /// A name that nobody can guess: a stream's id, or the resource of a client that named none.
    pub(crate) fn random_name(&self) -> String {
        SessionId::random(self.rng.as_ref()).to_string()
    }
}

/// The routes of this edge.
pub fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new().route("/websocket", any(open)).with_state(endpoint)
}

async fn open(State(endpoint): State<Arc<Endpoint>>, mut request: Request) -> Response {
    let visitor = request.extensions().get::<Visitor>().cloned();
    match websocket::upgrade(&mut request) {
        Ok(upgrade) => {
            let on_upgrade = upgrade.on_upgrade;
            tokio::spawn(async move {
                match websocket::connect(on_upgrade, endpoint.transport.clone()).await {
                    Ok(connection) => session::serve(endpoint, connection, visitor).await,
                    Err(lost) => tracing::debug!(%lost, "a WebSocket was not opened"),
                }
            });
            upgrade.response.map(|()| Body::empty())
        }
        Err(refused) => refused.to_response().map(Body::from),
    }
}
