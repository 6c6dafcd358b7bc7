//! One request to one answer: bounds around the router, and the headers that every answer carries.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::Response;
use axum::{Error, Router};
use hyper::body::{Frame, Incoming, SizeHint};
use tower::ServiceExt;

use crate::activity::{Activity, Running};
use crate::admission::Connection;
use crate::body_limit::{self, Budget, Taken};
use crate::contain::contain;
use crate::headers;
use crate::settings::GateLimits;

/// The router made ready for [`answer`]: the gate's own limit stands instead of the framework's 2 MB.
pub(crate) fn prepared(router: Router) -> Router {
    router.layer(DefaultBodyLimit::disable())
}

/// Answers one request of `connection`. Never fails: what goes wrong is an answer too.
pub(crate) async fn answer(
    request: hyper::Request<Incoming>,
    router: Router,
    limits: Arc<GateLimits>,
    connection: Connection,
    activity: Arc<Activity>,
    budget: Arc<Budget>,
) -> Result<Response, Infallible> {
    let running = activity.request();
    let mut response = bounded(request, router, &limits, connection, budget).await;
    headers::secure(response.headers_mut());
    // An upgrade's answer has no body, and what follows is no longer a request.
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    Ok(response.map(|body| Body::new(Held { body, _running: running })))
}

async fn bounded(
    request: hyper::Request<Incoming>,
    router: Router,
    limits: &GateLimits,
    connection: Connection,
    budget: Arc<Budget>,
) -> Response {
    if body_limit::announced_too_large(request.headers(), limits.body_limit_bytes) {
        return too_large(limits);
    }
    let (head, body) = request.into_parts();
    let taken = Taken::new(budget);
    let body = body_limit::limited(body, limits.body_limit_bytes, Arc::clone(&taken));
    let mut request = Request::from_parts(head, body);
    request.extensions_mut().insert(connection);
    let handled = tokio::time::timeout(limits.request_timeout, contain(router.oneshot(request))).await;
    if taken.was_too_large() {
        return too_large(limits);
    }
    if taken.had_no_room() {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "Too busy", "too many large requests at once; try again");
    }
    match handled {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(_panicked)) => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal error",
            "the box failed on this request; its log says where",
        ),
        Err(_elapsed) => {
            refusal(StatusCode::SERVICE_UNAVAILABLE, "Too slow", "the request took longer than allowed; try again")
        }
    }
}

fn too_large(limits: &GateLimits) -> Response {
    let details = format!("the body may have {} bytes", limits.body_limit_bytes);
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
