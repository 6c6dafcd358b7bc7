//! One request to one answer: bounds around the router, and the headers that every answer carries.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, EXPECT, HeaderValue};
use axum::response::Response;
use axum::{Error, Router};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::Instant;
use tower::ServiceExt;

use crate::activity::{Activity, Running};
use crate::admission::Connection;
use crate::body_limit::{self, Budget, Taken};
use crate::contain::contain;
use crate::counters::{Counters, Event};
use crate::headers;
use crate::pace::Pace;
use crate::rest_of_body;
use crate::settings::{GateLimits, Streamed};

/// What stands around every request of one connection.
pub(crate) struct Around {
    pub(crate) router: Router,
    pub(crate) limits: Arc<GateLimits>,
    pub(crate) streamed: Option<Arc<Streamed>>,
    pub(crate) connection: Connection,
    pub(crate) activity: Arc<Activity>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) counters: Arc<Counters>,
}

/// The router made ready for [`answer`]: the gate's own limit stands instead of the framework's 2 MB.
pub(crate) fn prepared(router: Router) -> Router {
    router.layer(DefaultBodyLimit::disable())
}

/// Answers one request of a connection. Never fails: what goes wrong is an answer too.
pub(crate) async fn answer(request: hyper::Request<Incoming>, around: Arc<Around>) -> Result<Response, Infallible> {
    let running = around.activity.request();
    let mut response = bounded(request, &around).await;
    around.counters.count(Event::answered(response.status()));
    headers::secure(response.headers_mut());
    // An upgrade's answer has no body, and what follows is no longer a request.
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    Ok(response.map(|body| Body::new(Held { body, _running: running })))
}

async fn bounded(request: hyper::Request<Incoming>, around: &Around) -> Response {
    let limits = &around.limits;
    let streamed = around.streamed.as_deref().filter(|streamed| is_below(request.uri().path(), streamed.below));
    let limit_bytes = streamed.map_or(limits.body_limit_bytes, |streamed| streamed.body_limit_bytes);
    if body_limit::announced_too_large(request.headers(), limit_bytes) {
        around.counters.count(Event::BodyTooLarge);
        around.connection.fine(Instant::now());
        return too_large(limit_bytes);
    }
    let (head, body) = request.into_parts();
    // Reading would ask a peer for a body that waits to be asked for it.
    let waits_to_be_asked = head.headers.contains_key(EXPECT);
    let (body, rest) = rest_of_body::lend(body);
    // What is handed on as it comes is not held, so it takes nothing of what bodies may hold together.
    let taken = Taken::new(streamed.is_none().then(|| Arc::clone(&around.budget)));
    let pace = Pace::new(limits.header_timeout, limits.rate_min_bytes_per_s);
    let body = body_limit::limited(body, limit_bytes, pace, Arc::clone(&taken));
    let mut request = Request::from_parts(head, body);
    request.extensions_mut().insert(around.connection.clone());
    let handling = contain(around.router.clone().oneshot(request));
    let within = streamed.map_or(limits.request_timeout, |streamed| streamed.request_timeout);
    let handled = tokio::time::timeout(within, handling).await;
    let (event, refusal) = match handled {
        _ if taken.was_too_large() => (Event::BodyTooLarge, too_large(limit_bytes)),
        _ if taken.had_no_room() => (Event::BodiesFull, no_room()),
        _ if taken.was_too_slow() => (Event::BodyTooSlow, body_too_slow()),
        Ok(Ok(Ok(response))) => {
            if !waits_to_be_asked {
                rest.drain().await;
            }
            return response;
        }
        Ok(Err(_panicked)) => (Event::Panicked, failed()),
        Err(_elapsed) => (Event::RequestTooSlow, too_slow()),
    };
    if event == Event::BodyTooLarge {
        around.connection.fine(Instant::now());
    }
    around.counters.count(event);
    refusal
}

fn is_below(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn no_room() -> Response {
    refusal(StatusCode::SERVICE_UNAVAILABLE, "Too busy", "too many large requests at once; try again")
}

fn body_too_slow() -> Response {
    refusal(StatusCode::REQUEST_TIMEOUT, "Too slow", "the body of the request came too slowly; try again")
}

fn failed() -> Response {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal error", "the box failed on this request; its log says where")
}

fn too_slow() -> Response {
    refusal(StatusCode::SERVICE_UNAVAILABLE, "Too slow", "the request took longer than allowed; try again")
}

fn too_large(limit_bytes: usize) -> Response {
    let details = format!("the body may have {limit_bytes} bytes");
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large", &details)
}

/// An error in Rainbow's form. The texts are ours and hold nothing that JSON would have to escape.
fn refusal(status: StatusCode, message: &str, details: &str) -> Response {
    let code = status.as_u16();
    let json = format!(
        r#"{{"errorCode":{code},"errorMsg":"{message}","errorDetails":"{details}","errorDetailsCode":{code}000}}"#
    );
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// An answer's body; its request runs until the whole of it was taken.
struct Held {
    body: Body,
    _running: Running,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
