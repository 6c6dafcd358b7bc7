use std::io;
use std::net::SocketAddr;
use thiserror::Error;

use crate::ConfineError;

/// Why the node cannot start, or not go on.
#[derive(Debug, Error)]
pub enum NodeError {
    /// Another program has the port, or it may not be taken.
    #[error("UDP {address} cannot be listened on")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What was passed is no bound UDP socket.
    #[error("a socket that was passed cannot be used")]
    Given(#[source] io::Error),
    /// Neither addresses nor sockets.
    #[error("there is nothing to listen on")]
    Nothing,
    /// The kernel has no more of what waits for sockets.
    #[error("sockets cannot be waited for")]
    Wait(#[source] nix::Error),
    /// No thread can be started.
    #[error("a thread cannot be started")]
    Thread(#[source] io::Error),
    /// A socket of its own broke.
    #[error("a socket that is listened on broke")]
    Listener(#[source] io::Error),
    /// The system has no randomness.
    #[error("there is no randomness")]
    Randomness(#[source] getrandom::Error),
    /// What it may do beyond others could not be given up.
    #[error("the process's capabilities cannot be given up")]
    Rights(#[source] io::Error),
    /// The process could not be confined.
    #[error("the process cannot be confined")]
    Confine(#[from] ConfineError),
    /// A broken invariant.
    #[error("the thread {name} panicked")]
    Panicked {
        /// Which.
        name: String,
    },
    /// All threads are gone.
    #[error("all threads ended")]
    Ended,
}
