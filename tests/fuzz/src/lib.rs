//! One function a parser that meets the network, or a disk that somebody else had (D3): it takes any bytes and panics where what
//! must always hold does not (E5).
//!
//! The same functions are driven by `replay.rs` (the corpus and a seeded mutation of it, in every run of the tests) and by
//! libFuzzer (`cargo xtask fuzz`, guided by coverage).

mod addresses;
mod backup;
mod chain;
mod changed;
mod config;
mod database;
mod door;
mod frames;
mod framing;
mod hand_off;
mod handshake;
mod hello;
mod jingle;
mod keyring;
mod lines;
mod mutate;
mod place;
mod redirect;
mod relay;
mod requests;
mod sasl;
mod sealed_file;
mod stream;
mod stun;
mod tokens;
mod tpm_answers;
mod websocket;
mod xml;

pub use mutate::mutated;

/// Longer input says nothing new, and costs time.
pub const INPUT_BYTES_MAX: usize = 16 * 1024;

/// A parser, and what must always hold of it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of its folder in `corpus`.
    pub name: &'static str,
    /// Panics where something does not hold.
    pub run: fn(&[u8]),
}

macro_rules! table {
    ($($name:ident)*) => {
        /// Every target.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), run: $name::run }),*];
    };
}

table! {
    xml framing stream sasl websocket handshake addresses config lines chain tokens requests hello redirect hand_off stun
    frames relay jingle database keyring sealed_file backup tpm_answers
}

/// The input as text; most parsers get no other.
fn text(input: &[u8]) -> Option<&str> {
    std::str::from_utf8(input).ok()
}
