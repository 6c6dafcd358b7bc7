//! TLS over a peer's line, without memory of its own while nothing is on its way: the library's ready-made stream keeps a
//! buffer of 4 KiB for each connection, and ten thousand that only listen are the rule.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{
    AppDataRecord, ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus, WriteTraffic,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::exporter::Exporter;

/// Read from the line at a time, on the stack.
const READ_BYTES: usize = 16 * 1024;
/// What a peer may send of a record, or of a message of the handshake, before it is whole (RFC 8446, 4 and 5.1).
const INCOMING_BYTES_MAX: usize = 64 * 1024 + READ_BYTES;
/// Taken of one write, in as few records as may be.
const SEAL_BYTES_MAX: usize = 64 * 1024;
/// The most that a record holds (RFC 8446, 5.1), and more than its header, nonce and tag take.
const RECORD_BYTES: usize = 16 * 1024;
const AROUND_RECORD_BYTES: usize = 64;

/// A connection whose handshake is done.
pub(crate) struct Secured<S> {
    line: S,
    tls: UnbufferedServerConnection,
    /// The begin of a record that has not come whole.
    incoming: Vec<u8>,
    /// Opened records, and how much of them was taken.
    opened: Vec<u8>,
    taken: usize,
    /// Sealed records, and how much of them the line has.
    outgoing: Vec<u8>,
    sent: usize,
    /// What ties a proof of identity to this connection.
    binding: Option<[u8; 32]>,
    /// The peer has said that no more comes.
    peer_closed: bool,
    /// The line is at its end.
    ended: bool,
    /// This end has said that no more comes.
    closed: bool,
}

