//! One open WebSocket.

use super::TransportSettings;
use crate::stream::StreamCondition;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error as SocketError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

/// Read and thrown away at a time while a client takes its leave.
const DRAIN_BUFFER_BYTES: usize = 1024;

/// A client's WebSocket, server side.
pub struct Connection<S> {
    socket: WebSocketStream<S>,
    settings: TransportSettings,
    last_heard: Instant,
    /// When the client was asked whether it is there, if it has not been heard since.
    asked: Option<Instant>,
    /// The boundaries between messages are lost: what comes now is bytes.
    out_of_step: bool,
}

/// What comes from the client.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// One XMPP frame.
    Text(Utf8Bytes),
    /// Something that no XMPP client sends. Answer with a stream error and close; there is no reading on.
    Refused(FrameRefusal),
    /// The client has closed the WebSocket.
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
}

impl FrameRefusal {
    /// The stream error that answers it; its text is what this displays as.
    #[must_use]
    pub fn condition(self) -> StreamCondition {
        match self {
            Self::Oversize { .. } => StreamCondition::PolicyViolation,
            // Closer than not-well-formed: RFC 7395, 3.2 allows text frames only.
            Self::Binary | Self::NotUtf8 => StreamCondition::UnsupportedEncoding,
        }
    }

    /// The code that closes the WebSocket after it.
    #[must_use]
    pub fn close_code(self) -> CloseCode {
        match self {
            Self::Oversize { .. } => CloseCode::Size,
            Self::Binary => CloseCode::Unsupported,
            Self::NotUtf8 => CloseCode::Invalid,
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

impl From<SocketError> for TransportError {
    fn from(error: SocketError) -> Self {
        match error {
            SocketError::Io(error) => Self::Io(error),
            SocketError::WriteBufferFull(_) => Self::OutgoingTooLarge,
            SocketError::ConnectionClosed
            | SocketError::AlreadyClosed
            | SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing) => {
                Self::Lost
            }
            other => Self::Protocol(Box::new(other)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Takes over a connection whose opening handshake is done.
    pub async fn new(io: S, settings: TransportSettings) -> Self {
        let config = Some(settings.config());
        Self {
            socket: WebSocketStream::from_raw_socket(io, Role::Server, config).await,
            settings,
            last_heard: Instant::now(),
            asked: None,
            out_of_step: false,
        }
    }

    /// Waits for the next frame. Answers pings, and asks a silent client whether it is there.
    ///
    /// May be dropped and called again: no frame is lost, and the clock of silence goes on.
    ///
    /// # Errors
    /// [`TransportError`]; the connection is of no use after it.
    pub async fn next_frame(&mut self) -> Result<Incoming, TransportError> {
        loop {
            let Ok(message) = timeout_at(self.silent_until(), self.socket.next()).await else {
                self.ask().await?;
                continue;
            };
            self.last_heard = Instant::now();
            self.asked = None;
            match message {
                Some(Ok(Message::Text(text))) => return Ok(Incoming::Text(text)),
                Some(Ok(Message::Binary(_))) => return Ok(Incoming::Refused(FrameRefusal::Binary)),
                // Reading on sends the answer to a ping or to a close frame.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {}
                None => return Ok(Incoming::Closed),
                Some(Err(SocketError::Capacity(_))) => {
                    self.out_of_step = true;
                    let limit_bytes = self.settings.message_limit_bytes;
                    return Ok(Incoming::Refused(FrameRefusal::Oversize { limit_bytes }));
                }
                Some(Err(SocketError::Utf8(_))) => {
                    self.out_of_step = true;
                    return Ok(Incoming::Refused(FrameRefusal::NotUtf8));
                }
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Sends one frame and waits until the client's side takes it. To be awaited to its end: a call that is dropped
    /// may or may not have sent the frame.
    ///
    /// # Errors
    /// [`TransportError::SlowReader`] when that lasts longer than the write time-out.
    pub async fn send(&mut self, frame: String) -> Result<(), TransportError> {
        let limit = self.settings.write_timeout;
        in_time(limit, self.socket.send(Message::text(frame))).await
    }

    /// Puts one frame into the write buffer, which is written when it is full. End a row of these by
    /// [`Self::flush`].
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn feed(&mut self, frame: String) -> Result<(), TransportError> {
        let limit = self.settings.write_timeout;
        in_time(limit, self.socket.feed(Message::text(frame))).await
    }

    /// Writes what was fed.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn flush(&mut self) -> Result<(), TransportError> {
        in_time(self.settings.write_timeout, self.socket.flush()).await
    }

    /// Sends a close frame, waits a bounded time for the client's, then ends the connection below. What fails on
    /// the way is of no consequence: the connection ends anyway.
    pub async fn close(mut self, code: CloseCode) {
        let _ended_or_given_up = timeout(self.settings.close_timeout, async {
            let reason = Utf8Bytes::from_static("");
            let sent = self.socket.close(Some(CloseFrame { code, reason })).await;
            if sent.is_ok() {
                self.drain().await;
            }
            let _gone_already = self.socket.get_mut().shutdown().await;
        })
        .await;
    }

    /// Reads on until the client has answered. Closing a socket with unread bytes would make the kernel reset it,
    /// and the client would never see why.
    async fn drain(&mut self) {
        while let Some(Ok(_)) = self.socket.next().await {}
        if self.out_of_step {
            let mut rest = [0; DRAIN_BUFFER_BYTES];
            while self.socket.get_mut().read(&mut rest).await.is_ok_and(|read| read > 0) {}
        }
    }

    fn silent_until(&self) -> Instant {
        match self.asked {
            Some(asked) => asked + self.settings.pong_timeout,
            None => self.last_heard + self.settings.ping_after,
        }
    }

    async fn ask(&mut self) -> Result<(), TransportError> {
        if self.asked.is_some() {
            return Err(TransportError::Silent);
        }
        // Before the first await: a dropped call must not ask again and again.
        self.asked = Some(Instant::now());
        let limit = self.settings.write_timeout;
        in_time(limit, self.socket.send(Message::Ping(Bytes::new()))).await
    }
}

async fn in_time(
    limit: Duration,
    writing: impl Future<Output = Result<(), SocketError>>,
) -> Result<(), TransportError> {
    match timeout(limit, writing).await {
        Ok(written) => written.map_err(TransportError::from),
        Err(_) => Err(TransportError::SlowReader),
    }
}
