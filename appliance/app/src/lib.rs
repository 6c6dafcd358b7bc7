//! What Rainbow Edge does: one folder per capability, one file per verb.
//!
//! A verb takes the [`App`], its caller and its input, names the right that it needs, changes rows in one transaction and
//! answers; what connected devices must hear is pushed after the commit, in its order (decision 10).
#![warn(missing_docs)]

pub mod application;
pub mod backup;
pub mod bubble;
pub mod call;
mod caller;
pub mod company;
pub mod container;
pub mod conversation;
mod counters;
mod error;
pub mod favorite;
pub mod file;
mod freeing;
pub mod group;
pub mod guest;
pub mod installation;
pub mod live;
pub mod message;
pub mod network;
pub mod node;
mod outbox;
mod pace;
pub mod people;
pub mod pin;
pub mod presence;
mod relations;
pub mod relay;
pub mod roster;
pub mod setup;
pub mod sign_in;
mod start;
pub mod vault;
mod visitor;
pub mod web_push;

pub use caller::{Caller, SignedInBy};
pub use counters::{Counters, LiveLoad, Load};
pub use error::{AppError, BUBBLE, Unauthenticated};
pub use start::{App, Settings};
pub use visitor::{Source, Visitor};
