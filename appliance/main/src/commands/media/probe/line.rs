//! What carries STUN to a relay: datagrams, or a stream inside TLS.

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use turn_proto::{Frame, frame_length};

/// The largest datagram that is looked at.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// How long TCP and TLS may take, each.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// One of both.
pub(super) enum Line {
    Udp(UdpSocket),
    Tls { stream: Box<StreamOwned<ClientConnection, TcpStream>>, received: Vec<u8> },
}

impl Line {
    pub(super) fn udp(to: SocketAddr) -> io::Result<Self> {
        let any = if to.is_ipv4() { IpAddr::V4(Ipv4Addr::UNSPECIFIED) } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect(to)?;
        Ok(Self::Udp(socket))
    }

    /// The handshake is part of it, so that what is wrong with the certificate is told here.
    pub(super) fn tls(to: SocketAddr, name: &str, config: Arc<ClientConfig>) -> io::Result<Self> {
        let tcp = TcpStream::connect_timeout(&to, CONNECT_WITHIN)?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(CONNECT_WITHIN))?;
        tcp.set_write_timeout(Some(CONNECT_WITHIN))?;
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(config, name).map_err(io::Error::other)?;
        let mut stream = Box::new(StreamOwned::new(connection, tcp));
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self::Tls { stream, received: Vec::new() })
    }

    /// Whether the network may lose what is sent.
    pub(super) fn loses(&self) -> bool {
        matches!(self, Self::Udp(_))
    }

    pub(super) fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(message).map(drop),
            Self::Tls { stream, .. } => {
                stream.write_all(message)?;
                stream.write_all(&[0; 3][..turn_proto::padding(message.len())])?;
                stream.flush()
            }
        }
    }

    /// The next message; `None` when none came until then.
    pub(super) fn receive(&mut self, until: Instant) -> io::Result<Option<Vec<u8>>> {
        let left = |until: Instant| until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match self {
            Self::Udp(socket) => {
                socket.set_read_timeout(Some(left(until)))?;
                let mut bytes = vec![0; DATAGRAM_BYTES_MAX];
                let Some(length) = in_time(socket.recv(&mut bytes))? else { return Ok(None) };
                bytes.truncate(length);
                Ok(Some(bytes))
            }
            Self::Tls { stream, received } => loop {
                if let Some(message) = next_frame(received)? {
                    return Ok(Some(message));
                }
                if Instant::now() >= until {
                    return Ok(None);
                }
                stream.sock.set_read_timeout(Some(left(until)))?;
                let mut bytes = [0; DATAGRAM_BYTES_MAX];
                match in_time(stream.read(&mut bytes))? {
                    Some(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Some(length) => received.extend_from_slice(&bytes[..length]),
                    None => return Ok(None),
                }
            },
        }
    }
}

fn in_time(outcome: io::Result<usize>) -> io::Result<Option<usize>> {
    match outcome {
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(None),
        other => other.map(Some),
    }
}

fn next_frame(received: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    match frame_length(received).map_err(io::Error::other)? {
        Frame::Incomplete => Ok(None),
        Frame::Whole { length, padded } => {
            let mut message: Vec<u8> = received.drain(..padded).collect();
            message.truncate(length);
            Ok(Some(message))
        }
    }
}
