//! What the server tells, as `turn-proto` takes it.

use media_contract::{Configuration, Network};
use nix::ifaddrs::getifaddrs;
use std::net::IpAddr;
use std::time::Duration;
use turn_proto::{Addresses, Limits, Peers, Secret, Secrets, Settings};

/// Before anything is told: Binding requests only, and few.
const UNPROVEN_PER_SOURCE_PER_S: u32 = 50;
const UNPROVEN_PER_S: u32 = 5_000;

pub(crate) fn nothing() -> Settings {
    Settings {
        relay: false,
        realm: String::new(),
        secrets: Secrets::default(),
        addresses: Addresses::default(),
        relay_ports: None,
        peers: Peers::default(),
        limits: Limits {
            allocations_max: 0,
            allocations_per_person_max: 0,
            bytes_per_s_per_person_max: 0,
            permissions_max: 0,
            channels_max: 0,
            lifetime_max: Duration::ZERO,
            allocation_life_max: Duration::ZERO,
            unproven_per_source_per_s: UNPROVEN_PER_SOURCE_PER_S,
            unproven_per_s: UNPROVEN_PER_S,
        },
        drain: false,
    }
}

pub(crate) fn settings(told: &Configuration) -> Settings {
    let own = own_addresses();
    let secrets = [Some(&told.secrets.current), told.secrets.previous.as_ref(), told.secrets.next.as_ref()];
    let secrets = secrets.into_iter().flatten().map(|secret| Secret::new(secret.reveal().as_bytes().to_vec()));
    let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
    Settings {
        relay: told.relay,
        realm: told.realm.clone(),
        secrets: Secrets::new(secrets),
        addresses: Addresses {
            external: told.external.iter().map(|external| (external.public, external.local)).collect(),
            own: own.clone(),
        },
        relay_ports: told.relay_ports.map(|ports| ports.first..=ports.last),
        peers: Peers { allowed: networks(&told.peers_allowed), refused: networks(&told.peers_refused), own },
        limits: Limits {
            allocations_max: told.limits.allocations_max,
            allocations_per_person_max: told.limits.allocations_per_person_max,
            bytes_per_s_per_person_max: told.limits.bytes_per_s_per_person_max,
            permissions_max: told.limits.permissions_max,
            channels_max: told.limits.channels_max,
            lifetime_max: seconds(told.limits.lifetime_s_max),
            allocation_life_max: seconds(told.limits.allocation_life_s_max),
            unproven_per_source_per_s: told.limits.unproven_per_source_per_s,
            unproven_per_s: told.limits.unproven_per_s,
        },
        drain: told.drain,
    }
}

/// What has passed the contract's check is a network here, too.
fn networks(told: &[Network]) -> Vec<turn_proto::Network> {
    told.iter().filter_map(|network| network.to_string().parse().ok()).collect()
}

/// All addresses of this machine; those that others are likely to reach come first.
fn own_addresses() -> Vec<IpAddr> {
    let Ok(interfaces) = getifaddrs() else { return Vec::new() };
    let mut own: Vec<IpAddr> = interfaces
        .filter_map(|interface| {
            let address = interface.address?;
            let four = address.as_sockaddr_in().map(|four| IpAddr::V4(four.ip()));
            four.or_else(|| address.as_sockaddr_in6().map(|six| IpAddr::V6(six.ip())))
        })
        .collect();
    own.sort_by_key(|ip| match ip {
        IpAddr::V4(four) => (four.is_loopback(), four.is_link_local()),
        IpAddr::V6(six) => (six.is_loopback(), six.is_unicast_link_local()),
    });
    own
}
