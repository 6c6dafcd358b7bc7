//! HTTP for programs of this machine, and for nobody else.

use super::Sources;
use crate::error::CommandError;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::Authority;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Who asks at once; more wait in the kernel.
const CONNECTIONS_MAX: usize = 8;
/// For one question and its answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// The largest head of a question; the least that the HTTP library allows.
const HEAD_LIMIT_BYTES: usize = 8 * 1024;
const HEADERS_MAX: usize = 32;
/// Pause after a failed accept: without file descriptors the next one fails as well.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The socket: as given by the service manager, else opened where it is configured; `None` where nobody wants one.
///
/// # Errors
/// An address that is taken, or a given socket that other machines could reach.
pub fn open(given: Option<TcpListener>, configured: Option<SocketAddr>) -> Result<Option<TcpListener>, CommandError> {
    if let Some(listener) = given {
        let failed = |source| CommandError::Given { name: String::from("metrics"), source };
        let at = listener.local_addr().map_err(failed)?.ip();
        return match at.is_loopback() {
            true => Ok(Some(listener)),
            false => Err(failed(std::io::Error::other(format!("{at} is no address of the loopback")))),
        };
    }
    let bind = |address: SocketAddr| {
        let opened = TcpListener::bind(address);
        opened.map_err(CommandError::file("serve metrics (metrics.listen) at", address.to_string()))
    };
    configured.map(bind).transpose()
}

/// Answers until it is aborted; nothing of it outlives that.
pub(crate) async fn serve(listener: TcpListener, sources: Sources) {
    let registered = listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(listener));
    let listener = match registered {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "metrics are not served"),
    };
    let sources = Arc::new(sources);
    let mut answering = JoinSet::new();
    loop {
        if answering.len() >= CONNECTIONS_MAX {
            // Whether an answer was taken or not: its place is free.
            let _ended = answering.join_next().await;
            continue;
        }
        tokio::select! {
            Some(_ended) = answering.join_next(), if !answering.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(answering.spawn(answer(stream, Arc::clone(&sources)))),
                Err(error) => {
                    tracing::debug!(%error, "a question for metrics could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// One question to one answer.
async fn answer(stream: TcpStream, sources: Arc<Sources>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = respond(&request, || sources.page());
        async move { Ok::<_, Infallible>(answer) }
    });
    let mut builder = http1::Builder::new();
    builder.keep_alive(false).max_buf_size(HEAD_LIMIT_BYTES).max_headers(HEADERS_MAX);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    if !matches!(tokio::time::timeout(ANSWERED_WITHIN, serving).await, Ok(Ok(()))) {
        tracing::debug!("a question for metrics broke off");
    }
}

fn respond<B>(request: &Request<B>, page: impl FnOnce() -> String) -> Response<Body> {
    let (status, text) = match (request.method(), request.uri().path()) {
        _ if !asks_for_loopback(request) => {
            (StatusCode::FORBIDDEN, String::from("ask by an address of the loopback\n"))
        }
        (&Method::GET | &Method::HEAD, "/metrics") => (StatusCode::OK, page()),
        (_, "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, String::from("GET or HEAD\n")),
        _ => (StatusCode::NOT_FOUND, String::from("metrics are at /metrics\n")),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

/// A page of somebody else's, open in a browser of this machine, may have made its own name lead to the loopback.
fn asks_for_loopback<B>(request: &Request<B>) -> bool {
    let Some(host) = request.headers().get(HOST) else { return true };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &str, target: &str, host: Option<&str>) -> u16 {
        let mut request = Request::builder().method(method).uri(target);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let request = request.body(()).expect("a request");
        respond(&request, || String::from("page")).status().as_u16()
    }

    #[test]
    fn metrics_are_for_who_asks_this_machine_by_its_loopback_f4() {
        for host in ["127.0.0.1:9464", "localhost", "LOCALHOST:9464", "[::1]:9464", "127.1.2.3"] {
            assert_eq!(status("GET", "/metrics", Some(host)), 200, "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "localhost.evil.example", "[::]", "@", ""] {
            assert_eq!(status("GET", "/metrics", Some(host)), 403, "{host}");
        }
        assert_eq!(status("GET", "/metrics", None), 200, "HTTP/1.0");
        assert_eq!(status("HEAD", "/metrics?a=b", None), 200);
        assert_eq!(status("POST", "/metrics", None), 405);
        assert_eq!(status("GET", "/", None), 404);
        assert_eq!(status("GET", "/metrics/", None), 404);
    }

    #[test]
    fn a_given_socket_that_others_could_reach_is_refused_f4() {
        let bound = |address: &str| Some(TcpListener::bind(address).expect("a free port"));
        assert!(matches!(open(bound("0.0.0.0:0"), None), Err(CommandError::Given { .. })));
        assert!(matches!(open(bound("127.0.0.1:0"), None), Ok(Some(_))));
        assert!(matches!(open(None, None), Ok(None)));
    }
}
