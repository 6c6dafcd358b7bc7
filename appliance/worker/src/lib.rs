//! The role that looks into what strangers send (decision 19): without keys, files and network, for one picture.
//!
//! A process of it is given a connection, locks itself in, answers once and ends. So nothing of a picture is left for the
//! next, whatever it made of the process that looked at it.

mod confine;
mod serve;
mod thumbnail;

pub use confine::{ConfineError, confine};
pub use serve::{ServeError, serve};
pub use thumbnail::thumbnails;
