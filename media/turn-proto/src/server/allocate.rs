use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::answer::{self, Code};
use super::authenticate::Proof;
use super::{Ports, Refusal, Request, Server};
use crate::Share;
use crate::allocation::{Allocation, Relayed};
use crate::message::attribute::{
    ADDITIONAL_ADDRESS_FAMILY, ADDRESS_ERROR_CODE, EVEN_PORT, LIFETIME, REQUESTED_ADDRESS_FAMILY, REQUESTED_TRANSPORT,
    RESERVATION_TOKEN, XOR_MAPPED_ADDRESS, XOR_RELAYED_ADDRESS,
};
use crate::message::{Class, Message};
use crate::people::{Full, Traffic};
use crate::settings::PORTS;

/// DONT-FRAGMENT is not among them: whoever insists on it is told so (RFC 8656, section 7.2).
const OWN: &[u16] = &[REQUESTED_TRANSPORT, REQUESTED_ADDRESS_FAMILY, LIFETIME, EVEN_PORT, RESERVATION_TOKEN];
/// RFC 8656, section 3.2.
const LIFETIME_USUAL: Duration = Duration::from_secs(600);
const UDP: u8 = 17;
/// Families in attributes (RFC 8656, section 18.6).
pub(super) const IPV4: u8 = 1;
pub(super) const IPV6: u8 = 2;
const RESERVE_NEXT: u8 = 0x80;
/// Ports that somebody else on the machine may hold before the search is given up.
const BUSY_MAX: u32 = 64;

/// What kind of addresses a client asks for.
struct Wanted {
    /// `true` is IPv4.
    families: Vec<bool>,
    even: bool,
}

impl Server {
    /// RFC 8656, section 7.2, in its order.
    pub(super) fn allocate<P: Ports>(&mut self, request: &mut Request<'_, P>, proof: &Proof) -> Result<(), Code> {
        self.end_if_expired(request.client, request.now, request.ports);
        if let Some(known) = self.allocations.of(request.client) {
            // The answer was lost: the same one again.
            let again = known.made_by == request.message.transaction && known.username == proof.username;
            return if again { self.tell(request, proof, None) } else { Err(Code::AllocationMismatch) };
        }
        if !answer::understood(request, OWN, Some(proof)) {
            return Ok(());
        }
        let wanted = wanted(request.message)?;
        if self.settings.drain {
            self.counts.refuse(Refusal::Capacity, 1);
            return Err(Code::InsufficientCapacity);
        }
        let limits = self.settings.limits;
        let person = self.people.enter(&proof.person, &limits, request.now).map_err(|full| self.full(full))?;
        let relayed: Vec<Relayed> =
            wanted.families.iter().filter_map(|ipv4| self.open(request, *ipv4, wanted.even)).collect();
        if relayed.is_empty() {
            self.people.turn_back(&person);
            let none =
                wanted.families.iter().all(|ipv4| self.settings.addresses.place(request.client, *ipv4).is_none());
            self.counts.refuse(Refusal::Capacity, 1);
            return Err(if none { Code::AddressFamilyNotSupported } else { Code::InsufficientCapacity });
        }
        let missing = wanted.families.into_iter().find(|ipv4| relayed.iter().all(|one| one.address.is_ipv4() != *ipv4));
        let now = request.now.since_start;
        self.allocations.insert(Allocation {
            client: *request.client,
            username: proof.username.clone(),
            password: proof.password.clone(),
            credential_expires_unix_s: proof.expires_unix_s,
            person: Arc::clone(&person),
            made_by: request.message.transaction,
            made: now,
            expires: now + lifetime(request.message, limits.lifetime_max),
            relayed,
            permissions: Vec::new(),
            channels: Vec::new(),
            traffic: Traffic::default(),
            lent: Vec::new(),
        });
        self.counts.allocated += 1;
        self.tell(request, proof, missing)
    }

    fn full(&mut self, full: Full) -> Code {
        let (why, code) = match full {
            Full::Person => (Refusal::Quota, Code::AllocationQuotaReached),
            Full::All => (Refusal::Capacity, Code::InsufficientCapacity),
        };
        self.counts.refuse(why, 1);
        code
    }

