//! Many datagrams with one system call (G4): received several at a time and joined by the kernel (GRO), sent several at a time and cut by
//! it (GSO), without a copy in between. Each of these is found at the start, may be switched off, and makes no other difference.

mod address;
mod arrivals;
mod departures;
mod offloads;
mod rights;
mod socket;
mod xdp;

pub use arrivals::{Arrivals, Arrived};
pub use departures::{Departures, Memory, Sent};
pub use offloads::{Found, Offloads};
pub use rights::give_up_rights;
pub use socket::Udp;
pub use xdp::{Carried, FastPath, Loan, NextHop, Route, Routes, Wanted, Way};