/// What is to be done once TLS lets this end write.
enum Wish<'a> {
    Nothing,
    Seal(&'a [u8]),
    Close,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Secured<S> {
    /// Shakes hands.
    pub(crate) async fn accept(line: S, config: Arc<ServerConfig>) -> io::Result<Self> {
        let exporter = Exporter::new();
        let config = exporter.listening_to(&config);
        let tls = UnbufferedServerConnection::new(config).map_err(invalid)?;
        let mut secured = Self {
            line,
            tls,
            incoming: Vec::new(),
            opened: Vec::new(),
            taken: 0,
            outgoing: Vec::new(),
            sent: 0,
            binding: None,
            peer_closed: false,
            ended: false,
            closed: false,
        };
        while secured.tls.is_handshaking() {
            std::future::poll_fn(|cx| secured.poll_take(cx)).await?;
            if secured.ended {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the peer left during the handshake"));
            }
            std::future::poll_fn(|cx| secured.poll_send(cx)).await?;
        }
        secured.binding = exporter.binding(&secured.tls);
        Ok(secured)
    }

    /// What the handshake chose.
    pub(crate) fn alpn(&self) -> Option<&[u8]> {
        self.tls.alpn_protocol()
    }

    /// The exporter of RFC 9266; of TLS 1.3 only.
    pub(crate) fn binding(&self) -> Option<[u8; 32]> {
        self.binding
    }

    /// Reads once from the line and opens what came.
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut room = [MaybeUninit::uninit(); READ_BYTES];
        let mut read = ReadBuf::uninit(&mut room);
        ready!(Pin::new(&mut self.line).poll_read(cx, &mut read))?;
        if read.filled().is_empty() {
            self.ended = true;
            return Poll::Ready(Ok(()));
        }
        let done = if self.incoming.is_empty() {
            let bytes = read.filled_mut();
            let done = self.turn(bytes, &Wish::Nothing);
            if let Ok(done) = done {
                self.incoming = bytes[done..].to_vec();
            }
            done.map(|_| ())
        } else {
            self.incoming.extend_from_slice(read.filled());
            self.turn_over_incoming(&Wish::Nothing)
        };
        if let Err(error) = done {
            // The alert that says why, if the line takes it at once.
            let _told = self.poll_send(cx);
            return Poll::Ready(Err(invalid(error)));
        }
        if self.incoming.len() > INCOMING_BYTES_MAX {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a TLS message without end")));
        }
        Poll::Ready(Ok(()))
    }

    /// A turn that begins with what has come already.
    fn turn_over_incoming(&mut self, wish: &Wish<'_>) -> Result<(), rustls::Error> {
        let mut incoming = std::mem::take(&mut self.incoming);
        let done = self.turn(&mut incoming, wish)?;
        if done < incoming.len() {
            incoming.drain(..done);
            self.incoming = incoming;
        }
        Ok(())
    }

    /// Lets TLS deal with `bytes`, and grants the wish; how many of the bytes are done with.
    fn turn(&mut self, bytes: &mut [u8], wish: &Wish<'_>) -> Result<usize, rustls::Error> {
        let (mut done, mut granted, mut failed) = (0, false, None);
        loop {
            let UnbufferedStatus { mut discard, state } = self.tls.process_tls_records(&mut bytes[done..]);
            let goes_on = match state {
                Ok(ConnectionState::ReadTraffic(mut traffic)) => {
                    while let Some(record) = traffic.next_record() {
                        let AppDataRecord { discard: more, payload, .. } = record?;
                        discard += more;
                        self.opened.extend_from_slice(payload);
                    }
                    true
                }
                Ok(ConnectionState::EncodeTlsData(data)) => {
                    encode(data, &mut self.outgoing)?;
                    true
                }
                Ok(ConnectionState::TransmitTlsData(data)) => {
                    data.done();
                    true
                }
                Ok(ConnectionState::PeerClosed) => {
                    self.peer_closed = true;
                    true
                }
                Ok(ConnectionState::WriteTraffic(mut writing)) if failed.is_none() => {
                    grant(&mut writing, wish, &mut self.outgoing)?;
                    granted = true;
                    false
                }
                Ok(_) => false,
                // Once more for the alert; what is wrong stays wrong.
                Err(error) => {
                    let first = failed.is_none();
                    failed.get_or_insert(error);
                    first
                }
            };
            done += discard;
            if !goes_on {
                let unsealed = matches!(wish, Wish::Seal(_)) && !granted;
                return failed.or(unsealed.then_some(rustls::Error::HandshakeNotComplete)).map_or(Ok(done), Err);
            }
        }
    }

    /// Writes what is sealed.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.outgoing.len() {
            match ready!(Pin::new(&mut self.line).poll_write(cx, &self.outgoing[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.sent += written,
            }
        }
        (self.outgoing, self.sent) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Seals, and writes as much of it as the line takes; the rest goes before anything else.
    fn poll_seal(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_send(cx))?;
        if self.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.turn_over_incoming(&Wish::Seal(bytes)).map_err(invalid)?;
        if let Poll::Ready(Err(failure)) = self.poll_send(cx) {
            return Poll::Ready(Err(failure));
        }
        Poll::Ready(Ok(bytes.len()))
    }
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn internal(error: &impl std::fmt::Display) -> rustls::Error {
    rustls::Error::General(error.to_string())
}

/// Appends a record of TLS's own.
fn encode<D>(mut data: EncodeTlsData<'_, D>, outgoing: &mut Vec<u8>) -> Result<(), rustls::Error> {
    let before = outgoing.len();
    let written = match data.encode(&mut []) {
        Err(EncodeError::InsufficientSize(short)) => {
            outgoing.resize(before + short.required_size, 0);
            data.encode(&mut outgoing[before..])
        }
        other => other,
    };
    outgoing.truncate(before + written.as_ref().copied().unwrap_or(0));
    written.map(|_| ()).map_err(|error| internal(&error))
}

/// Appends what is to be written.
fn grant<D>(writing: &mut WriteTraffic<'_, D>, wish: &Wish<'_>, outgoing: &mut Vec<u8>) -> Result<(), rustls::Error> {
    let mut write = |room: &mut [u8]| match wish {
        Wish::Nothing => Ok(0),
        Wish::Seal(bytes) => writing.encrypt(bytes, room),
        Wish::Close => writing.queue_close_notify(room),
    };
    let expected = match wish {
        Wish::Nothing => return Ok(()),
        Wish::Seal(bytes) => bytes.len() + AROUND_RECORD_BYTES * (1 + bytes.len() / RECORD_BYTES),
        Wish::Close => AROUND_RECORD_BYTES,
    };
    let before = outgoing.len();
    outgoing.resize(before + expected, 0);
    let written = match write(&mut outgoing[before..]) {
        Err(EncryptError::InsufficientSize(short)) => {
            outgoing.resize(before + short.required_size, 0);
            write(&mut outgoing[before..])
        }
        other => other,
    };
    outgoing.truncate(before + written.as_ref().copied().unwrap_or(0));
    written.map(|_| ()).map_err(|error| internal(&error))
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secured<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.opened.is_empty() {
            if this.peer_closed {
                return Poll::Ready(Ok(()));
            }
            if this.ended {
                let cut =
                    io::Error::new(io::ErrorKind::UnexpectedEof, "the peer closed the connection without close_notify");
                return Poll::Ready(Err(cut));
            }
            ready!(this.poll_take(cx))?;
        }
        let rest = &this.opened[this.taken..];
        let amount = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..amount]);
        this.taken += amount;
        if this.taken == this.opened.len() {
            (this.opened, this.taken) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secured<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.poll_seal(cx, &bytes[..bytes.len().min(SEAL_BYTES_MAX)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut filled = slices.iter().filter(|slice| !slice.is_empty());
        let (first, second) = (filled.next(), filled.next());
        let (Some(first), Some(second)) = (first, second.filter(|_| first.is_some_and(|one| one.len() < RECORD_BYTES)))
        else {
            return self.poll_write(cx, first.map_or(&[], |first| first));
        };
        // Small ones share a record.
        let mut together = first.to_vec();
        for slice in [second].into_iter().chain(filled) {
            let room = RECORD_BYTES - together.len();
            together.extend_from_slice(&slice[..slice.len().min(room)]);
        }
        self.poll_seal(cx, &together)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.line).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closed {
            self.closed = true;
            // A connection that has failed takes no leave.
            let _taken = self.turn_over_incoming(&Wish::Close);
        }
        ready!(self.poll_send(cx))?;
        match ready!(Pin::new(&mut self.line).poll_shutdown(cx)) {
            Err(failure) if failure.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(failure)),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for Secured<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secured").field("line", &self.line).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
