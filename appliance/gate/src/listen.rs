//! Opens the listening sockets. Apart from serving, so that a process can bind as root and then drop its rights.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockProtocol, SockType, SockaddrStorage, bind as bind_socket, listen, setsockopt,
    socket, sockopt,
};

use crate::GateError;

/// Connections that the kernel holds until they are accepted.
const BACKLOG: i32 = 1024;

/// Open sockets of both ports; from [`bind`], or given by a service manager.
#[derive(Debug, Default)]
pub struct Listeners {
    /// Sockets of the TLS port.
    pub https: Vec<TcpListener>,
    /// Sockets of the port that only redirects; may be empty.
    pub http: Vec<TcpListener>,
}

impl Listeners {
    /// The same sockets once more: what connects while nobody accepts waits in the kernel.
    ///
    /// # Errors
    /// A process that may open no more files.
    pub fn try_clone(&self) -> io::Result<Self> {
        let again = |listeners: &[TcpListener]| -> io::Result<Vec<TcpListener>> {
            listeners.iter().map(TcpListener::try_clone).collect()
        };
        Ok(Self { https: again(&self.https)?, http: again(&self.http)? })
    }
}

/// Opens `port` on each of `addresses`, IPv6 apart from IPv4 so that `::` and `0.0.0.0` stand side by side. Port 0
/// takes a free one, the same on all addresses. An address of a family that this machine lacks is skipped as long as
/// another one opens.
///
/// # Errors
/// The first address that cannot be opened, with what to do.
pub fn bind(addresses: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, GateError> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut skipped = None;
    let mut port = port;
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        match open(address) {
            Ok(listener) => {
                port = listener.local_addr().map_err(|source| GateError::Listen { address, source })?.port();
                listeners.push(listener);
            }
            Err(Errno::EAFNOSUPPORT) => skipped = Some(address),
            Err(errno) => return Err(explained(address, errno)),
        }
    }
    match (listeners.is_empty(), skipped) {
        (false, None) => Ok(listeners),
        (false, Some(address)) => {
            tracing::warn!(%address, "not listening: this machine has no such address family");
            Ok(listeners)
        }
        (true, Some(address)) => Err(explained(address, Errno::EAFNOSUPPORT)),
        (true, None) => Err(GateError::NoAddress),
    }
}

fn open(address: SocketAddr) -> Result<TcpListener, Errno> {
    let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd: OwnedFd = socket(family, SockType::Stream, flags, SockProtocol::Tcp)?;
    // A restart must not wait for the old connections' TIME_WAIT.
    setsockopt(&fd, sockopt::ReuseAddr, &true)?;
    if address.is_ipv6() {
        setsockopt(&fd, sockopt::Ipv6V6Only, &true)?;
    }
    bind_socket(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    listen(&fd, Backlog::new(BACKLOG)?)?;
    Ok(TcpListener::from(fd))
}

fn explained(address: SocketAddr, errno: Errno) -> GateError {
    match errno {
        Errno::EACCES | Errno::EPERM => GateError::PortForbidden { address },
        Errno::EADDRINUSE => GateError::PortTaken { address },
        Errno::EADDRNOTAVAIL => GateError::AddressUnknown { address },
        other => GateError::Listen { address, source: io::Error::from(other) },
    }
}
