//! Section `[media]`.

use media_contract::{EXTERNAL_MAX, External, NETWORKS_MAX, Network, PortRange};

use crate::reader::Section;

/// Names of interfaces in one list, and the length of one (`IFNAMSIZ`).
const INTERFACES_MAX: usize = 8;
const INTERFACE_BYTES_MAX: usize = 15;

/// The relay for calls, and what one person may take of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Calls are relayed, and people are given credentials for it.
    pub relay: bool,
    /// UDP port of the relay.
    pub port: u16,
    /// How clients see this machine, where a NAT is in between.
    pub external_addresses: Vec<External>,
    /// Ports for relayed addresses that are not virtual.
    pub relay_ports: Option<PortRange>,
    /// Peers that may be reached although they are inside of a network.
    pub peers_allowed: Vec<Network>,
    /// Further peers that may not.
    pub peers_refused: Vec<Network>,
    /// The card's driver may carry packets past the relay (XDP), where it can.
    pub xdp: bool,
    /// Of these interfaces alone; empty: of all.
    pub xdp_interfaces: Vec<String>,
    /// Life of credentials, in seconds.
    pub credential_life_s: u32,
    /// What may be taken of it.
    pub limits: MediaLimits,
}

/// What one person, one source and all together may take of the relay (E5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaLimits {
    /// Allocations at once, of all.
    pub allocations_max: u32,
    /// Allocations at once of one person.
    pub allocations_per_person_max: u32,
    /// What is relayed for one person, both ways together.
    pub bytes_per_s_per_person_max: u64,
    /// Longest life of one allocation, in seconds.
    pub allocation_life_s_max: u32,
    /// Answers a second to one source before anybody proved there who they are.
    pub unproven_per_source_per_s: u32,
    /// Such answers a second to all.
    pub unproven_per_s: u32,
    /// Byte streams (TLS on TCP 443) at once.
    pub streams_max: u32,
}

impl Media {
    pub(crate) fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            relay: section.flag("relay", true, "Calls are relayed, and people are given short-lived credentials for it."),
            port: section.integer("port", 443, 1..=65_535, "UDP port of the relay; `run` takes another one when it is taken."),
            external_addresses: section.list(
                "external_addresses",
                &[],
                EXTERNAL_MAX,
                "up to 16 different addresses: PUBLIC, or PUBLIC/LOCAL where this machine has several",
                external,
                "Addresses by which clients reach this machine where it does not have them itself: behind a NAT.",
            ),
            relay_ports: section.optional(
                "relay_ports",
                "FIRST-LAST, both from 1024 to 65535, or \"\" for none",
                ports,
                "UDP ports for relayed addresses. None: they are virtual, and calls meet inside the box; no port is open but 443.",
            ),
            peers_allowed: networks(
                section,
                "peers_allowed",
                "Networks that calls may be relayed into although they are private, loopback or link-local; only with relay_ports.",
            ),
            peers_refused: networks(section, "peers_refused", "Further networks that calls may not be relayed into."),
            xdp: section.flag(
                "xdp",
                true,
                "The network card's driver may carry packets of calls past the relay (XDP), where rights, kernel and driver allow.",
            ),
            xdp_interfaces: section.list(
                "xdp_interfaces",
                &[],
                INTERFACES_MAX,
                "up to 8 different names of interfaces, as eth0",
                interface,
                "Interfaces whose driver may; none: all of Ethernet at which the relay takes packets, but virtual cables.",
            ),
            credential_life_s: section.integer(
                "credential_life_s",
                21_600,
                600..=86_400,
                "Life of credentials, in seconds; a call that has begun goes on beyond it.",
            ),
            limits: MediaLimits::read(section),
        }
    }
}

impl MediaLimits {
    fn read(section: &mut Section<'_, '_>) -> Self {
        Self {
            allocations_max: section.integer(
                "allocations_max",
                4_000,
                1..=100_000,
                "Relayed addresses at once, of all.",
            ),
            allocations_per_person_max: section.integer(
                "allocations_per_person_max",
                32,
                1..=1_000,
                "Relayed addresses at once of one person; a browser makes several for one call.",
            ),
            bytes_per_s_per_person_max: section.integer(
                "bytes_per_s_per_person_max",
                4_000_000,
                8_000..=1_000_000_000,
                "What is relayed for one person, both ways together; what is more is dropped.",
            ),
            allocation_life_s_max: section.integer(
                "allocation_life_s_max",
                86_400,
                3_600..=604_800,
                "Longest life of one relayed address, in seconds, however often it is refreshed.",
            ),
            unproven_per_source_per_s: section.integer(
                "unproven_per_source_per_s",
                200,
                1..=100_000,
                "Answers a second to one address before anybody proved there who they are.",
            ),
            unproven_per_s: section.integer("unproven_per_s", 10_000, 1..=1_000_000, "Such answers a second to all."),
            streams_max: section.integer(
                "streams_max",
                2_000,
                1..=100_000,
                "Relayed streams (TLS on TCP 443) at once.",
            ),
        }
    }
}

fn networks(section: &mut Section<'_, '_>, key: &'static str, about: &'static str) -> Vec<Network> {
    let allowed = "up to 64 different networks, as 10.1.0.0/16 or fd00::/8";
    section.list(key, &[], NETWORKS_MAX, allowed, |text| text.parse().ok(), about)
}

fn interface(text: &str) -> Option<String> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    (printable && (1..=INTERFACE_BYTES_MAX).contains(&text.len())).then(|| text.to_owned())
}

fn external(text: &str) -> Option<External> {
    let (public, local) = text.split_once('/').map_or((text, None), |(public, local)| (public, Some(local)));
    let external = External { public: public.parse().ok()?, local: local.map(str::parse).transpose().ok()? };
    (external.is_of_one_family() && !external.public.is_unspecified()).then_some(external)
}

fn ports(text: &str) -> Option<PortRange> {
    let (first, last) = text.split_once('-')?;
    let range = PortRange { first: first.parse().ok()?, last: last.parse().ok()? };
    range.is_one().then_some(range)
}
