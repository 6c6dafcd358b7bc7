//! The world that outside tests act in: a box, persons, a second company with an outsider, a clock, faults.
//!
//! Everything here talks to the executable as a stranger would: command line, HTTPS, WebSocket, XMPP by direct TLS. No room of the
//! appliance is linked except `domain`, for its `Clock` and `Rng`.

mod bubble;
pub mod clamav;
pub mod clock;
pub mod device;
pub mod direct;
pub mod edge_box;
pub mod executable;
pub mod expect;
pub mod fault;
pub mod history;
pub mod http;
pub mod memory;
pub mod network;
pub mod person;
mod ports;
pub mod process;
pub mod push_service;
mod sasl2;
pub mod scram;
pub mod secrecy;
pub mod snapshot;
pub mod stanza;
pub mod tls;
pub mod town;
pub mod websocket;
pub mod wizard;
mod world_of_two;

pub use bubble::{Bubble, later};
pub use clamav::ClamAv;
pub use clock::ManualClock;
pub use device::Device;
pub use edge_box::{ADMIN_EMAIL, ADMIN_PASSWORD, EdgeBox};
pub use executable::{Outcome, edge};
pub use fault::{Seeded, SeededRng, noise};
pub use http::{Answer, Client};
pub use person::{Person, SignedIn};
pub use ports::free as free_port;
pub use process::{Listening, Process};
pub use stanza::Element;
pub use town::{Place, Router, Town};
pub use world_of_two::{ACME, GLOBEX, World};

/// How long a test waits for something that must come, in seconds. Generous: it bounds a failure, it measures nothing.
pub const PATIENCE_S: u64 = 45;
