//! The gate from outside, on real sockets of the loopback network.

mod door;
mod requests;
mod transport;
