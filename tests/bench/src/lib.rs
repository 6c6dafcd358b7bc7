//! Load on XMPP servers that the box and others take alike: standard clients over WebSocket and TLS 1.3 from one lean thread.
//!
//! What a server does with its processor and memory is read from `/proc`, so the generator's own share does not count.

pub mod attack;
mod http;
pub mod latency;
pub mod report;
pub mod scenario;
pub mod server;
pub mod session;
mod websocket;

/// Lets this process hold as many open files as it may: it plays thousands of clients.
///
/// # Panics
/// When the system does not let a process raise its soft limit to the hard one.
pub fn take_all_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit can be read");
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).expect("the limit can be raised to the hard one");
}
