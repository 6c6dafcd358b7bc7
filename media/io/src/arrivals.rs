//! Datagrams as they come, several at a time.
#![expect(unsafe_code, reason = "the kernel takes vectors of pointers")]

use nix::libc;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::os::fd::AsRawFd;

use crate::Offloads;
use crate::address;
use crate::socket::Udp;

/// What the kernel joins at most; also the longest datagram.
const SLOT_BYTES: usize = 65_536;
/// Room for the length of segments and for the address that was asked.
const CONTROL_WORDS: usize = 16;

/// One datagram, or several of one sender and one length that the kernel joined.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Whence.
    pub from: SocketAddr,
    /// Which of the machine's addresses it came to, where the socket is bound to all of them.
    pub to: Option<IpAddr>,
    /// Where in [`Arrivals::memory`] the bytes are.
    pub bytes: Range<usize>,
    /// Length of each datagram; the last one may be shorter.
    pub segment: usize,
}

/// Memory for a number of arrivals. Only what is used of it is ever touched.
pub struct Arrivals {
    memory: Box<[u8]>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<[u64; CONTROL_WORDS]>,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    arrived: Vec<Arrived>,
    used: usize,
    /// Slots before this one have been used, or never been prepared; the others are as they must be.
    stale: usize,
    batches: bool,
}

// SAFETY: the pointers lead into its own vectors, are set before each call of the kernel and followed by nobody after it.
unsafe impl Send for Arrivals {}

impl std::fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrivals").field("arrived", &self.arrived).finish_non_exhaustive()
    }
}

impl Arrivals {
    /// Room for so many.
    #[must_use]
    pub fn new(slots: usize, offloads: Offloads) -> Self {
        // SAFETY: both are plain numbers and pointers, for which zero is a value.
        let (name, header) = unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        Self {
            memory: vec![0; slots * SLOT_BYTES].into_boxed_slice(),
            names: vec![name; slots],
            controls: vec![[0; CONTROL_WORDS]; slots],
            vectors: vec![libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; slots],
            headers: vec![header; slots],
            arrived: Vec::with_capacity(slots),
            used: 0,
            stale: slots,
            batches: offloads.batches,
        }
    }

    /// Forgets what came.
    pub fn clear(&mut self) {
        self.arrived.clear();
        self.stale = self.stale.max(self.used);
        self.used = 0;
    }

    /// For how many more there is room.
    #[must_use]
    pub fn room(&self) -> usize {
        self.headers.len() - self.used
    }

