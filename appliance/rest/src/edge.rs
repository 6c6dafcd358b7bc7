use crate::finish::Room;
use crate::surroundings::Look;
use app::App;
use app::setup::Setup;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What every handler works with.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) app: Arc<App>,
    /// `https://HOST[:PORT]`, without a slash at the end.
    pub(crate) base_url: Arc<str>,
    /// What the box owner is shown of the process and the machine; nothing while the box is set up.
    pub(crate) look: Option<Look>,
    /// While the box is set up.
    pub(crate) setup: Option<Arc<Setup>>,
    /// For requests whose clients have gone.
    pub(crate) room: Room,
    requests: Arc<AtomicU64>,
}

impl Edge {
    pub(crate) fn new(app: Arc<App>, base_url: &str, look: Option<Look>, setup: Option<Arc<Setup>>) -> Self {
        let base_url = base_url.trim_end_matches('/').into();
        Self { app, base_url, look, setup, room: Room::default(), requests: Arc::default() }
    }

    /// An id by which support finds a request in the log: unlike any other of this box, and nobody's secret.
    pub(crate) fn request_id(&self) -> String {
        format!("{:x}-{:x}", self.app.now_ms(), self.requests.fetch_add(1, Ordering::Relaxed))
    }
}
