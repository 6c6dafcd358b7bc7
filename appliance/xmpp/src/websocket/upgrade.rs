//! The opening handshake, seen from the server (RFC 6455, 4.2; RFC 7395, 3.1).

use super::Connection;
use crate::transport::{TransportError, TransportSettings};
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{
    ALLOW, CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

/// RFC 6455, 1.3.
const ACCEPT_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// RFC 7395, 3.1.
const SUBPROTOCOL: &str = "xmpp";

/// A request that may become a WebSocket.
#[derive(Debug)]
pub struct Upgrade {
    /// To be sent as the answer: 101.
    pub response: Response<()>,
    /// Resolves once the answer is on its way; for [`connect`].
    pub on_upgrade: OnUpgrade,
}

/// Why a request does not become a WebSocket.
///
/// Nobody is asked for an `Origin`: no cookie speaks for the client here, it authenticates inside the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeRefusal {
    #[error("only GET opens a WebSocket")]
    Method,
    #[error("this address speaks WebSocket: send 'Connection: Upgrade' and 'Upgrade: websocket'")]
    NoUpgrade,
    #[error("only version 13 of WebSocket is spoken: send 'Sec-WebSocket-Version: 13'")]
    Version,
    #[error("Sec-WebSocket-Key must be 16 bytes in base64, once")]
    Key,
    #[error("the subprotocol 'xmpp' must be offered: send 'Sec-WebSocket-Protocol: xmpp'")]
    Subprotocol,
}

impl UpgradeRefusal {
    /// The answer, with the reason as its body.
    #[must_use]
    pub fn to_response(self) -> Response<String> {
        let mut response = Response::new(self.to_string());
        *response.status_mut() = match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Key | Self::Subprotocol => StatusCode::BAD_REQUEST,
        };
        let headers: &[(HeaderName, &str)] = match self {
            Self::Method => &[(ALLOW, "GET")],
            Self::NoUpgrade => &[(CONNECTION, "Upgrade"), (UPGRADE, "websocket")],
            Self::Version => &[(CONNECTION, "Upgrade"), (UPGRADE, "websocket"), (SEC_WEBSOCKET_VERSION, "13")],
            Self::Key | Self::Subprotocol => &[],
        };
        for (name, value) in headers {
            response.headers_mut().insert(name.clone(), HeaderValue::from_static(value));
        }
        response
    }
}

/// Checks the request of a client that wants to speak XMPP over WebSocket.
///
/// # Errors
/// [`UpgradeRefusal`], whose [`UpgradeRefusal::to_response`] is the answer.
pub fn upgrade<B>(request: &mut Request<B>) -> Result<Upgrade, UpgradeRefusal> {
    if request.method() != Method::GET {
        return Err(UpgradeRefusal::Method);
    }
    let headers = request.headers();
    let is_upgrade = has_token(headers, &CONNECTION, |token| token.eq_ignore_ascii_case("upgrade"))
        && has_token(headers, &UPGRADE, |token| token.eq_ignore_ascii_case("websocket"));
    if !is_upgrade {
        return Err(UpgradeRefusal::NoUpgrade);
    }
    if only(headers, &SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err(UpgradeRefusal::Version);
    }
    let key = only(headers, &SEC_WEBSOCKET_KEY).ok_or(UpgradeRefusal::Key)?;
    let accept = accept(key).ok_or(UpgradeRefusal::Key)?;
    // Subprotocols are compared with case (RFC 6455, 4.1).
    if !has_token(headers, &SEC_WEBSOCKET_PROTOCOL, |token| token == SUBPROTOCOL) {
        return Err(UpgradeRefusal::Subprotocol);
    }

    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(Upgrade { response, on_upgrade: hyper::upgrade::on(request) })
}

/// Waits until the answer is sent and takes the connection over.
///
/// # Errors
/// [`TransportError::Upgrade`] when the client is gone or the answer was never sent,
/// [`TransportError::SlowReader`] when it was not sent in time.
pub async fn connect(
    on_upgrade: OnUpgrade,
    settings: TransportSettings,
) -> Result<Connection<TokioIo<Upgraded>>, TransportError> {
    let upgraded = tokio::time::timeout(settings.write_timeout, on_upgrade)
        .await
        .map_err(|_| TransportError::SlowReader)?
        .map_err(TransportError::Upgrade)?;
    Ok(Connection::new(TokioIo::new(upgraded), settings).await)
}

/// `None` unless the key is 16 bytes in base64.
fn accept(key: &str) -> Option<HeaderValue> {
    let decoded = STANDARD.decode(key).ok()?;
    if decoded.len() != 16 {
        return None;
    }
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    digest.update(key.as_bytes());
    digest.update(ACCEPT_GUID);
    HeaderValue::from_str(&STANDARD.encode(digest.finish())).ok()
}

/// The value of a header that must not be repeated.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.trim();
    values.next().is_none().then_some(value)
}

/// Whether a header, which may be a list and may be repeated, holds such a token.
fn has_token(headers: &HeaderMap, name: &HeaderName, is_wanted: impl Fn(&str) -> bool) -> bool {
    let lists = headers.get_all(name).iter();
    lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).any(|token| is_wanted(token.trim()))
}
