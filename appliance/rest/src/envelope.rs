//! What every request and every answer has, whatever the route: an id, a line in the log, a JSON body, no panic, an end.

use crate::edge::Edge;
use crate::error::{Fault, RestError};
use crate::finish::{Finishing, Gone};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-rainbow-request-id");

/// Wraps every route and the answer to unknown addresses. What has begun comes to its end, with a client or without.
pub(crate) async fn wrap(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let (gone, room) = (Gone::default(), edge.room.clone());
    room.wait().await;
    request.extensions_mut().insert(gone.clone());
    Finishing::new(handle(edge, request, next), gone, room).await
}

async fn handle(edge: Edge, request: Request, next: Next) -> Response {
    let id = edge.request_id();
    let method = request.method().clone();
    // The route, never the address: that holds ids, and its query holds names.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let begun = Instant::now();
    let mut response = in_json(contained(next.run(request)).await);
    let (status, route) = (response.status().as_u16(), route.as_ref().map_or("(none)", MatchedPath::as_str));
    if let Some(Fault(cause)) = response.extensions_mut().remove::<Fault>() {
        tracing::error!(request = id, %method, route, status, cause, "a request failed");
    }
    let took_ms = begun.elapsed().as_millis();
    tracing::debug!(request = id, %method, route, status, took_ms, "answered");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The panic's own text is with the panic hook; what the handler held is not looked at again.
async fn contained(handling: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(handling).catch_unwind().await.unwrap_or_else(|_| RestError::Panicked.into_response())
}

/// The router's own answer to a wrong method has no body; its `Allow` header stays (RFC 9110 section 15.5.6).
fn in_json(mut response: Response) -> Response {
    if response.status() != StatusCode::METHOD_NOT_ALLOWED || response.headers().contains_key(CONTENT_TYPE) {
        return response;
    }
    let allow = response.headers_mut().remove(ALLOW);
    let mut refusal = RestError::MethodNotAllowed.into_response();
    if let Some(allow) = allow {
        refusal.headers_mut().insert(ALLOW, allow);
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_wrong_method_is_told_in_json_with_what_is_allowed() {
        let router = Router::new().route("/x", get(|| async { "x" }));
        let request = Request::builder().method("DELETE").uri("/x").body(Body::empty()).expect("a request");
        let answer = in_json(router.oneshot(request).await.expect("infallible"));
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.headers()[ALLOW], "GET,HEAD");
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    }

    #[tokio::test]
    async fn a_panic_ends_its_request_and_nothing_else_e5() {
        let answer = contained(async { panic!("a bug") }).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    }
}