    /// How many came.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrived.len()
    }

    /// Whether none came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrived.is_empty()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, at: usize) -> &Arrived {
        &self.arrived[at]
    }

    /// All bytes that came.
    #[must_use]
    pub fn memory(&self) -> &[u8] {
        &self.memory
    }

    /// All bytes that came, to be changed in place.
    pub fn memory_mut(&mut self) -> &mut [u8] {
        &mut self.memory
    }

    /// Takes what has come to a socket, `most` at a time at most. None is no error. Says which ones are new.
    ///
    /// # Errors
    /// What the kernel says of the socket.
    pub fn receive(&mut self, socket: &Udp, most: usize) -> io::Result<Range<usize>> {
        let first = self.arrived.len();
        let count = most.min(self.room());
        if count == 0 {
            return Ok(first..first);
        }
        if self.used < self.stale {
            // In one go, so that what is prepared is known by one number.
            for slot in self.used..self.stale {
                self.prepare(slot);
            }
            self.stale = self.used;
        }
        let (at_once, calls) = if self.batches { (count, 1) } else { (1, count) };
        for _ in 0..calls {
            let received = self.call(socket, at_once)?;
            for slot in self.used..self.used + received {
                if let Some(arrived) = self.read(slot, socket) {
                    self.arrived.push(arrived);
                }
            }
            self.used += received;
            if received == 0 {
                break;
            }
        }
        Ok(first..self.arrived.len())
    }

    fn prepare(&mut self, slot: usize) {
        self.vectors[slot] = libc::iovec {
            iov_base: std::ptr::from_mut(&mut self.memory[slot * SLOT_BYTES]).cast(),
            iov_len: SLOT_BYTES,
        };
        let header = &mut self.headers[slot].msg_hdr;
        header.msg_name = std::ptr::from_mut(&mut self.names[slot]).cast();
        header.msg_namelen = libc::socklen_t::try_from(size_of::<libc::sockaddr_storage>()).unwrap_or(0);
        header.msg_iov = &raw mut self.vectors[slot];
        header.msg_iovlen = 1;
        header.msg_control = self.controls[slot].as_mut_ptr().cast();
        header.msg_controllen = size_of::<[u64; CONTROL_WORDS]>();
        header.msg_flags = 0;
    }

    fn call(&mut self, socket: &Udp, count: usize) -> io::Result<usize> {
        let first = &raw mut self.headers[self.used];
        let descriptor = socket.as_raw_fd();
        // SAFETY: `count` headers from `used` on were prepared just now; name, vector, buffer and control of each are live
        // parts of `self` of the lengths given, and the kernel writes into none of them once the call has returned.
        let done = unsafe {
            if count == 1 {
                let length = libc::recvmsg(descriptor, &raw mut (*first).msg_hdr, libc::MSG_DONTWAIT);
                (*first).msg_len = libc::c_uint::try_from(length).unwrap_or(0);
                if length < 0 { -1 } else { 1 }
            } else {
                let count = libc::c_uint::try_from(count).unwrap_or(1);
                libc::recvmmsg(descriptor, first, count, libc::MSG_DONTWAIT, std::ptr::null_mut())
            }
        };
        match usize::try_from(done) {
            Ok(done) => Ok(done),
            Err(_) => nothing_or(io::Error::last_os_error()),
        }
    }

    /// `None` for what was cut, or whose sender has no address.
    fn read(&self, slot: usize, socket: &Udp) -> Option<Arrived> {
        let header = &self.headers[slot];
        let from = address::read(&self.names[slot])?;
        if header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
            return None;
        }
        let length = usize::try_from(header.msg_len).ok()?.min(SLOT_BYTES);
        let (mut segment, mut to) = (length, None);
        // SAFETY: the kernel wrote the control messages into `controls[slot]`, where `msg_control` points, and set their length;
        // the macros walk within it. Payloads are read unaligned, of the type that level and type stand for.
        unsafe {
            let mut control = libc::CMSG_FIRSTHDR(&raw const header.msg_hdr);
            while let Some(here) = control.as_ref() {
                let data = libc::CMSG_DATA(control);
                match (here.cmsg_level, here.cmsg_type) {
                    (libc::SOL_UDP, libc::UDP_GRO) => {
                        segment = usize::try_from(data.cast::<libc::c_int>().read_unaligned()).unwrap_or(length);
                    }
                    (libc::SOL_IP, libc::IP_PKTINFO) => {
                        let info = data.cast::<libc::in_pktinfo>().read_unaligned();
                        to = Some(IpAddr::V4(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr))));
                    }
                    (libc::SOL_IPV6, libc::IPV6_PKTINFO) => {
                        let info = data.cast::<libc::in6_pktinfo>().read_unaligned();
                        to = Some(IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr)));
                    }
                    _ => {}
                }
                control = libc::CMSG_NXTHDR(&raw const header.msg_hdr, control);
            }
        }
        let bytes = slot * SLOT_BYTES..slot * SLOT_BYTES + length;
        let bound = socket.local().ip();
        Some(Arrived { from, to: to.or((!bound.is_unspecified()).then_some(bound)), bytes, segment: segment.max(1) })
    }
}

/// What a peer's machine says of an earlier datagram (refused, unreachable) is no error of what is received now.
fn nothing_or(error: io::Error) -> io::Result<usize> {
    let passing = [libc::ECONNREFUSED, libc::EHOSTUNREACH, libc::ENETUNREACH];
    let none = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted);
    if none || error.raw_os_error().is_some_and(|code| passing.contains(&code)) { Ok(0) } else { Err(error) }
}
