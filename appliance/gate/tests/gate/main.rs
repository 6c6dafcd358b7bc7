//! The gate from outside, on real sockets of the loopback network.

mod chains;
mod door;
mod floods;
mod requests;
mod routing;
mod transport;
