//! All that the node needs to know, and the bounds of it.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{Network, Person};

/// Networks in one list.
pub const NETWORKS_MAX: usize = 64;
/// External addresses.
pub const EXTERNAL_MAX: usize = 16;
/// Revocations in one message; what does not fit follows in [`crate::Order::Revoke`].
pub const REVOKED_AT_ONCE_MAX: usize = 1_024;
/// Length of a secret and of a realm.
const TEXT_BYTES_MAX: usize = 255;

/// A key of credentials. `Debug` shows `***`; the memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Of its text, whose bytes are the HMAC's key, as coturn's `static-auth-secret` is.
    #[must_use]
    pub fn new(clear: String) -> Self {
        Self(Zeroizing::new(clear))
    }

    /// The text, for the one who computes a password.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The secrets that credentials may be made with, tried in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// New credentials are made with it.
    pub current: Secret,
    /// Those of before the last change, while they may still be used.
    pub previous: Option<Secret>,
    /// Those of after the next change: clocks of two boxes may differ.
    pub next: Option<Secret>,
}

/// Credentials that are no longer good although they have not expired.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// Whose.
    pub person: Person,
    /// Those that expire then or before, in seconds of Unix time; allocations made with them end at once. Once this time is
    /// over there are none, and it may be forgotten.
    pub expiry_s_max: u64,
}

/// An address of the node as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// What is told as relayed address.
    pub public: IpAddr,
    /// The address of this machine that stands behind it, where a NAT is in between; absent: any of the same family.
    pub local: Option<IpAddr>,
}

/// Ports for relayed addresses that are not virtual (decision 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    /// 1024 at least.
    pub first: u16,
    /// The last one that may be used.
    pub last: u16,
}

/// Bounds on what one person, one source and all together may take (E5). `0` forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Allocations at once, of all.
    pub allocations_max: u32,
    /// Allocations at once of one person.
    pub allocations_per_person_max: u32,
    /// Relayed payload of one person, both ways together; what is more is dropped.
    pub bytes_per_s_per_person_max: u64,
    /// Permissions of one allocation at once.
    pub permissions_max: u16,
    /// Bound channels of one allocation at once.
    pub channels_max: u16,
    /// Longest lifetime that is granted at once (RFC 8656, 7.2), in seconds.
    pub lifetime_s_max: u32,
    /// Longest life of one allocation, refreshed as it may be, in seconds.
    pub allocation_life_s_max: u32,
    /// Answers a second to one source (an IPv4 address, an IPv6 /64) before anybody proved there who they are.
    pub unproven_per_source_per_s: u32,
    /// Such answers a second to all.
    pub unproven_per_s: u32,
    /// Byte streams at once.
    pub streams_max: u32,
}

/// The whole state that the server tells. A later one replaces it, but for what is revoked, which is only ever added to;
/// allocations live on unless revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Whether anything is relayed; `false`: Binding requests only.
    pub relay: bool,
    /// Of the long-term credentials (RFC 8489, 9.2).
    pub realm: String,
    /// What credentials are checked with.
    pub secrets: Secrets,
    /// What is revoked; adds to what was told before.
    pub revoked: Vec<Revoked>,
    /// Bounds.
    pub limits: Limits,
    /// How clients see the node. Empty: the addresses that packets come to.
    pub external: Vec<External>,
    /// Real ports; absent: relayed addresses are virtual.
    pub relay_ports: Option<PortRange>,
    /// Peers that may be reached although they are private, loopback or link-local.
    pub peers_allowed: Vec<Network>,
    /// Peers that may not be reached, besides those and the machine's own addresses.
    pub peers_refused: Vec<Network>,
    /// No new allocations; those that live may go on.
    pub drain: bool,
    /// Seconds between two [`crate::Fact::Standing`].
    pub report_every_s: u16,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ConfigurationError {
    #[error("the realm is empty, longer than {TEXT_BYTES_MAX} bytes, or has a quotation mark")]
    Realm,
    #[error("a secret is shorter than 16 or longer than {TEXT_BYTES_MAX} bytes")]
    Secret,
    #[error("more than {REVOKED_AT_ONCE_MAX} revocations are in one message; let the others follow")]
    TooManyRevoked,
    #[error("more than {NETWORKS_MAX} networks are in one list")]
    TooManyNetworks,
    #[error("more than {EXTERNAL_MAX} external addresses are given, or a public and a local one of two families")]
    External,
    #[error("the relay's ports begin below 1024 or end before they begin")]
    RelayPorts,
    #[error("the time between two reports is none")]
    Reports,
}

impl Configuration {
    /// Checks every bound; what is decoded has passed it.
    ///
    /// # Errors
    /// The first bound that is broken.
    pub fn check(&self) -> Result<(), ConfigurationError> {
        let texts = |length: usize, least: usize| (least..=TEXT_BYTES_MAX).contains(&length);
        let Secrets { current, previous, next } = &self.secrets;
        let mut secrets = [Some(current), previous.as_ref(), next.as_ref()].into_iter().flatten();
        let checks = [
            (texts(self.realm.len(), 1) && !self.realm.contains(['"', '\\']), ConfigurationError::Realm),
            (secrets.all(|secret| texts(secret.reveal().len(), 16)), ConfigurationError::Secret),
            (self.revoked.len() <= REVOKED_AT_ONCE_MAX, ConfigurationError::TooManyRevoked),
            (self.peers_allowed.len() <= NETWORKS_MAX, ConfigurationError::TooManyNetworks),
            (self.peers_refused.len() <= NETWORKS_MAX, ConfigurationError::TooManyNetworks),
            (self.external.len() <= EXTERNAL_MAX, ConfigurationError::External),
            (self.external.iter().all(External::is_of_one_family), ConfigurationError::External),
            (self.relay_ports.is_none_or(|ports| ports.is_one()), ConfigurationError::RelayPorts),
            (self.report_every_s > 0, ConfigurationError::Reports),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, broken)| Err(broken))
    }
}

impl External {
    /// Whether the machine's address behind it is of the same family.
    #[must_use]
    pub fn is_of_one_family(&self) -> bool {
        self.local.is_none_or(|local| local.is_ipv4() == self.public.is_ipv4())
    }
}

impl PortRange {
    /// Whether it ends where it begins or later, above the ports that need rights.
    #[must_use]
    pub fn is_one(self) -> bool {
        (1024..=self.last).contains(&self.first)
    }
}
