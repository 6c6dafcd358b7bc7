//! Whom a relay may speak to. What it can reach and its clients cannot is what an attacker wants of it: the box's own services, the
//! network behind it, routers. So by default only the open internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    ipv4: bool,
    bits: u128,
    mask: u128,
}

/// Why a text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a network: an address, perhaps with a slash and a number of bits")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, length) = text.split_once('/').map_or((text, None), |(ip, length)| (ip, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let ipv4 = address.is_ipv4();
        let (most, before) = if ipv4 { (32, 96) } else { (128, 0) };
        let length: u32 = length.map_or(Ok(most), str::parse).map_err(|_| NetworkError)?;
        if length > most {
            return Err(NetworkError);
        }
        let mask = u128::MAX.checked_shl(128 - before - length).unwrap_or(0);
        Ok(Self { ipv4, bits: bits(address) & mask, mask })
    }
}

impl Network {
    /// Whether an address is in it. None of IPv4 is in a network of IPv6, however short its prefix.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.ipv4 && bits(address) & self.mask == self.bits
    }
}

/// Both families in one: an IPv4 address as it is mapped into IPv6.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

/// Which peers may be reached.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    /// Also these, though they are private, loopback or link-local.
    pub allowed: Vec<Network>,
    /// Not these, whatever else is said.
    pub refused: Vec<Network>,
    /// The machine's own addresses: not these, unless they are allowed by name.
    pub own: Vec<IpAddr>,
}

impl Peers {
    /// Whether data may go there.
    #[must_use]
    pub fn may_reach(&self, peer: IpAddr) -> bool {
        let within = |networks: &[Network]| networks.iter().any(|network| network.contains(peer));
        let plain = peer == peer.to_canonical() && is_one_host(peer);
        plain && !within(&self.refused) && (within(&self.allowed) || (is_public(peer) && !self.own.contains(&peer)))
    }
}

/// Never anything else, not even when it is allowed.
fn is_one_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => !ip.is_multicast() && !ip.is_broadcast() && ip.octets()[0] != 0,
        IpAddr::V6(ip) => !ip.is_multicast() && !ip.is_unspecified(),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// By the IANA registry of special-purpose addresses.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let assignments = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && (b == 18 || b == 19);
    let relays = a == 192 && b == 88 && c == 99;
    let special =
        ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation() || a == 0 || a >= 224;
    !(special || shared || assignments || benchmark || relays)
}

/// Only what has been given out (2000::/3), without what leads to an IPv4 address in disguise.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    let global = segments[0] & 0xE000 == 0x2000;
    let teredo_or_orchid = segments[0] == 0x2001 && segments[1] < 0x0200;
    let documentation =
        (segments[0] == 0x2001 && segments[1] == 0x0DB8) || (segments[0] == 0x3FFF && segments[1] < 0x1000);
    let six_to_four = segments[0] == 0x2002;
    global && !teredo_or_orchid && !documentation && !six_to_four
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(allowed: &[&str], refused: &[&str], own: &[&str]) -> Peers {
        let networks = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let own = own.iter().map(|text| text.parse().unwrap()).collect();
        Peers { allowed: networks(allowed), refused: networks(refused), own }
    }

    fn check(peers: &Peers, address: &str) -> bool {
        peers.may_reach(address.parse().unwrap())
    }

    #[test]
    fn only_the_open_internet_is_reached_unless_more_is_allowed_e5() {
        let peers = peers(&[], &[], &["9.9.9.9"]);
        for open in ["8.8.8.8", "2606:4700::1111"] {
            assert!(check(&peers, open), "{open}");
        }
        let closed = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.31.0.1 192.0.0.8 192.0.2.1 192.88.99.1 \
            192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 9.9.9.9 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 \
            ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 fc00::1 fd00::1 fe80::1 fec0::1 ff02::1";
        for closed in closed.split_whitespace() {
            assert!(!check(&peers, closed), "{closed}");
        }
    }

    #[test]
    fn a_network_of_one_family_says_nothing_of_the_other_e5() {
        let all_of_six = peers(&["::/0"], &[], &[]);
        assert!(check(&all_of_six, "fd00::1") && !check(&all_of_six, "10.0.0.1"));
        let none_of_six = peers(&[], &["::/0"], &[]);
        assert!(check(&none_of_six, "8.8.8.8") && !check(&none_of_six, "2606:4700::1111"));
        let all_of_four = peers(&["0.0.0.0/0"], &[], &[]);
        assert!(check(&all_of_four, "10.0.0.1") && !check(&all_of_four, "fd00::1"));
    }

    #[test]
    fn what_is_allowed_is_reached_and_what_is_refused_is_not_e5() {
        let peers = peers(&["10.1.0.0/16", "::1", "224.0.0.0/4"], &["10.1.9.0/24", "8.8.0.0/16"], &[]);
        for (address, reached) in [
            ("10.1.2.3", true),
            ("10.2.2.3", false),
            ("10.1.9.1", false),
            ("::1", true),
            ("::ffff:10.1.2.3", false),
            ("8.8.8.8", false),
            ("224.0.0.1", false),
        ] {
            assert_eq!(check(&peers, address), reached, "{address}");
        }
        for wrong in ["10.0.0.0/33", "ten", "::1/129", "1.2.3.4/", "/8"] {
            assert_eq!(wrong.parse::<Network>(), Err(NetworkError), "{wrong}");
        }
    }
}
