//! STUN and TURN (RFC 8489, RFC 8656) as rules: what came, from whom and when goes in; what is answered and where data goes comes out.
//!
//! Pure: no socket, clock or randomness; a test plays days in microseconds and repeats a run from its seed. One [`Server`] serves the clients
//! of one thread; what counts a person as a whole ([`People`]) is shared by all of them.

mod allocation;
mod channel_data;
mod client;
mod credential;
mod framing;
/// STUN messages: reading, writing, integrity (RFC 8489).
pub mod message;
mod nonce;
mod peers;
mod people;
mod revocation;
mod server;
mod settings;
mod strangers;

pub use channel_data::{CHANNEL_HEAD_BYTES, ChannelData, channel_head, is_channel};
pub use client::{Client, Now};
pub use credential::{CredentialError, Password, Secret, Secrets};
pub use framing::{FRAME_BYTES_MAX, Frame, FrameError, frame_length, padding};
pub use nonce::NonceKey;
pub use peers::{Network, NetworkError, Peers};
pub use people::{Ended, Limits, People, Person, Traffic};
pub use revocation::Revocations;
pub use server::{Action, Arrival, Carried, Counts, Delivery, Hop, Lane, Loan, Ports, Refusal, Server, Worth};
pub use settings::{Addresses, Settings, Share};
