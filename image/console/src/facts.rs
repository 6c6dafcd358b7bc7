//! What the page is made from.

use std::net::IpAddr;
use storage_contract::State;

/// All that is known of the machine at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    /// From the image; empty where there is none.
    pub(crate) version: String,
    /// The machine's own name, until the server tells the box's.
    pub(crate) host_name: String,
    /// What the storage service tells.
    pub(crate) storage: Option<State>,
    /// What the server tells; absent while it does not answer.
    pub(crate) server: Option<Server>,
    pub(crate) network: Network,
    pub(crate) clock: Clock,
    pub(crate) machine: Machine,
    /// Of the data partition, once it is mounted.
    pub(crate) space: Option<Space>,
    /// Absent while systemd does not answer.
    pub(crate) services: Option<Vec<Service>>,
}

/// What a running server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) urls: Vec<String>,
    pub(crate) ca_fingerprint: String,
    /// While nobody has set it up.
    pub(crate) code: Option<String>,
    pub(crate) warnings: Vec<String>,
}

/// How the machine is connected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Network {
    /// Network adapters, the loopback one not counted.
    pub(crate) adapters: usize,
    /// Those with something at the other end of the cable.
    pub(crate) connected: usize,
    /// Those that other machines can use.
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) has_gateway: bool,
    pub(crate) has_name_server: bool,
    /// Whether all of that had time to come after the start of the machine.
    pub(crate) had_time: bool,
}

/// Whether the time can be believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Clock {
    /// A time server has told it.
    pub(crate) is_synchronised: bool,
    /// The clock chip tells a time before this image was built.
    pub(crate) chip_is_behind: bool,
    /// Since the start of the machine, as far as it matters: whether it had time to reach a time server.
    pub(crate) had_time: bool,
}

/// What the machine has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Machine {
    pub(crate) has_tpm: bool,
    /// Absent where the machine was not started by UEFI.
    pub(crate) secure_boot: Option<bool>,
}

/// Room on the data partition, in percent, so that a page does not change with every message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Space {
    pub(crate) free_percent: u64,
}

/// One unit of systemd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) unit: String,
    pub(crate) state: ServiceState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceState {
    Running,
    /// It has done its work.
    Done,
    Starting,
    Stopped,
    Failed,
}

impl Facts {
    /// Whether the data is there to be served.
    pub(crate) fn data_is_open(&self) -> bool {
        self.storage.as_ref().is_none_or(|state| state.phase == storage_contract::Phase::Open)
    }

    pub(crate) fn failed_units(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().flatten().filter(|service| service.state == ServiceState::Failed)
    }
}
