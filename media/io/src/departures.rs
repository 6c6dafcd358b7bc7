//! Datagrams on their way out: what goes to one receiver leaves in one piece that the kernel cuts, what goes out of one socket with one
//! call.
#![expect(unsafe_code, reason = "the kernel takes vectors of pointers")]

use nix::libc;
use socket2::SockAddr;
use std::io;
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};

use crate::Offloads;
use crate::socket::Udp;

/// `UDP_MAX_SEGMENTS` of kernels before 6.9.
const SEGMENTS_MAX: usize = 64;
/// Of one piece: an IPv4 datagram less its heads.
const PIECE_BYTES_MAX: usize = 65_507;
/// How many of the last pieces are looked at for one to the same receiver.
const LOOKED_BACK: usize = 4;
/// With one call.
const CALL_MAX: usize = 64;
/// Room for the length of segments and for the address that is answered from.
const CONTROL_WORDS: usize = 12;

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Datagrams that the kernel took.
    pub datagrams: usize,
    /// Those that it did not.
    pub lost: usize,
    /// System calls.
    pub calls: usize,
}

/// Kept from one batch to the next, so that none allocates. Between batches it holds addresses that nobody follows.
pub struct Memory {
    offloads: Offloads,
    pieces: Vec<Piece>,
    parts: Vec<Part>,
    vectors: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    controls: Vec<[u64; CONTROL_WORDS]>,
}

// SAFETY: the pointers are followed only while a `Departures` borrows it, which holds on to the bytes that they lead to.
unsafe impl Send for Memory {}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").field("offloads", &self.offloads).finish_non_exhaustive()
    }
}

/// What leaves in one piece.
struct Piece {
    socket: RawFd,
    to: SocketAddr,
    name: SockAddr,
    from: Option<IpAddr>,
    segment: usize,
    segments: usize,
    bytes: usize,
    /// A shorter datagram than the first is the last.
    closed: bool,
    /// Of its vectors, once they are in order.
    first: usize,
    vectors: usize,
}

/// Bytes of one piece; parts of several pieces come mixed.
struct Part {
    piece: usize,
    /// Begins a datagram.
    begins: bool,
    vector: libc::iovec,
}

/// One batch. What is pushed must live until it is sent.
#[derive(Debug)]
pub struct Departures<'m, 'b> {
    memory: &'m mut Memory,
    bytes: PhantomData<&'b [u8]>,
}

impl Memory {
    /// Without memory yet.
    #[must_use]
    pub fn new(offloads: Offloads) -> Self {
        Self {
            offloads,
            pieces: Vec::new(),
            parts: Vec::new(),
            vectors: Vec::new(),
            headers: Vec::new(),
            controls: Vec::new(),
        }
    }
}

impl<'m, 'b> Departures<'m, 'b> {
    /// An empty batch.
    #[must_use]
    pub fn begin(memory: &'m mut Memory) -> Self {
        memory.pieces.clear();
        memory.parts.clear();
        Self { memory, bytes: PhantomData }
    }

    /// Whether nothing was pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.memory.pieces.is_empty()
    }

    /// One datagram, of parts that follow one another, out of a socket; from that address where the socket is bound to several.
    pub fn push(&mut self, socket: &'b Udp, to: SocketAddr, from: Option<IpAddr>, parts: &[&'b [u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let from = from.filter(|ip| socket.local().ip().is_unspecified() && !ip.is_unspecified());
        let piece = self.joined(socket.as_raw_fd(), to, from, length);
        let piece = piece.unwrap_or_else(|| self.new_piece(socket.as_raw_fd(), to, from, length));
        for (at, part) in parts.iter().enumerate() {
            let vector = libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() };
            self.memory.parts.push(Part { piece, begins: at == 0, vector });
        }
    }

    /// A piece that this datagram may be cut from.
    fn joined(&mut self, socket: RawFd, to: SocketAddr, from: Option<IpAddr>, length: usize) -> Option<usize> {
        if !self.memory.offloads.gso {
            return None;
        }
        let count = self.memory.pieces.len();
        for at in (count.saturating_sub(LOOKED_BACK)..count).rev() {
            let piece = &mut self.memory.pieces[at];
            if piece.socket != socket || piece.to != to || piece.from != from {
                continue;
            }
            // Only the newest piece to a receiver may be made longer, or datagrams would overtake one another.
            let fits = !piece.closed
                && (1..=piece.segment).contains(&length)
                && piece.segments < SEGMENTS_MAX
                && piece.bytes + length <= PIECE_BYTES_MAX;
            if !fits {
                return None;
            }
            piece.segments += 1;
            piece.bytes += length;
            piece.closed = length < piece.segment;
            return Some(at);
        }
        None
    }

    fn new_piece(&mut self, socket: RawFd, to: SocketAddr, from: Option<IpAddr>, length: usize) -> usize {
        self.memory.pieces.push(Piece {
            socket,
            to,
            name: SockAddr::from(to),
            from,
            segment: length,
            segments: 1,
            bytes: length,
            closed: false,
            first: 0,
            vectors: 0,
        });
        self.memory.pieces.len() - 1
    }

    /// Sends all of it. What the kernel does not take is lost, as datagrams are.
    #[must_use]
    pub fn send(self) -> Sent {
        self.memory.order();
        let mut sent = Sent::default();
        let mut at = 0;
        while at < self.memory.pieces.len() {
            at += self.memory.send_from(at, &mut sent);
        }
        sent
    }
}

