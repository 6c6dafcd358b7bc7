use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// The moment at which something is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Since some moment before the server was made; never goes back.
    pub since_start: Duration,
    /// Seconds since 1970, for what was dated elsewhere: credentials.
    pub unix_s: u64,
}

/// Who speaks to the server: the 5-tuple of RFC 8656, section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// By datagrams, which must be answered from the address they were sent to.
    Datagrams {
        /// Whence they come.
        remote: SocketAddr,
        /// The box's address they came to.
        local: IpAddr,
    },
    /// By a stream of bytes that has been made safe already.
    Stream {
        /// Of this stream; never used for another one.
        id: u64,
        /// Whence it comes.
        remote: SocketAddr,
    },
}

impl Client {
    /// Address and port at the other end, as the box sees them.
    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        match self {
            Self::Datagrams { remote, .. } | Self::Stream { remote, .. } => *remote,
        }
    }

    /// Whether what is sent is cut into datagrams by the network.
    #[must_use]
    pub fn is_datagrams(&self) -> bool {
        matches!(self, Self::Datagrams { .. })
    }
}