    /// Says what the client has.
    fn tell<P>(&self, request: &mut Request<'_, P>, proof: &Proof, missing: Option<bool>) -> Result<(), Code> {
        let allocation = self.allocations.of(request.client).ok_or(Code::AllocationMismatch)?;
        let left = allocation.expires.saturating_sub(request.now.since_start);
        let (fingerprint, mapped) = (answer::request_wants(request), request.client.remote());
        let mut writer = answer::begin(request, Class::Success);
        for relayed in &allocation.relayed {
            writer = writer.address(XOR_RELAYED_ADDRESS, relayed.address);
        }
        writer = writer.attribute(LIFETIME, &seconds(left)).address(XOR_MAPPED_ADDRESS, mapped);
        if let Some(ipv4) = missing {
            let [hundreds, rest] = Code::AddressFamilyNotSupported.number();
            writer = writer.attribute(ADDRESS_ERROR_CODE, &[if ipv4 { IPV4 } else { IPV6 }, 0, hundreds, rest]);
        }
        answer::finish(writer, fingerprint, proof);
        Ok(())
    }

    /// An address of a family with a port of this server's share, from a place in the range that nobody can foretell on.
    fn open<P: Ports>(&mut self, request: &mut Request<'_, P>, ipv4: bool, even: bool) -> Option<Relayed> {
        let place = self.settings.addresses.place(request.client, ipv4)?;
        let real = self.settings.relay_ports.clone();
        let range = real.clone().unwrap_or(PORTS);
        self.ports_tried += 1;
        let first = self.nonces.unforeseen(self.ports_tried ^ (u64::from(self.share.index) << 48));
        let mut busy = 0;
        for port in from(&range, first) {
            let ours = Share::of_port(port, self.share.of) == self.share.index;
            if !ours || (even && port % 2 == 1) || !self.allocations.is_free(ipv4, port) {
                continue;
            }
            let address = SocketAddr::new(place.public, port);
            if real.is_none() {
                return Some(Relayed { address, socket: None });
            }
            if let Some(socket) = request.ports.open(SocketAddr::new(place.local, port), address) {
                return Some(Relayed { address, socket: Some(socket) });
            }
            busy += 1;
            if busy >= BUSY_MAX {
                return None;
            }
        }
        None
    }
}

/// All ports of a range once, from somewhere in it on.
fn from(range: &RangeInclusive<u16>, first: u32) -> impl Iterator<Item = u16> + use<> {
    let (start, end) = (u32::from(*range.start()), u32::from(*range.end()));
    let count = (end + 1).saturating_sub(start).max(1);
    let begin = first % count;
    (0..count).filter_map(move |step| u16::try_from(start + (begin + step) % count).ok())
}

fn wanted(message: &Message<'_>) -> Result<Wanted, Code> {
    let transport = message.get(REQUESTED_TRANSPORT).and_then(<[u8]>::first).ok_or(Code::BadRequest)?;
    if *transport != UDP {
        return Err(Code::UnsupportedTransport);
    }
    let family = |number| message.get(number).map(|value| value.first().copied());
    let (requested, additional) = (family(REQUESTED_ADDRESS_FAMILY), family(ADDITIONAL_ADDRESS_FAMILY));
    let (even, token) = (message.get(EVEN_PORT).map(|value| value.first().copied()), message.get(RESERVATION_TOKEN));
    let reserve = even.flatten().is_some_and(|bits| bits & RESERVE_NEXT != 0);
    let families = match (requested, additional) {
        (None, None) | (Some(Some(IPV4)), None) => vec![true],
        (Some(Some(IPV6)), None) => vec![false],
        (None, Some(Some(IPV6))) if token.is_none() && !reserve => vec![true, false],
        (Some(_), None) => return Err(Code::AddressFamilyNotSupported),
        _ => return Err(Code::BadRequest),
    };
    if token.is_some() && (even.is_some() || requested.is_some()) {
        return Err(Code::BadRequest);
    }
    // Pairs of ports are for RTP with RTCP beside it, which WebRTC has on one port; none is reserved, so no token can be ours.
    if token.is_some() || reserve {
        return Err(Code::InsufficientCapacity);
    }
    Ok(Wanted { families, even: even.is_some() })
}

/// As asked for, within what is granted; never shorter than usual, which it is where nothing was asked for.
pub(super) fn lifetime(message: &Message<'_>, most: Duration) -> Duration {
    let asked = message.get(LIFETIME).and_then(<[u8]>::first_chunk);
    let asked = asked.map_or(LIFETIME_USUAL, |asked| Duration::from_secs(u64::from(u32::from_be_bytes(*asked))));
    asked.clamp(LIFETIME_USUAL.min(most), most)
}

/// The value of LIFETIME.
pub(super) fn seconds(duration: Duration) -> [u8; 4] {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX).to_be_bytes()
}
