//! Requests to every route, with any ids, query and body: the answer is Rainbow's, a fault of the server is none, and who is
//! refused has changed nothing.
//!
//! The first byte of the input says who asks, the second the type of the body. A line names the route, and where it names none
//! some route is taken. The next line has words for the placeholders of the path, separated by commas, and behind `?`
//! the query. The rest is the body.

use crate::place::Place;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Request, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use rest::{RouteInfo, routes};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use tower::ServiceExt;

/// A box is used for so many requests: what was accepted adds up.
const REQUESTS_MAX: u32 = 3_000;
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
const TYPES: [&str; 4] = ["application/json", "application/json; charset=utf-8", "text/plain", ""];

struct Used {
    place: Place,
    requests: u32,
}

pub(crate) fn run(input: &[u8]) {
    static USED: Mutex<Option<Used>> = Mutex::new(None);
    let [who, kind, rest @ ..] = input else { return };
    let mut parts = rest.splitn(3, |byte| *byte == b'\n');
    let route = named(parts.next().unwrap_or_default());
    let Some(line) = crate::text(parts.next().unwrap_or_default()) else { return };
    let body = parts.next().unwrap_or_default();
    let mut used = USED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut box_now = used
        .take()
        .filter(|used| used.requests < REQUESTS_MAX)
        .unwrap_or_else(|| Used { place: Place::new(), requests: 0 });
    box_now.requests += 1;
    let Some(request) = request(&box_now.place, route, *who, TYPES[usize::from(*kind) % TYPES.len()], line, body)
    else {
        *used = Some(box_now);
        return;
    };
    let signed_out = ask(&box_now.place, request, &route, matches!(who % 4, 1 | 2));
    // Whoever ended his own session, or his account, cannot go on.
    *used = Some(box_now).filter(|_| !signed_out);
}

fn named(name: &[u8]) -> RouteInfo {
    let routes = routes();
    let is_named = |route: &&RouteInfo| format!("{} {}", route.method, route.path).as_bytes() == name;
    let any = || name.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    routes.iter().find(is_named).copied().unwrap_or_else(|| routes[any() % routes.len()])
}

fn request(place: &Place, route: RouteInfo, who: u8, kind: &str, line: &str, body: &[u8]) -> Option<Request<Body>> {
    let (words, query) = line.split_once('?').unwrap_or((line, ""));
    let mut words = words.split(',');
    let mut path = String::new();
    for (index, part) in route.path.split(['{', '}']).enumerate() {
        if index % 2 == 0 {
            path.push_str(part);
            continue;
        }
        path.push_str(match (words.next().unwrap_or_default(), part) {
            ("" | "me", "uid" | "member") => place.member.user.id.as_str(),
            ("" | "us", "company" | "other") => place.company.as_str(),
            ("owner", _) => place.administrator.user.id.as_str(),
            ("", _) => "d00000000000000000000bad",
            (word, _) => word,
        });
    }
    let separator = if query.is_empty() { "" } else { "?" };
    let mut request = Request::builder().method(route.method).uri(format!("{path}{separator}{query}"));
    match who % 4 {
        1 => request = request.header(AUTHORIZATION, format!("Bearer {}", place.member.token)),
        2 => request = request.header(AUTHORIZATION, format!("Bearer {}", place.administrator.token)),
        3 => request = request.header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(query))),
        _ => {}
    }
    if !kind.is_empty() {
        request = request.header(CONTENT_TYPE, kind);
    }
    request.body(Body::from(body.to_vec())).ok()
}

/// Asks, and looks at the answer; whether who had signed in has not any more.
fn ask(place: &Place, request: Request<Body>, route: &RouteInfo, signed_in: bool) -> bool {
    let before = place.written();
    let asked = format!("{} {}", request.method(), request.uri());
    let answer = place.runtime.block_on(async {
        let answer: Response<Body> = place.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (head, body) = answer.into_parts();
        (head.status, body.collect().await.expect("a body").to_bytes())
    });
    let (status, body) = answer;
    assert!(body.len() <= ANSWER_BYTES_MAX, "{asked}: {} bytes", body.len());
    let may_fail = status == StatusCode::SERVICE_UNAVAILABLE;
    assert!(!status.is_server_error() || may_fail, "{asked}: {status} {}", String::from_utf8_lossy(&body));
    if !status.is_client_error() {
        return false;
    }
    assert_eq!(place.written(), before, "{asked}: {status}, and yet something was written");
    let told: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    assert_eq!(told["errorCode"].as_u64(), Some(status.as_u16().into()), "{asked}: {told}");
    signed_in && status == StatusCode::UNAUTHORIZED && route.path != "/api/rainbow/authentication/v1.0/login"
}
