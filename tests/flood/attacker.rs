//! A stranger who means harm: where it comes from, what it knows, and the ways in that all floods share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::client::TlsStream;
use world::tls::Door;
use world::{Seeded, SignedIn};

/// One act of an attacker, from connecting to being cut off. It is dropped where it stands when the flood ends.
pub(crate) type Act<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Bytes inside TLS.
pub(crate) type Stream = TlsStream<TcpStream>;

/// A way to do harm.
#[derive(Clone, Copy)]
pub(crate) struct Flood {
    pub(crate) name: &'static str,
    /// Attackers at once, each with one connection.
    pub(crate) attackers: usize,
    /// Addresses that they come from: 1 up to `SOURCES`.
    pub(crate) sources: u8,
    /// Fewer acts are no flood when it comes alone: the box would have been left in peace.
    pub(crate) acts_min: u64,
    pub(crate) act: fn(&mut Attacker) -> Act<'_>,
}

/// Addresses that attacks come from: 127.0.1.2 and on. Users come from 127.0.0.1.
pub(crate) const SOURCES: u8 = 19;

/// What attackers have found out or own.
pub(crate) struct Knowledge {
    /// Log-in names of users.
    pub(crate) emails: Vec<String>,
    /// One account that all sources try.
    pub(crate) victim: String,
    /// SASL names of users.
    pub(crate) locals: Vec<String>,
    /// Somebody of another company who turned against the box: sign-in and token are good.
    pub(crate) insider: SignedIn,
    pub(crate) https: u16,
    pub(crate) http: u16,
}

/// One attacker.
pub(crate) struct Attacker {
    pub(crate) door: Door,
    /// Where it comes from.
    pub(crate) source: Ipv4Addr,
    pub(crate) chance: Seeded,
    pub(crate) knowledge: Arc<Knowledge>,
    pub(crate) acts: Arc<AtomicU64>,
}

impl Attacker {
    /// Counts something done to the box.
    pub(crate) fn acted(&self) {
        self.acts.fetch_add(1, Ordering::Relaxed);
    }

    /// Attackers share two cores with the box: without pauses they would starve it by being there, not by what they do.
    pub(crate) async fn pause(&mut self, from_ms: u64, until_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.chance.between(from_ms, until_ms))).await;
    }

    /// One of several, by chance.
    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = usize::try_from(self.chance.between(0, from.len() as u64)).expect("an index fits");
        &from[at]
    }

    /// TLS; `None` after a pause when the box does not want this stranger.
    pub(crate) async fn tls(&mut self, alpn: &[&str]) -> Option<Stream> {
        match self.door.tls(alpn).await {
            Ok(stream) => Some(stream),
            Err(_) => {
                self.pause(500, 1500).await;
                None
            }
        }
    }

    /// A connection to the port that redirects.
    pub(crate) async fn plain(&self) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((self.source, 0)))?;
        socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.knowledge.http))).await
    }

    /// A WebSocket to `/websocket`, for frames by hand.
    pub(crate) async fn websocket(&mut self) -> Option<Stream> {
        let mut stream = self.tls(&["http/1.1"]).await?;
        let request = format!(
            "GET /websocket HTTP/1.1\r\nHost: localhost:{}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: xmpp\r\n\r\n",
            self.knowledge.https
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        (status(&mut stream).await? == 101).then_some(stream)
    }

    /// A stream of the insider, signed in and bound; nothing of what the box says is read.
    pub(crate) async fn insiders_stream(&mut self) -> Option<Stream> {
        let mut stream = self.websocket().await?;
        let insider = self.knowledge.insider.clone();
        let resource = format!("turned-{:x}", self.chance.bits());
        let bind = format!(
            "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>{resource}</resource></bind></iq>"
        );
        for text in [OPEN.to_owned(), auth(insider.local(), insider.secret()), OPEN.to_owned(), bind] {
            stream.write_all(&frame(TEXT, text.as_bytes())).await.ok()?;
        }
        Some(stream)
    }

    /// Sends a request over a connection of its own and returns the status of its answer.
    pub(crate) async fn request(&mut self, bytes: &[u8]) -> Option<u16> {
        let mut stream = self.tls(&["http/1.1"]).await?;
        stream.write_all(bytes).await.ok()?;
        status(&mut stream).await
    }
}

/// The beginning of an XMPP stream.
pub(crate) const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0' to='edge.test'/>";

/// First byte of a whole text frame (RFC 6455 section 5.2).
pub(crate) const TEXT: u8 = 0x81;

/// SASL PLAIN.
pub(crate) fn auth(local: &str, secret: &str) -> String {
    let plain = BASE64.encode(format!("\0{local}\0{secret}"));
    format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>")
}

/// `Basic` credentials.
pub(crate) fn basic(email: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{email}:{password}")))
}

/// A frame masked with zeros, which leaves the content as it is.
pub(crate) fn frame(first: u8, content: &[u8]) -> Vec<u8> {
    const MASKED: u8 = 0x80;
    let mut frame = vec![first];
    match u16::try_from(content.len()) {
        Ok(short) if short < 126 => frame.push(MASKED | short.to_be_bytes()[1]),
        Ok(middle) => {
            frame.push(MASKED | 126);
            frame.extend(middle.to_be_bytes());
        }
        Err(_) => {
            frame.push(MASKED | 127);
            frame.extend((content.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(content);
    frame
}

/// Reads one head, and with it the small body that comes along; the status.
pub(crate) async fn status(stream: &mut Stream) -> Option<u16> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < 32_768 {
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => head.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    }
    String::from_utf8_lossy(&head).split(' ').nth(1)?.parse().ok()
}

/// Reads until the box ends it.
pub(crate) async fn until_cut(stream: &mut (impl tokio::io::AsyncRead + Unpin)) {
    let mut piece = [0; 2048];
    while stream.read(&mut piece).await.is_ok_and(|count| count > 0) {}
}
