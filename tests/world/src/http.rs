//! A small HTTPS client: one connection per request, HTTP/1.1 or HTTP/2, every wait bounded.

use crate::EdgeBox;
use crate::tls::Door;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const LIMIT: Duration = Duration::from_secs(crate::PATIENCE_S);

/// Speaks to one box, as nobody or with a token.
#[derive(Clone, Debug)]
pub struct Client {
    door: Door,
    authority: String,
    token: Option<String>,
    http2: bool,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A request being put together.
#[derive(Debug)]
pub struct Request {
    client: Client,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Client {
    /// Nobody's client.
    pub fn new(edge: &EdgeBox) -> Self {
        let authority = format!("localhost:{}", edge.https());
        Self { door: Door::of(edge), authority, token: None, http2: false }
    }

    /// The same client with a bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same client over HTTP/2.
    #[must_use]
    pub fn over_http2(&self) -> Self {
        Self { http2: true, ..self.clone() }
    }

    /// The same client from another loopback address.
    #[must_use]
    pub fn from_source(&self, last_byte: u8) -> Self {
        Self { door: self.door.clone().from_source(last_byte), ..self.clone() }
    }

    /// The same client through another door.
    #[must_use]
    pub fn through(&self, door: Door) -> Self {
        Self { door, ..self.clone() }
    }

    /// The door behind this client, for raw bytes.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// Begins a request.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request {
            client: self.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send().await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request("PUT", path).json(body).send().await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }

    /// Sends bytes as they are over TLS (ALPN `http/1.1`) and returns what comes back until the end or 64 KiB.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let whole = async {
            let mut stream = self.door.tls(&["http/1.1"]).await.expect("TLS connects");
            // A server that has seen enough may close while we still write.
            let _ = stream.write_all(bytes).await;
            let _ = stream.flush().await;
            let mut answer = Vec::new();
            let mut piece = [0_u8; 4096];
            while answer.len() < 65_536 {
                match stream.read(&mut piece).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => answer.extend_from_slice(&piece[..count]),
                }
                if ends_whole_answer(&answer) {
                    break;
                }
            }
            answer
        };
        tokio::time::timeout(LIMIT, whole).await.expect("raw bytes are answered or the connection is closed in time")
    }
}

/// Whether `bytes` hold a head and as many bytes of body as its `content-length` says.
fn ends_whole_answer(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

/// Asks the redirecting port, without TLS.
pub async fn plain(edge: &EdgeBox, head: &str) -> String {
    let whole = async {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", edge.http())).await.expect("port 80 listens");
        let _ = stream.write_all(head.as_bytes()).await;
        let mut answer = vec![0_u8; 16_384];
        let count = stream.read(&mut answer).await.unwrap_or(0);
        String::from_utf8_lossy(&answer[..count]).into_owned()
    };
    tokio::time::timeout(LIMIT, whole).await.expect("the redirecting port answers in time")
}

impl Request {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    /// Sets a body and its content type (no header when empty).
    #[must_use]
    pub fn body(mut self, content_type: &str, bytes: &[u8]) -> Self {
        self.body = Bytes::copy_from_slice(bytes);
        if content_type.is_empty() { self } else { self.header("content-type", content_type) }
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self) -> Answer {
        let asked = format!("{} {}", self.method, self.path);
        match tokio::time::timeout(LIMIT, self.exchange()).await {
            Ok(Ok(mut answer)) => {
                answer.asked = asked;
                answer
            }
            Ok(Err(error)) => panic!("{asked}: {error}"),
            Err(_) => panic!("{asked}: no answer in {LIMIT:?}"),
        }
    }

    async fn exchange(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let http2 = self.client.http2;
        let io = TokioIo::new(self.client.door.tls(if http2 { &["h2"] } else { &["http/1.1"] }).await?);
        let request = self.into_hyper()?;
        let response = if http2 {
            let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(connection);
            sender.send_request(request).await?
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
            tokio::spawn(connection);
            sender.send_request(request).await?
        };
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { asked: String::new(), status: head.status.as_u16(), headers: head.headers, body })
    }

    fn into_hyper(self) -> Result<hyper::Request<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
        let authority = &self.client.authority;
        let uri = if self.client.http2 { format!("https://{authority}{}", self.path) } else { self.path.clone() };
        let mut request = hyper::Request::builder().method(self.method.as_str()).uri(uri).body(Full::new(self.body))?;
        let headers = request.headers_mut();
        if !self.client.http2 {
            headers.insert("host", HeaderValue::from_str(authority)?);
        }
        headers.insert("accept", HeaderValue::from_static("application/json"));
        if let Some(token) = &self.client.token {
            headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}"))?);
        }
        for (name, value) in &self.headers {
            headers.insert(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
        }
        Ok(request)
    }
}

impl Answer {
    /// The body as JSON; what is not JSON fails the test with the text.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: not JSON: {}", self.asked, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
