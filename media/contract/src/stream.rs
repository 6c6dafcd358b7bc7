//! The head of a byte stream that is handed to the node.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use thiserror::Error;

/// Length of a head.
pub const STREAM_HEAD_BYTES: usize = 48;

/// Its digit is the version.
const MAGIC: [u8; 4] = *b"RBS1";

/// What the node is told of a stream before its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// The server's own name for it, see [`crate::Fact::StreamKnown`].
    pub number: u64,
    /// Whence it came.
    pub client: SocketAddr,
    /// Where it came to.
    pub server: SocketAddr,
}

/// It is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StreamHeadError {
    #[error("the stream begins with no head of this version")]
    OtherVersion,
}

impl StreamHead {
    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; STREAM_HEAD_BYTES] {
        let mut bytes = [0; STREAM_HEAD_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4..12].copy_from_slice(&self.number.to_be_bytes());
        for (place, address) in [(12, self.client), (30, self.server)] {
            let ip = match address.ip() {
                IpAddr::V4(four) => four.to_ipv6_mapped(),
                IpAddr::V6(six) => six,
            };
            bytes[place..place + 16].copy_from_slice(&ip.octets());
            bytes[place + 16..place + 18].copy_from_slice(&address.port().to_be_bytes());
        }
        bytes
    }

    /// Of bytes.
    ///
    /// # Errors
    /// When they begin otherwise.
    pub fn decode(bytes: &[u8; STREAM_HEAD_BYTES]) -> Result<Self, StreamHeadError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(StreamHeadError::OtherVersion)?;
        let (number, rest) = rest.split_first_chunk::<8>().ok_or(StreamHeadError::OtherVersion)?;
        let (client, server) = rest.split_at(18);
        let address = |bytes: &[u8]| {
            let (ip, port) = bytes.split_first_chunk::<16>()?;
            let port = u16::from_be_bytes(*port.first_chunk()?);
            Some(SocketAddr::new(IpAddr::V6(Ipv6Addr::from(*ip)).to_canonical(), port))
        };
        let (client, server) = address(client).zip(address(server)).ok_or(StreamHeadError::OtherVersion)?;
        Ok(Self { number: u64::from_be_bytes(*number), client, server })
    }
}
