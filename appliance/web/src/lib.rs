//! The browser application: its files, built into the executable, and the headers that browsers need with them.
//!
//! It has no rules and no door of its own: what it does goes through the public interface (J8, J9).
#![warn(missing_docs)]

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;

/// One file of the application.
struct File {
    /// Relative to the root of the address, without the first slash.
    name: &'static str,
    content: &'static [u8],
    /// The same compressed (RFC 7932), where that is worth it.
    brotli: Option<&'static [u8]>,
}

const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
const PAGE: &str = "index.html";
const WORKER: &str = "sw.js";
/// Names below it carry a hash of their content: what was fetched once never changes.
const HASHED: &str = "assets/";
/// What a page may load and do: its own files, nothing inline, no other site (E2).
const POLICY: &str = include_str!("../app/policy.txt");
/// Nothing of the device that the application does not use; what calls need, for itself alone.
const PERMISSIONS: &str =
    "camera=(self), display-capture=(self), geolocation=(), microphone=(self), payment=(), usb=()";
const NOT_BUILT: &str = "This executable was built without its browser application. `cargo xtask build` builds both.\n";

/// The application's addresses, each a file. Other addresses are not answered here.
pub fn router() -> Router {
    let mut router = Router::new();
    for file in FILES {
        let path = if file.name == PAGE { String::from("/") } else { format!("/{}", file.name) };
        router = router.route(&path, get(move |request: Request| async move { serve(file, request.headers()) }));
    }
    if FILES.is_empty() {
        return router.route("/", get(|| async { (StatusCode::NOT_FOUND, NOT_BUILT) }));
    }
    router
}

fn serve(file: &'static File, asked: &HeaderMap) -> Response<Body> {
    let packed = file.brotli.filter(|_| takes_brotli(asked));
    let tag = entity_tag(packed.unwrap_or(file.content));
    let known = asked.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let known = known.is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = Response::new(if known { Body::empty() } else { Body::from(packed.unwrap_or(file.content)) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        // Every value is from this file or its policy: visible ASCII.
        HeaderValue::from_str(value).map(|value| headers.insert(name, value)).ok();
    };
    set(CONTENT_TYPE, content_type(file.name));
    set(VARY, "accept-encoding");
    set(ETAG, &tag);
    if packed.is_some() {
        set(CONTENT_ENCODING, "br");
    }
    let hashed = file.name.starts_with(HASHED);
    set(CACHE_CONTROL, if hashed { "public, max-age=31536000, immutable" } else { "no-cache" });
    if matches!(file.name, PAGE | WORKER) {
        // A service worker fetches under its own policy, not under its page's.
        set(CONTENT_SECURITY_POLICY, POLICY.trim());
        set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    }
    response
}

/// `br` with any weight above zero (RFC 9110 section 12.5.3).
fn takes_brotli(asked: &HeaderMap) -> bool {
    let lists = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let weight = parts.clone().nth(1).and_then(|part| part.strip_prefix("q="));
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"))
            && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// FNV-1a: tells two builds of a file apart; nobody is kept from making another file with the same tag.
fn entity_tag(content: &[u8]) -> String {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("\"{:016x}\"", content.iter().fold(0xcbf2_9ce4_8422_2325, fold))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
