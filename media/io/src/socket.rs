#![expect(unsafe_code, reason = "options of the kernel are raw memory")]

use nix::libc;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use crate::Offloads;

/// For bursts that come while a thread is at work; the kernel may grant less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// A UDP socket that never blocks.
#[derive(Debug)]
pub struct Udp {
    socket: Socket,
    local: SocketAddr,
}

impl Udp {
    /// Binds. With `shared`, further sockets may be bound to the same address, and the kernel spreads what comes over them.
    ///
    /// # Errors
    /// What the kernel says. Missing offloads are no error.
    pub fn bind(address: SocketAddr, shared: bool, offloads: Offloads) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if shared {
            socket.set_reuse_port(true)?;
        }
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        Self::of(socket, offloads)
    }

    /// Takes over a socket that is bound already.
    ///
    /// # Errors
    /// When it is no UDP socket, or not bound.
    pub fn given(socket: OwnedFd, offloads: Offloads) -> io::Result<Self> {
        Self::of(Socket::from(socket), offloads)
    }

    /// Another handle on the same socket.
    ///
    /// # Errors
    /// Without free descriptors.
    pub fn again(&self) -> io::Result<Self> {
        Ok(Self { socket: self.socket.try_clone()?, local: self.local })
    }

    fn of(socket: Socket, offloads: Offloads) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(BUFFER_BYTES);
        let local = socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("not a socket of IP"))?;
        let udp = Self { socket, local };
        if offloads.gro {
            udp.switch_on(libc::SOL_UDP, libc::UDP_GRO)?;
        }
        // Whoever listens on all addresses has to answer from the one that was asked.
        match (local.is_ipv4(), local.ip().is_unspecified()) {
            (true, true) => udp.switch_on(libc::SOL_IP, libc::IP_PKTINFO)?,
            (false, true) => udp.switch_on(libc::SOL_IPV6, libc::IPV6_RECVPKTINFO)?,
            (_, false) => {}
        }
        Ok(udp)
    }

    /// What it is bound to.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Whether packets of this family and to this address come to it.
    #[must_use]
    pub fn serves(&self, address: std::net::IpAddr) -> bool {
        let any = self.local.ip().is_unspecified() && self.local.is_ipv4() == address.is_ipv4();
        any || self.local.ip() == address || (address == Ipv6Addr::UNSPECIFIED && self.local.is_ipv6())
    }

    fn switch_on(&self, level: libc::c_int, option: libc::c_int) -> io::Result<()> {
        let on: libc::c_int = 1;
        let length = libc::socklen_t::try_from(size_of::<libc::c_int>()).unwrap_or(4);
        // SAFETY: the descriptor is open as long as `self` is; the value is a live `c_int` of the length given.
        let done =
            unsafe { libc::setsockopt(self.socket.as_raw_fd(), level, option, std::ptr::from_ref(&on).cast(), length) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}

impl AsFd for Udp {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for Udp {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.socket.as_raw_fd()
    }
}
