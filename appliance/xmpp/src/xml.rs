//! One XMPP frame as a small tree, and back.
//!
//! A WebSocket text frame holds exactly one element (RFC 7395, 3.3.3), and [`Splitter`] cuts a stream of bytes into
//! such pieces. [`parse`] accepts the part of XML that
//! XMPP allows (RFC 6120, 11.1) and nothing else; whatever it accepts, [`Element::to_xml`] writes so that it
//! parses to the same tree again.

mod element;
mod error;
mod escape;
mod growth;
pub mod namespace;
mod parse;
mod split;
mod write;

#[cfg(test)]
mod tests;

pub use element::{Attribute, Element, Node};
pub use error::ParseError;
pub use parse::{ATTRIBUTES_MAX, DEPTH_MAX, NODES_MAX, Scope, parse, parse_children, parse_header, parse_in};
pub use split::{Piece, Splitter};
