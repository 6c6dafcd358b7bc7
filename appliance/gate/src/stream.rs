//! The bytes inside TLS, as a protocol's handler gets them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::line::Line;
use crate::secured::Secured;

/// One connection's stream after its handshake. Every byte that the peer sent is still to be read.
#[derive(Debug)]
pub struct Stream {
    /// Read to tell the protocol, not yet given to its handler.
    first: Option<u8>,
    tls: Secured<Line<TcpStream>>,
    came_to: Option<SocketAddr>,
}

impl Stream {
    pub(crate) fn new(tls: Secured<Line<TcpStream>>, came_to: Option<SocketAddr>) -> Self {
        Self { first: None, tls, came_to }
    }

    /// The address of this machine that the peer connected to; `None` when it was gone before anybody could ask.
    pub fn came_to(&self) -> Option<SocketAddr> {
        self.came_to
    }

    /// What the handshake chose.
    pub(crate) fn alpn(&self) -> Option<&[u8]> {
        self.tls.alpn()
    }

    /// What ties a proof of identity to this TLS connection: the exporter of RFC 9266. Of TLS 1.3 only: in TLS 1.2 the value is unique under conditions that this end does not enforce (RFC 9266, 4.2).
    pub fn channel_binding(&self) -> Option<[u8; 32]> {
        self.tls.binding()
    }

    /// The first byte, which stays to be read; `None` when the peer closed before it sent one.
    pub(crate) async fn first_byte(&mut self) -> io::Result<Option<u8>> {
        if self.first.is_none() {
            let mut byte = [0];
            self.first = (self.tls.read(&mut byte).await? == 1).then_some(byte[0]);
        }
        Ok(self.first)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buf.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.tls).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.tls.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }
}
