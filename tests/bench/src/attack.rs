//! Strangers who flood the box, in a process of their own: on a machine of their own they would not take processor time
//! from the clients whose latency is looked at, so they run with the lowest priority.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// At once.
const STRANGERS: u64 = 200;
/// Addresses that they come from: others in each flood, so that none pays for what another one did.
const SOURCES: u64 = 20;
/// One connection is held for so long, if the box holds it.
const HELD: Duration = Duration::from_secs(5);
/// Between one act of a stranger and the next.
const PAUSE: Duration = Duration::from_millis(10);

/// Between two bytes of a slow head.
const BYTE_EVERY: Duration = Duration::from_millis(100);
/// Of a body that is too large, at a time.
const BLOCK_BYTES: usize = 64 * 1024;
const SLOW_HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
const OVERSIZE_HEAD: &[u8] = b"POST /api/rainbow/enduser/v1.0/users HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n";

/// What they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// Handshakes that stop half-way.
    HalfOpen,
    /// Heads that come byte by byte.
    Slow,
    /// Bodies far too large.
    Oversize,
    /// Passwords of anybody.
    Guesses,
}

impl Flood {
    pub const ALL: [Self; 4] = [Self::HalfOpen, Self::Slow, Self::Oversize, Self::Guesses];

    /// Its word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::HalfOpen => "half-open",
            Self::Slow => "slow",
            Self::Oversize => "oversize",
            Self::Guesses => "guesses",
        }
    }

    /// The third byte of its strangers' addresses.
    fn network(self) -> u8 {
        match self {
            Self::HalfOpen => 1,
            Self::Slow => 2,
            Self::Oversize => 3,
            Self::Guesses => 4,
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flood| flood.word() == word)
    }

    /// Floods the box at `port`, whose CA is in the file `ca`, for so long: how often a stranger did what is done.
    pub async fn run(self, port: u16, ca: &Path, span: Duration) -> u64 {
        let tls = crate::server::connector_to(ca);
        let (end, acts) = (Instant::now() + span, Arc::new(AtomicU64::new(0)));
        let mut strangers = tokio::task::JoinSet::new();
        for number in 0..STRANGERS {
            let (tls, acts) = (tls.clone(), Arc::clone(&acts));
            let source =
                std::net::Ipv4Addr::new(127, 0, self.network(), u8::try_from(2 + number % SOURCES).unwrap_or(2));
            strangers.spawn(async move {
                let mut turn = number;
                while Instant::now() < end {
                    turn += STRANGERS;
                    // The box may cut any of them anywhere: that is what is wanted of it.
                    let _ = timeout_at(end, self.act(source, port, (&tls, &acts), turn)).await;
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        while strangers.join_next().await.is_some() {}
        acts.load(Ordering::Relaxed)
    }

    /// Counted from where it begins to do harm; `None` when the box would not even let it begin.
    async fn act(
        self,
        source: std::net::Ipv4Addr,
        port: u16,
        (tls, acts): (&TlsConnector, &AtomicU64),
        turn: u64,
    ) -> Option<()> {
        let mut stream = connect(source, port).await?;
        match self {
            Self::HalfOpen => {
                // A record of TLS that promises a ClientHello.
                begin(&mut stream, &[0x16, 3, 1, 2, 0, 1, 0, 1], acts).await?;
                until_cut(&mut stream).await;
            }
            Self::Slow => {
                let mut stream = shake(stream, tls).await?;
                begin(&mut stream, SLOW_HEAD, acts).await?;
                let begun = Instant::now();
                while begun.elapsed() < HELD && stream.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(BYTE_EVERY).await;
                }
            }
            Self::Oversize => {
                let mut stream = shake(stream, tls).await?;
                begin(&mut stream, OVERSIZE_HEAD, acts).await?;
                let (begun, block) = (Instant::now(), vec![b' '; BLOCK_BYTES]);
                while begun.elapsed() < HELD && stream.write_all(&block).await.is_ok() {}
            }
            Self::Guesses => {
                let mut stream = shake(stream, tls).await?;
                begin(&mut stream, guess(turn).as_bytes(), acts).await?;
                until_cut(&mut stream).await;
            }
        }
        Some(())
    }
}

/// The first bytes, which is where an act begins to count.
async fn begin(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8], acts: &AtomicU64) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    acts.fetch_add(1, Ordering::Relaxed);
    Some(())
}

/// A sign-in with a password that is none.
fn guess(turn: u64) -> String {
    let guess = STANDARD.encode(format!("somebody-{}@bench.test:Guess-{turn}!", turn % 100));
    format!(
        "GET /api/rainbow/authentication/v1.0/login HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Basic {guess}\r\nConnection: close\r\n\r\n"
    )
}

async fn connect(source: std::net::Ipv4Addr, port: u16) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind((source, 0).into()).ok()?;
    timeout(HELD, socket.connect((std::net::Ipv4Addr::LOCALHOST, port).into())).await.ok()?.ok()
}

async fn shake(stream: TcpStream, tls: &TlsConnector) -> Option<TlsStream<TcpStream>> {
    let name = rustls::pki_types::ServerName::try_from("localhost").ok()?;
    timeout(HELD, tls.connect(name, stream)).await.ok()?.ok()
}

/// Reads what comes until the box has closed, for a bounded time.
async fn until_cut(stream: &mut (impl AsyncRead + Unpin)) {
    let mut bytes = [0; 1024];
    let reading = async { while stream.read(&mut bytes).await.is_ok_and(|read| read > 0) {} };
    // Held on is an end too.
    let _ = timeout(HELD, reading).await;
}
