//! What tests and load generators of the media node have in common: a node in a process of its own, its server, and a client.

mod caller;
mod network;
mod node;

pub use caller::{Caller, Line, Relayed};
pub use network::{BOX, Network, OTHERS};
pub use node::{Node, PORT_OF_NAMESPACE, REALM, SECRET, Starting, configuration, credential, hand_over, status_kib};
