//! Port 80: sends browsers to the TLS port of the configured name, and does nothing else (E1).

use std::convert::Infallible;
use std::net::Ipv6Addr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ALLOW, HeaderValue, LOCATION};
use axum::http::uri::Authority;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::activity::Activity;
use crate::counters::Counters;
use crate::headers;
use crate::http::{drive, http1_builder};
use crate::line::Line;
use crate::serve::Closing;
use crate::settings::{GateError, GateLimits, GateSettings};

/// Where everyone is sent: scheme and authority, without a path.
#[derive(Debug)]
pub(crate) struct Redirect {
    base: String,
}

impl Redirect {
    pub(crate) fn new(settings: &GateSettings) -> Result<Self, GateError> {
        let name = &settings.name;
        let host = if name.parse::<Ipv6Addr>().is_ok() { format!("[{name}]") } else { name.clone() };
        let authority: Result<Authority, _> = host.parse();
        let valid = authority.is_ok_and(|authority| authority.host() == host && authority.as_str() == host);
        if !valid {
            return Err(GateError::Name { name: name.clone() });
        }
        let base = match settings.public_https_port {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        };
        Ok(Self { base })
    }

    /// The target's host and the `Host` header are the client's words: only path and query are taken from it.
    fn answer<B>(&self, request: &Request<B>) -> Response {
        let mut response = Response::new(Body::empty());
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            // `*` and what else is no path would make an address that is none.
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let path = if path.starts_with('/') { path } else { "/" };
            match HeaderValue::try_from(format!("{}{path}", self.base)) {
                Ok(location) => {
                    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
                    response.headers_mut().insert(LOCATION, location);
                }
                Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
            }
        } else {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        headers::plain(response.headers_mut());
        response
    }
}

/// Answers one request, then the connection ends.
pub(crate) async fn serve(
    stream: Line<TcpStream>,
    redirect: Arc<Redirect>,
    activity: Arc<Activity>,
    limits: Arc<GateLimits>,
    mut closing: Closing,
    counters: Arc<Counters>,
) {
    let service = service_fn(move |request| {
        let answer = redirect.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut builder = http1_builder();
    builder.keep_alive(false);
    let serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let silent = activity.silent_for(limits.header_timeout);
    drive(serving, http1::Connection::graceful_shutdown, silent, &mut closing, &counters).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &str, port: u16) -> GateSettings {
        GateSettings { name: name.to_owned(), public_https_port: port, limits: GateLimits::default() }
    }

    fn location(name: &str, port: u16, target: &str) -> String {
        let redirect = Redirect::new(&settings(name, port)).expect("a valid name");
        let request = Request::builder().uri(target).header("host", "evil.example").body(()).expect("a valid request");
        let response = redirect.answer(&request);
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        response.headers()[LOCATION].to_str().expect("text").to_owned()
    }

    #[test]
    fn redirect_goes_to_the_configured_name_only_e1() {
        assert_eq!(location("box.example", 443, "/a?b=c"), "https://box.example/a?b=c");
        assert_eq!(location("box.example", 8443, "/"), "https://box.example:8443/");
        assert_eq!(location("box.example", 443, "http://evil.example/x"), "https://box.example/x");
        assert_eq!(location("box.example", 443, "//evil.example/x"), "https://box.example//evil.example/x");
        assert_eq!(location("2001:db8::1", 443, "/"), "https://[2001:db8::1]/");
        assert_eq!(location("box.example", 8443, "*"), "https://box.example:8443/");
    }

    #[test]
    fn names_that_are_more_than_a_host_are_refused() {
        for name in ["", "https://box", "box:443", "user@box", "box/path", "box name"] {
            assert!(matches!(Redirect::new(&settings(name, 443)), Err(GateError::Name { .. })), "{name:?}");
        }
    }
}
