//! What tests and load generators of the media node have in common: a node in a process of its own, its server, and a client.

mod caller;
mod ends;
mod network;
mod node;
mod weather;

pub use caller::{Caller, Carrier, Line, Relayed};
pub use ends::{Ends, Way};
pub use network::{BOX, Network, OTHERS};
pub use node::{Node, PORT_OF_NAMESPACE, REALM, SECRET, Starting, configuration, credential, hand_over, status_kib};
pub use weather::{Road, Weather};