impl Memory {
    /// Puts the vectors of each piece one after another, joining those that lie so in memory already.
    fn order(&mut self) {
        for part in &self.parts {
            self.pieces[part.piece].vectors += 1;
        }
        let mut first = 0;
        for piece in &mut self.pieces {
            piece.first = first;
            first += piece.vectors;
            piece.vectors = 0;
        }
        self.vectors.clear();
        self.vectors.resize(first, libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 });
        for part in &self.parts {
            let piece = &mut self.pieces[part.piece];
            let last = (piece.vectors > 0).then(|| &mut self.vectors[piece.first + piece.vectors - 1]);
            match last {
                Some(last) if last.iov_base.wrapping_byte_add(last.iov_len) == part.vector.iov_base => {
                    last.iov_len += part.vector.iov_len;
                }
                _ => {
                    self.vectors[piece.first + piece.vectors] = part.vector;
                    piece.vectors += 1;
                }
            }
        }
    }

    /// Sends the pieces from `at` on that leave by one socket; says how many are done with.
    fn send_from(&mut self, at: usize, sent: &mut Sent) -> usize {
        let socket = self.pieces[at].socket;
        let most = if self.offloads.batches { CALL_MAX } else { 1 };
        let run = self.pieces[at..].iter().take(most).take_while(|piece| piece.socket == socket).count();
        self.headers.clear();
        self.controls.resize(self.controls.len().max(run), [0; CONTROL_WORDS]);
        for number in 0..run {
            let header = self.header(at + number, number);
            self.headers.push(header);
        }
        sent.calls += 1;
        match self.call(socket) {
            Ok(done) => {
                let datagrams = self.pieces[at..at + done].iter().map(|piece| piece.segments).sum::<usize>();
                sent.datagrams += datagrams;
                done
            }
            Err(error) => {
                self.refused(at, &error, sent);
                1
            }
        }
    }

    fn call(&mut self, socket: RawFd) -> io::Result<usize> {
        // SAFETY: every header points to a name, to vectors and to a control of `self`, all filled and of the lengths given; the
        // bytes of the vectors were borrowed for `'b`, which `Departures` still holds. The kernel writes lengths into `headers` only.
        let done = unsafe {
            if let [one] = &self.headers[..] {
                let header = &one.msg_hdr;
                // The kernel has less to read where there is nothing but bytes and a receiver.
                let sent = if header.msg_iovlen == 1 && header.msg_controllen == 0 {
                    let (vector, name) = (*header.msg_iov, header.msg_name.cast());
                    let (bytes, length) = (vector.iov_base, vector.iov_len);
                    libc::sendto(socket, bytes, length, libc::MSG_DONTWAIT, name, header.msg_namelen)
                } else {
                    libc::sendmsg(socket, header, libc::MSG_DONTWAIT)
                };
                if sent < 0 { -1 } else { 1 }
            } else {
                let count = libc::c_uint::try_from(self.headers.len()).unwrap_or(1);
                libc::sendmmsg(socket, self.headers.as_mut_ptr(), count, libc::MSG_DONTWAIT)
            }
        };
        usize::try_from(done).map_err(|_| io::Error::last_os_error())
    }

    fn header(&mut self, at: usize, number: usize) -> libc::mmsghdr {
        let piece = &self.pieces[at];
        // SAFETY: plain numbers and pointers, for which zero is a value.
        let mut header: libc::mmsghdr = unsafe { std::mem::zeroed() };
        header.msg_hdr.msg_name = piece.name.as_ptr().cast_mut().cast();
        header.msg_hdr.msg_namelen = piece.name.len();
        header.msg_hdr.msg_iov = &raw mut self.vectors[piece.first];
        header.msg_hdr.msg_iovlen = piece.vectors;
        let control = &mut self.controls[number];
        let length = write_control(control, piece.from, if piece.segments > 1 { piece.segment } else { 0 });
        if length > 0 {
            header.msg_hdr.msg_control = control.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = length;
        }
        header
    }

    /// A piece that the kernel does not take. A card that cannot cut, or datagrams that do not fit the path in one: each for itself.
    fn refused(&mut self, at: usize, error: &io::Error, sent: &mut Sent) {
        let cannot_cut = [libc::EIO, libc::EINVAL, libc::EMSGSIZE];
        let segments = self.pieces[at].segments;
        if segments > 1 && error.raw_os_error().is_some_and(|code| cannot_cut.contains(&code)) {
            if error.raw_os_error() == Some(libc::EIO) {
                self.offloads.gso = false;
            }
            return self.send_each(at, sent);
        }
        // What a peer's machine said of an earlier datagram: this one has not been tried.
        if error.raw_os_error() == Some(libc::ECONNREFUSED) && segments == 1 {
            return self.send_each(at, sent);
        }
        sent.lost += segments;
    }

    fn send_each(&mut self, at: usize, sent: &mut Sent) {
        let (socket, from) = (self.pieces[at].socket, self.pieces[at].from);
        let vectors: Vec<(bool, libc::iovec)> =
            self.parts.iter().filter(|part| part.piece == at).map(|part| (part.begins, part.vector)).collect();
        for mut datagram in vectors
            .chunk_by(|_, (begins, _)| !begins)
            .map(|datagram| datagram.iter().map(|(_, vector)| *vector).collect::<Vec<_>>())
        {
            // SAFETY: plain numbers and pointers, for which zero is a value.
            let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
            let name = &self.pieces[at].name;
            header.msg_name = name.as_ptr().cast_mut().cast();
            header.msg_namelen = name.len();
            header.msg_iov = datagram.as_mut_ptr();
            header.msg_iovlen = datagram.len();
            let mut control = [0; CONTROL_WORDS];
            let length = write_control(&mut control, from, 0);
            if length > 0 {
                header.msg_control = control.as_mut_ptr().cast();
                header.msg_controllen = length;
            }
            // SAFETY: as in `call`; vectors and control live until the call has returned.
            let done = unsafe { libc::sendmsg(socket, &raw const header, libc::MSG_DONTWAIT) };
            sent.calls += 1;
            if done < 0 { sent.lost += 1 } else { sent.datagrams += 1 }
        }
    }
}

