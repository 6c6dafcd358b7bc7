//! Rainbow's REST interface: parses requests, calls the verbs of `app`, writes answers in Rainbow's form.
//!
//! Every route is one line of the table in `routes.rs`; every refusal takes its form in `error.rs`.
#![warn(missing_docs)]

mod about;
mod admin;
mod answer;
mod authentication;
mod body;
mod caller;
mod edge;
mod edge_v1;
mod empty_list;
mod enduser;
mod envelope;
mod error;
mod fileserver;
mod filestorage;
mod finish;
mod geolocation;
mod jid;
mod not_served;
mod path;
mod ping;
mod profile;
mod query;
mod room;
mod routes;
mod search;
mod surroundings;
mod user;

pub use fileserver::STREAMED;
pub use routes::{Access, RouteInfo, router, routes, setup_router};
pub use surroundings::{Certificate, Disk, Look, Service, Speed, Surroundings};
