//! `fileserver/v1.0`: the bytes of shared files (C6; protocol section 11).

pub(crate) mod capabilities;
pub(crate) mod files;

/// Below these, bodies are taken as they come, up to the largest file: `main` tells the gate.
pub const STREAMED: &[&str] = &["/api/rainbow/fileserver/v1.0/files/", "/api/edge/v1/files/slots/"];
