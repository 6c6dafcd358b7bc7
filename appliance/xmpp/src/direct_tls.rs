//! The transport: a stream of bytes within TLS (RFC 6120, 4; XEP-0368). TLS itself is the gate's.

use crate::transport::{FrameRefusal, Incoming, Transport, TransportError, TransportSettings};
use crate::xml::{ParseError, Piece, Splitter};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

/// A client's connection, server side.
pub(crate) struct Connection<S> {
    io: S,
    settings: TransportSettings,
    splitter: Splitter,
    read: Box<[u8]>,
    unwritten: Vec<u8>,
    last_heard: Instant,
    /// When the client was asked whether it is there, if it has not been heard since.
    asked: Option<Instant>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    /// Takes over a connection whose TLS is established.
    pub(crate) fn new(io: S, settings: TransportSettings) -> Self {
        Self {
            io,
            splitter: Splitter::new(settings.message_limit_bytes),
            read: vec![0; settings.read_buffer_bytes].into_boxed_slice(),
            unwritten: Vec::new(),
            last_heard: Instant::now(),
            asked: None,
            settings,
        }
    }

    fn silent_until(&self) -> Instant {
        match self.asked {
            Some(asked) => asked + self.settings.pong_timeout,
            None => self.last_heard + self.settings.ping_after,
        }
    }

    async fn write(&mut self) -> Result<(), TransportError> {
        let writing = timeout(self.settings.write_timeout, self.io.write_all(&self.unwritten));
        writing.await.map_err(|_| TransportError::SlowReader)?.map_err(TransportError::Io)?;
        self.unwritten.clear();
        self.unwritten.shrink_to(self.settings.write_buffer_bytes);
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Transport for Connection<S> {
    async fn next_frame(&mut self) -> Result<Incoming, TransportError> {
        loop {
            if let Some(incoming) = next(&mut self.splitter) {
                return Ok(incoming);
            }
            let until = self.silent_until();
            match timeout_at(until, self.io.read(&mut self.read)).await {
                Ok(Ok(0)) => return Ok(Incoming::Closed),
                Ok(Ok(bytes)) => {
                    self.last_heard = Instant::now();
                    self.asked = None;
                    self.splitter.feed(self.read.get(..bytes).unwrap_or_default());
                }
                Ok(Err(error)) => return Err(TransportError::Io(error)),
                Err(_) if self.asked.is_some() => return Err(TransportError::Silent),
                Err(_) => {
                    self.asked = Some(Instant::now());
                    return Ok(Incoming::Silent);
                }
            }
        }
    }

    async fn feed(&mut self, frame: String) -> Result<(), TransportError> {
        self.unwritten.extend_from_slice(frame.as_bytes());
        if self.unwritten.len() > self.settings.write_buffer_bytes {
            return self.write().await;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), TransportError> {
        self.write().await?;
        let flushing = timeout(self.settings.write_timeout, self.io.flush());
        flushing.await.map_err(|_| TransportError::SlowReader)?.map_err(TransportError::Io)
    }

    /// The gate lets the client's last bytes run out, so that no reset overtakes what explains the end.
    async fn close(mut self, _: Option<FrameRefusal>) {
        let limit = self.settings.close_timeout;
        let _ended_or_given_up = timeout(limit, self.io.shutdown()).await;
    }
}

fn next(splitter: &mut Splitter) -> Option<Incoming> {
    match splitter.next_piece() {
        Ok(None) => None,
        Ok(Some(Piece::Header(tag))) => Some(Incoming::Header(tag)),
        Ok(Some(Piece::Element(element))) => Some(Incoming::Text(element.into())),
        Ok(Some(Piece::End)) => Some(Incoming::End),
        Err(ParseError::TooLarge { limit_bytes, .. }) => {
            Some(Incoming::Refused(FrameRefusal::Oversize { limit_bytes }))
        }
        Err(error) => Some(Incoming::Refused(FrameRefusal::Xml(error))),
    }
}
