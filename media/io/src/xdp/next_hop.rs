//! Which way the kernel would send a packet: asked over netlink, so that routes, neighbours and what is known of the path's MTU are the
//! kernel's alone (`rtnetlink(7)`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket};

use super::NextHop;

const ERROR: u16 = 2;
const NEW_LINK: u16 = 16;
const NEW_ROUTE: u16 = 24;
const NEW_NEIGHBOUR: u16 = 28;
/// The request for each of them follows its number by two.
const GET: u16 = 2;
const REQUEST: u16 = 1;
const HEAD_BYTES: usize = 16;
const ANSWER_BYTES: usize = 16 * 1024;
/// To one machine, neither this one nor several.
const UNICAST: u8 = 1;
/// Reachable, stale, delayed, probed, permanent: those that a packet would be sent to.
const USABLE: u16 = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;

/// How a packet leaves, and as whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// How.
    pub hop: NextHop,
    /// The sender's address that it has then.
    pub from: IpAddr,
}

pub(crate) struct FoundRoute {
    pub(crate) interface: u32,
    pub(crate) gateway: Option<IpAddr>,
    pub(crate) source: Option<IpAddr>,
    pub(crate) mtu: Option<u32>,
}

/// Asks the kernel.
#[derive(Debug)]
pub struct Routes {
    socket: OwnedFd,
    answer: Vec<u8>,
    asked: u32,
}

impl Routes {
    /// A socket of its own.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn new() -> nix::Result<Self> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
        Ok(Self { socket, answer: vec![0; ANSWER_BYTES], asked: 0 })
    }

    pub(crate) fn find(&mut self, from: IpAddr, to: IpAddr) -> Option<FoundRoute> {
        let (family, bits) = family(to);
        let mut body = vec![family, bits, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        attribute(&mut body, 1, &octets(to));
        if !from.is_unspecified() {
            body[2] = bits;
            attribute(&mut body, 2, &octets(from));
        }
        let answer = self.ask(NEW_ROUTE, &body)?;
        if *answer.get(7)? != UNICAST {
            return None;
        }
        let mut found = FoundRoute { interface: 0, gateway: None, source: None, mtu: None };
        for (kind, value) in attributes(answer.get(12..)?) {
            match kind {
                4 => found.interface = number(value)?,
                5 => found.gateway = Some(address(value)?),
                7 => found.source = Some(address(value)?),
                8 => found.mtu = attributes(value).find(|(kind, _)| *kind == 2).and_then(|(_, mtu)| number(mtu)),
                // A gateway of the other family.
                18 => return None,
                _ => {}
            }
        }
        found.mtu = found.mtu.filter(|mtu| *mtu > 0);
        Some(found)
    }

    pub(crate) fn neighbour(&mut self, interface: u32, of: IpAddr) -> Option<[u8; 6]> {
        let mut body = vec![family(of).0, 0, 0, 0];
        body.extend_from_slice(&interface.to_ne_bytes());
        body.extend_from_slice(&[0; 4]);
        attribute(&mut body, 1, &octets(of));
        let answer = self.ask(NEW_NEIGHBOUR, &body)?;
        let state = u16::from_ne_bytes(*answer.get(8..)?.first_chunk()?);
        let (_, address) = attributes(answer.get(12..)?).find(|(kind, _)| *kind == 2)?;
        address.try_into().ok().filter(|_| state & USABLE != 0)
    }

    pub(crate) fn mtu(&mut self, interface: u32) -> Option<u32> {
        let answer = self.link(interface)?;
        attributes(answer.get(16..)?).find(|(kind, _)| *kind == 4).and_then(|(_, mtu)| number(mtu))
    }

    /// Whether it is an end of a virtual cable: its driver loses what it sends back unless there is a program at the other end, too.
    pub(crate) fn is_virtual_cable(&mut self, interface: u32) -> bool {
        let Some(answer) = self.link(interface) else { return false };
        let told = attributes(answer.get(16..).unwrap_or_default()).find(|(kind, _)| *kind == 18);
        let kind = told.and_then(|(_, value)| attributes(value).find(|(kind, _)| *kind == 1));
        kind.is_some_and(|(_, name)| name.starts_with(b"veth"))
    }

    fn link(&mut self, interface: u32) -> Option<&[u8]> {
        let mut body = vec![0; 4];
        body.extend_from_slice(&interface.to_ne_bytes());
        body.extend_from_slice(&[0; 8]);
        self.ask(NEW_LINK, &body)
    }

    /// What the kernel answers, without its head; it does so before the call that asks returns.
    fn ask(&mut self, kind: u16, body: &[u8]) -> Option<&[u8]> {
        self.asked = self.asked.wrapping_add(1);
        let mut message = Vec::with_capacity(HEAD_BYTES + body.len());
        message.extend_from_slice(&u32::try_from(HEAD_BYTES + body.len()).ok()?.to_ne_bytes());
        message.extend_from_slice(&(kind + GET).to_ne_bytes());
        message.extend_from_slice(&REQUEST.to_ne_bytes());
        message.extend_from_slice(&self.asked.to_ne_bytes());
        message.extend_from_slice(&[0; 4]);
        message.extend_from_slice(body);
        send(self.socket.as_raw_fd(), &message, MsgFlags::empty()).ok()?;
        loop {
            let count = recv(self.socket.as_raw_fd(), &mut self.answer, MsgFlags::empty()).ok()?;
            let head = self.answer[..count].first_chunk::<HEAD_BYTES>()?;
            let length = usize::try_from(u32::from_ne_bytes(*head.first_chunk()?)).ok()?.min(count);
            let told = u16::from_ne_bytes([head[4], head[5]]);
            // Answers to earlier questions are nobody's.
            if head[8..12] == self.asked.to_ne_bytes() {
                return (told == kind && told != ERROR).then(|| self.answer.get(HEAD_BYTES..length))?;
            }
        }
    }
}

fn family(of: IpAddr) -> (u8, u8) {
    // `AF_INET`, `AF_INET6`, and how many bits an address has.
    if of.is_ipv4() { (2, 32) } else { (10, 128) }
}

fn octets(of: IpAddr) -> Vec<u8> {
    match of {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).ok().map(|four| IpAddr::V4(Ipv4Addr::from(four)));
    four.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(|six| IpAddr::V6(Ipv6Addr::from(six))))
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

fn attribute(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    // Addresses end at a border of four bytes.
    body.extend_from_slice(&u16::try_from(4 + value.len()).unwrap_or(4).to_ne_bytes());
    body.extend_from_slice(&kind.to_ne_bytes());
    body.extend_from_slice(value);
}

/// Kind and value of each; ends where what follows is none.
fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let head = bytes.first_chunk::<4>()?;
        let length = usize::from(u16::from_ne_bytes([head[0], head[1]]));
        let kind = u16::from_ne_bytes([head[2], head[3]]) & 0x3FFF;
        let value = bytes.get(4..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}
