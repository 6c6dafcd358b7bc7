//! Where the WebSocket of standard clients is, told to who knows the domain only (XEP-0156, RFC 6415).

use axum::Router;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const RELATION: &str = "urn:xmpp:alt-connections:websocket";

/// `address`: that of the box, `https://name:port`.
pub(crate) fn router(address: &str) -> Router {
    let url = format!("{}/xmpp-websocket", address.replacen("https://", "wss://", 1));
    let xml = format!(
        "<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
         <Link rel='{RELATION}' href='{url}'/></XRD>\n"
    );
    let json = format!("{{\"links\":[{{\"rel\":\"{RELATION}\",\"href\":\"{url}\"}}]}}\n");
    Router::new()
        .route("/.well-known/host-meta", get(move || async move { answer("application/xrd+xml", xml) }))
        .route("/.well-known/host-meta.json", get(move || async move { answer("application/json", json) }))
}

/// Pages of other hosts may read it (XEP-0156, 3): it tells nothing that the DNS would not.
fn answer(kind: &'static str, body: String) -> Response {
    ([(CONTENT_TYPE, kind), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")], body).into_response()
}
