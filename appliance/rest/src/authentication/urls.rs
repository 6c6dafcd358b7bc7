use crate::answer::{Answer, list};
use crate::edge::Edge;
use app::people::Window;
use axum::extract::State;
use serde_json::json;

/// `GET authentication/v1.0/urls`: where to sign in. The same for every name that is asked about, so it tells nobody
/// which names exist (A4).
pub(crate) async fn list_urls(State(edge): State<Edge>) -> Answer {
    let address = |verb: &str| format!("{}/api/rainbow/authentication/v1.0/{verb}", edge.base_url);
    let urls = json!({ "type": "RAINBOW", "loginUrl": address("login"), "logoutUrl": address("logout") });
    list(&[urls], 1, Window { offset: 0, limit: 1 })
}
