//! Port 80: sends browsers to the TLS port of the configured name, and does nothing else (E1).
//!
//! Who asked for an address of the box is sent to that address: nobody knows whether the name leads there. Words of the
//! client are never part of the answer but for this one: while the box is set up, an address literal that it asked for.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ALLOW, HOST, HeaderValue, LOCATION};
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

/// Where everyone is sent.
#[derive(Debug)]
pub(crate) struct Redirect {
    /// As it stands in an address.
    host: String,
    port: u16,
    name_resolves: bool,
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
        Ok(Self { host, port: settings.public_https_port, name_resolves: settings.name_resolves })
    }

    /// `came_to` is the box's own end of the connection.
    fn answer<B>(&self, request: &Request<B>, came_to: Option<IpAddr>) -> Response {
        let mut response = Response::new(Body::empty());
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            // `*` and what else is no path would make an address that is none.
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let path = if path.starts_with('/') { path } else { "/" };
            match HeaderValue::try_from(format!("{}{path}", self.base(asked(request).as_deref(), came_to))) {
                Ok(location) => {
                    *response.status_mut() = self.status();
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

    /// Browsers keep a permanent redirect; the one of a setup is another soon.
    fn status(&self) -> StatusCode {
        if self.name_resolves { StatusCode::PERMANENT_REDIRECT } else { StatusCode::TEMPORARY_REDIRECT }
    }

    /// Scheme and authority, without a path.
    fn base(&self, asked: Option<&str>, came_to: Option<IpAddr>) -> String {
        let came_to = came_to.map(|address| address.to_canonical());
        let literal = asked.and_then(literal);
        let to = match literal {
            Some(address) if !self.name_resolves || literal == came_to => Some(address),
            // A name that somebody else's resolver gave to the box does not stand in its certificate.
            None if !self.name_resolves && asked != Some(self.host.as_str()) => came_to.filter(reachable_without_zone),
            _ => None,
        };
        let host = match to {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => format!("[{address}]"),
            None => self.host.clone(),
        };
        match self.port {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        }
    }
}

/// The host that the client asked for (RFC 9112, section 3.2): of the target, else of the header.
fn asked<B>(request: &Request<B>) -> Option<String> {
    if let Some(host) = request.uri().host() {
        return Some(host.to_owned());
    }
    let authority: Authority = request.headers().get(HOST)?.to_str().ok()?.parse().ok()?;
    Some(authority.host().to_owned())
}

/// An address as it stands in an authority.
fn literal(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => inside.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

/// No address of a browser can name the zone that a link-local one needs.
fn reachable_without_zone(address: &IpAddr) -> bool {
    !matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

/// Answers one request, then the connection ends.
pub(crate) async fn serve(
    stream: Line<TcpStream>,
    redirect: Arc<Redirect>,
    activity: Arc<Activity>,
    limits: Arc<GateLimits>,
    mut closing: Closing,
    counters: Arc<Counters>,
    came_to: Option<IpAddr>,
) {
    let service = service_fn(move |request| {
        let answer = redirect.answer(&request, came_to);
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

    const OWN: &str = "192.0.2.7";

    fn settings(name: &str, port: u16) -> GateSettings {
        GateSettings {
            name: name.to_owned(),
            name_resolves: true,
            public_https_port: port,
            streamed: None,
            limits: GateLimits::default(),
        }
    }

    fn answer(settings: &GateSettings, target: &str, host: &str) -> Response {
        let redirect = Redirect::new(settings).expect("a valid name");
        let request = Request::builder().uri(target).header("host", host).body(()).expect("a valid request");
        redirect.answer(&request, Some(OWN.parse().expect("an address")))
    }

    fn location_of(response: &Response) -> String {
        response.headers()[LOCATION].to_str().expect("text").to_owned()
    }

    fn location(name: &str, port: u16, target: &str) -> String {
        let response = answer(&settings(name, port), target, "evil.example");
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        location_of(&response)
    }

    #[test]
    fn redirect_goes_to_the_configured_name_only_e1() {
        assert_eq!(location("box.example", 443, "/a?b=c"), "https://box.example/a?b=c");
        assert_eq!(location("box.example", 8443, "/"), "https://box.example:8443/");
        assert_eq!(location("box.example", 443, "http://evil.example/x"), "https://box.example/x");
        assert_eq!(location("box.example", 443, "http://198.51.100.9/x"), "https://box.example/x");
        assert_eq!(location("box.example", 443, "//evil.example/x"), "https://box.example//evil.example/x");
        assert_eq!(location("2001:db8::1", 443, "/"), "https://[2001:db8::1]/");
        assert_eq!(location("box.example", 8443, "*"), "https://box.example:8443/");
    }

    #[test]
    fn who_asks_for_the_boxs_own_address_stays_at_it_and_at_no_other_e1() {
        let to = |host| location_of(&answer(&settings("box.example", 443), "/a", host));
        assert_eq!(to(OWN), "https://192.0.2.7/a");
        assert_eq!(to("192.0.2.7:8080"), "https://192.0.2.7/a");
        for other in ["198.51.100.9", "[2001:db8::9]", "box", "", "@", "192.0.2.7@evil.example"] {
            assert_eq!(to(other), "https://box.example/a", "{other:?}");
        }
    }

    #[test]
    fn while_the_box_is_set_up_the_redirect_does_not_need_its_name_i8_e1() {
        let setup = GateSettings { name_resolves: false, ..settings("box.example", 443) };
        let to = |host| {
            let answer = answer(&setup, "/a", host);
            assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT, "browsers must not keep it");
            location_of(&answer)
        };
        assert_eq!(to("127.0.0.1:8080"), "https://127.0.0.1/a", "forwarded by another machine");
        assert_eq!(to("[2001:db8::9]:80"), "https://[2001:db8::9]/a");
        assert_eq!(to("box.example"), "https://box.example/a", "whose resolver knows the name");
        assert_eq!(to("evil.example"), "https://192.0.2.7/a", "no word of the client");
    }

    #[test]
    fn names_that_are_more_than_a_host_are_refused() {
        for name in ["", "https://box", "box:443", "user@box", "box/path", "box name"] {
            assert!(matches!(Redirect::new(&settings(name, 443)), Err(GateError::Name { .. })), "{name:?}");
        }
    }
}