/// Writes the control messages; says their length.
fn write_control(control: &mut [u64; CONTROL_WORDS], from: Option<IpAddr>, segment: usize) -> usize {
    let mut length = 0;
    match from {
        Some(IpAddr::V4(ip)) => {
            let local = libc::in_addr { s_addr: u32::from(ip).to_be() };
            let info = libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: local, ipi_addr: libc::in_addr { s_addr: 0 } };
            length += append(control, length, libc::SOL_IP, libc::IP_PKTINFO, info);
        }
        Some(IpAddr::V6(ip)) => {
            let info = libc::in6_pktinfo { ipi6_addr: libc::in6_addr { s6_addr: ip.octets() }, ipi6_ifindex: 0 };
            length += append(control, length, libc::SOL_IPV6, libc::IPV6_PKTINFO, info);
        }
        None => {}
    }
    if let Some(segment) = u16::try_from(segment).ok().filter(|segment| *segment > 0) {
        length += append(control, length, libc::SOL_UDP, libc::UDP_SEGMENT, segment);
    }
    length
}

/// One control message behind `at` bytes of others; says its length with padding.
fn append<T: Copy>(
    control: &mut [u64; CONTROL_WORDS],
    at: usize,
    level: libc::c_int,
    kind: libc::c_int,
    value: T,
) -> usize {
    let Ok(size) = libc::c_uint::try_from(size_of::<T>()) else { return 0 };
    // SAFETY: these compute numbers only.
    let (space, whole) = unsafe { (libc::CMSG_SPACE(size), libc::CMSG_LEN(size)) };
    let (Ok(space), Ok(whole)) = (usize::try_from(space), usize::try_from(whole)) else { return 0 };
    assert!(at + space <= size_of::<[u64; CONTROL_WORDS]>(), "the control messages fit");
    // SAFETY: there are `space` bytes from `at` on, as was just seen; `at` is a sum of spaces, so it is aligned for a header.
    // The payload lies within `space` and is written unaligned.
    unsafe {
        let header = control.as_mut_ptr().byte_add(at).cast::<libc::cmsghdr>();
        header.write(libc::cmsghdr { cmsg_len: whole, cmsg_level: level, cmsg_type: kind });
        libc::CMSG_DATA(header).cast::<T>().write_unaligned(value);
    }
    space
}
