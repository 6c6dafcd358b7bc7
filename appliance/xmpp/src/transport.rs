//! What carries the frames of one stream: a WebSocket, or bytes within TLS. Both are bounded in memory and time.

use crate::stream::StreamCondition;
use crate::xml::ParseError;
use std::future::Future;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::error::Error as SocketError;

/// One open connection.
pub(crate) trait Transport: Send {
    /// Waits for the next frame. May be dropped and called again: no frame is lost, and the clock of silence goes on.
    fn next_frame(&mut self) -> impl Future<Output = Result<Incoming, TransportError>> + Send;

    /// Puts one frame into the write buffer, which is written when it is full. To be awaited to its end.
    fn feed(&mut self, frame: String) -> impl Future<Output = Result<(), TransportError>> + Send;

    /// Writes what was fed.
    fn flush(&mut self) -> impl Future<Output = Result<(), TransportError>> + Send;

    /// Ends the connection in order, within a bounded time; with what was refused, if that is why.
    fn close(self, refusal: Option<FrameRefusal>) -> impl Future<Output = ()> + Send;
}

/// Sizes and times of one connection.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// Largest message accepted, whole or in fragments. Twice as much may be sent.
    pub message_limit_bytes: usize,
    /// Kept by every connection, idle ones included.
    pub read_buffer_bytes: usize,
    /// What [`Connection::feed`] gathers before it writes.
    pub write_buffer_bytes: usize,
    /// Time that a reader has to take what is sent to it.
    pub write_timeout: Duration,
    /// Silence after which the client is asked whether it is there.
    pub ping_after: Duration,
    /// Time that it has to answer, by anything.
    pub pong_timeout: Duration,
    /// Time that it has to take its leave.
    pub close_timeout: Duration,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            message_limit_bytes: 256 * 1024,
            // 10,000 idle sessions are to fit into 150 MiB, TLS included.
            read_buffer_bytes: 256,
            write_buffer_bytes: 4 * 1024,
            write_timeout: Duration::from_secs(20),
            ping_after: Duration::from_secs(60),
            pong_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
        }
    }
}

/// What comes from the client.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// One XMPP frame.
    Text(Utf8Bytes),
    /// The start tag of a stream of bytes.
    Header(String),
    /// Its end tag.
    End,
    /// The client has said nothing for long: ask whether it is there, by anything that it answers.
    Silent,
    /// Something that no XMPP client sends. Answer with a stream error and close; there is no reading on.
    Refused(FrameRefusal),
    /// The client has closed the connection.
    Closed,
}

/// Why a message of the client is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameRefusal {
    #[error("the frame is larger than {limit_bytes} bytes")]
    Oversize { limit_bytes: usize },
    #[error("XMPP is sent in text frames, not in binary ones")]
    Binary,
    #[error("the frame is not UTF-8")]
    NotUtf8,
    #[error("{0}")]
    Xml(ParseError),
}

impl FrameRefusal {
    /// The stream error that answers it; its text is what this displays as.
    #[must_use]
    pub fn condition(self) -> StreamCondition {
        match self {
            Self::Oversize { .. } => StreamCondition::PolicyViolation,
            // Closer than not-well-formed: RFC 7395, 3.2 allows text frames only.
            Self::Binary | Self::NotUtf8 => StreamCondition::UnsupportedEncoding,
            Self::Xml(error) => error.into(),
        }
    }
}

/// The connection is lost: drop it.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("the upgrade to WebSocket did not come about: {0}")]
    Upgrade(#[source] hyper::Error),
    #[error("the client does not read what is sent to it")]
    SlowReader,
    #[error("the client was silent and did not answer when asked")]
    Silent,
    #[error("the client is gone without a close frame")]
    Lost,
    #[error("a message to the client is larger than its write buffer")]
    OutgoingTooLarge,
    #[error("reading from or writing to the client failed: {0}")]
    Io(#[source] std::io::Error),
    #[error("the client breaks the WebSocket protocol: {0}")]
    Protocol(#[source] Box<SocketError>),
}
