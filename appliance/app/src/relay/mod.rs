//! The relay for calls that find no direct way (G1): who may use it, and what its node is told.
//!
//! Credentials are short-lived and computed, never stored: the TURN REST convention's `EXPIRY:PERSON` under a secret that changes
//! each day ([`CredentialsKey`]). The word for a person changes with it and tells nobody whose it is: user names go over the
//! wire in the clear. Packets are none of this crate's business (decision 20).

mod credentials;
mod desk;
mod hand_out;
mod node;
mod revoke;
mod site;

pub use credentials::{Credentials, CredentialsKey, KEY_BYTES, SECRET_LIFE_S};
pub(crate) use desk::Desk;
pub use hand_out::{Handout, Kind, Server, Transport, hand_out, hand_out_for_probe};
pub use node::{NodeState, changes, configuration, gone, heard, node_state, revocations};
pub(crate) use revoke::{revoke, told};
pub use site::{Site, add_site, list_sites, remove_site};

use media_contract::{Configuration, External, Limits, Network, PortRange, Secrets};

/// What the operator may set of the relay.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// Life of credentials, in seconds; at most [`SECRET_LIFE_S`].
    pub credential_life_s: i64,
    /// What may be taken of it.
    pub limits: Limits,
    /// How clients see the node's machine.
    pub external: Vec<External>,
    /// Ports for relayed addresses that are not virtual.
    pub relay_ports: Option<PortRange>,
    /// Private peers that may be reached.
    pub peers_allowed: Vec<Network>,
    /// Further peers that may not.
    pub peers_refused: Vec<Network>,
}

impl RelaySettings {
    /// All that a node is told, but for what is revoked.
    #[must_use]
    pub fn configuration(&self, realm: String, secrets: Secrets, report_every_s: u16) -> Configuration {
        Configuration {
            relay: true,
            realm,
            secrets,
            revoked: Vec::new(),
            limits: self.limits,
            external: self.external.clone(),
            relay_ports: self.relay_ports,
            peers_allowed: self.peers_allowed.clone(),
            peers_refused: self.peers_refused.clone(),
            drain: false,
            report_every_s,
        }
    }
}
