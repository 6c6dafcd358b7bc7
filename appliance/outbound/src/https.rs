//! The one HTTPS client: one connection a call, every wait and size bounded, no redirect followed.

use crate::resolve::Resolver;
use crate::{OutboundError, address, roots};
use domain::outbound::HttpsUrl;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// From the first question for a name to the head of the answer.
const CALL_WITHIN: Duration = Duration::from_secs(20);
/// For a whole request and its whole answer, of some megabytes.
const EXCHANGE_WITHIN: Duration = Duration::from_secs(300);
/// For one address of a host to take the connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Addresses of a host that are tried.
const ADDRESSES_MAX: usize = 4;
/// The head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;

/// Whom the client trusts and where it may go.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// PEM certificates of further CAs.
    pub ca_file: Option<PathBuf>,
    /// Addresses inside of a network may be called.
    pub allow_private: bool,
}

/// What a service answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    /// When to come again, in seconds, if it said so in seconds (RFC 9110, 10.2.3).
    pub(crate) retry_after_s: Option<u64>,
}

/// The client.
pub struct Https {
    tls: TlsConnector,
    resolver: Resolver,
    allow_private: bool,
}

impl Https {
    /// Reads the trusted CAs.
    ///
    /// # Errors
    /// When the file of further CAs cannot be used.
    pub fn new(trust: &Trust) -> Result<Self, OutboundError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots::trusted(trust.ca_file.as_deref())?)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            resolver: Resolver::new(),
            allow_private: trust.allow_private,
        })
    }

    /// Posts a body and answers what came back, of which the body is not read.
    pub(crate) async fn post(&self, to: &HttpsUrl, headers: HeaderMap, body: Bytes) -> Result<Answered, OutboundError> {
        let call = async { self.send(self.connect(to).await?, request(to, headers, body)?).await };
        let answer = timeout(CALL_WITHIN, call).await.map_err(|_| OutboundError::TimedOut)??;
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answered { status: answer.status(), retry_after_s: retry_after })
    }

    /// Asks whatever a service understands, and reads the whole answer, of at most so many bytes.
    pub(crate) async fn ask(&self, asked: Asked, limit: usize) -> Result<Answer, OutboundError> {
        let call = async {
            let stream = self.connect(&asked.to).await?;
            let (mut sender, connection) = client().handshake(TokioIo::new(stream)).await?;
            let driven = tokio::spawn(connection);
            let answer = read(sender.send_request(asked.request()?).await?, limit).await;
            driven.abort();
            answer
        };
        timeout(EXCHANGE_WITHIN, call).await.map_err(|_| OutboundError::TimedOut)?
    }

    /// Connects to an address that was looked at: asking for the name once more could lead elsewhere.
    async fn connect(&self, to: &HttpsUrl) -> Result<TlsStream<TcpStream>, OutboundError> {
        let mut addresses = self.resolver.addresses(to.host(), to.port()).await.map_err(OutboundError::Resolve)?;
        addresses.retain(|found| self.allow_private || address::is_public(found.ip()));
        let name = ServerName::try_from(to.host().to_owned());
        let name = name.map_err(|e| OutboundError::Connect(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
        let mut refused = OutboundError::Private;
        for address in addresses.into_iter().take(ADDRESSES_MAX) {
            match timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    return self.tls.connect(name, stream).await.map_err(OutboundError::Connect);
                }
                Ok(Err(failure)) => refused = OutboundError::Connect(failure),
                Err(_) => refused = OutboundError::TimedOut,
            }
        }
        Err(refused)
    }

    async fn send(
        &self,
        stream: TlsStream<TcpStream>,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<hyper::body::Incoming>, OutboundError> {
        let (mut sender, connection) = client().handshake(TokioIo::new(stream)).await?;
        let mut answer = pin!(sender.send_request(request));
        tokio::select! {
            head = &mut answer => Ok(head?),
            // The head is handed over before the connection ends.
            _ = connection => Ok(answer.await?),
        }
    }
}

/// A request of any method.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) to: HttpsUrl,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    fn request(self) -> Result<Request<Full<Bytes>>, OutboundError> {
        let mut request = request(&self.to, self.headers, self.body)?;
        *request.method_mut() = self.method;
        Ok(request)
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// HTTP/1.1 with bounds on the head of an answer.
fn client() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    http
}

async fn read(answer: Response<hyper::body::Incoming>, limit: usize) -> Result<Answer, OutboundError> {
    let status = answer.status();
    let body = Limited::new(answer.into_body(), limit).collect().await;
    let body = body.map_err(|e| OutboundError::Connect(io::Error::other(e)))?.to_bytes();
    Ok(Answer { status, body })
}

fn request(to: &HttpsUrl, headers: HeaderMap, body: Bytes) -> Result<Request<Full<Bytes>>, OutboundError> {
    let made = Request::builder().method(Method::POST).uri(to.path()).body(Full::new(body));
    let mut request = made.map_err(|_| OutboundError::Made("the request"))?;
    *request.headers_mut() = headers;
    let host = HeaderValue::try_from(to.authority()).map_err(|_| OutboundError::Made("the host header"))?;
    request.headers_mut().insert(HOST, host);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn called(to: &str, allow_private: bool) -> Option<OutboundError> {
        let client = Https::new(&Trust { ca_file: None, allow_private }).expect("a client");
        let to = HttpsUrl::parse(to).expect("an address");
        client.post(&to, HeaderMap::new(), Bytes::new()).await.err()
    }

    #[tokio::test]
    async fn names_and_numbers_that_lead_inside_are_not_called_e6() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("bound").port();
        for host in ["localhost", "127.0.0.1"] {
            let refused = called(&format!("https://{host}:{port}/a"), false).await;
            assert!(matches!(refused, Some(OutboundError::Private)), "{host}: {refused:?}");
        }
        let nobody_came = listener.accept().err().map(|e| e.kind());
        assert_eq!(nobody_came, Some(io::ErrorKind::WouldBlock));
    }

    #[tokio::test]
    async fn who_allows_it_calls_inside_too_and_hears_what_failed_e6() {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
        let refused = called(&format!("https://127.0.0.1:{}/a", free.expect("a port").port()), true).await;
        assert!(matches!(&refused, Some(failure @ OutboundError::Connect(_)) if failure.may_pass()), "{refused:?}");
    }

    #[test]
    fn a_file_without_certificates_is_told_by_its_name_e6() {
        let trust = |path: &str| Trust { ca_file: Some(PathBuf::from(path)), allow_private: false };
        for path in ["/nonexistent/ca.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let refused = Https::new(&trust(path)).err().map(|e| e.to_string());
            assert!(refused.as_deref().is_some_and(|text| text.starts_with(path)), "{refused:?}");
        }
    }
}
