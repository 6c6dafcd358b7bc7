//! One open WebSocket.

use super::close_code;
use crate::transport::{FrameRefusal, Incoming, Transport, TransportError, TransportSettings};
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
        let config = Some(super::config(&settings));
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

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Transport for Connection<S> {
    async fn next_frame(&mut self) -> Result<Incoming, TransportError> {
        self.next_frame().await
    }

    async fn feed(&mut self, frame: String) -> Result<(), TransportError> {
        self.feed(frame).await
    }

    async fn flush(&mut self) -> Result<(), TransportError> {
        self.flush().await
    }

    async fn close(self, refusal: Option<FrameRefusal>) {
        self.close(refusal.map_or(CloseCode::Normal, close_code)).await;
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
