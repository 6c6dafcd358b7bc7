use media_io::{Offloads, Udp};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use crate::NodeError;

/// More threads than this have no work: a box relays more with two than its lines take.
const THREADS_MAX: usize = 64;

/// Where a node runs.
#[derive(Debug)]
pub struct Place {
    /// Addresses to be bound, by each thread.
    pub udp: Vec<SocketAddr>,
    /// UDP sockets that are bound already; those of one address share it. Each thread takes one of each address.
    pub udp_given: Vec<OwnedFd>,
    /// Where the server connects to.
    pub control: UnixListener,
    /// Where byte streams are handed over.
    pub streams: UnixListener,
    /// Threads; `None`: one a core.
    pub threads: Option<usize>,
    /// Which ways to be faster may be used, where they are found.
    pub offloads: Offloads,
    /// At which interfaces packets may be carried past the process.
    pub path: media_io::Wanted,
    /// Whether the process gives up what it does not need. A test that has other work goes on without.
    pub confined: bool,
    /// As it is told to the server.
    pub executable: String,
}

impl Place {
    /// The sockets of each thread.
    pub(crate) fn listeners(&self, offloads: Offloads) -> Result<Vec<Vec<Udp>>, NodeError> {
        let given = self.given(offloads)?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let of_given = given.iter().map(Vec::len).max();
        let threads = of_given.unwrap_or_else(|| self.threads.unwrap_or_else(cores)).clamp(1, THREADS_MAX);
        let mut listeners: Vec<Vec<Udp>> = (0..threads).map(|_| Vec::new()).collect();
        for group in given {
            // Whoever has none of an address sends by another one's.
            for of_thread in listeners.iter_mut().skip(group.len()) {
                of_thread.push(group[0].again().map_err(NodeError::Given)?);
            }
            for (of_thread, socket) in listeners.iter_mut().zip(group) {
                of_thread.push(socket);
            }
        }
        for address in &self.udp {
            for of_thread in &mut listeners {
                let bound = Udp::bind(*address, true, offloads);
                of_thread.push(bound.map_err(|source| NodeError::Bind { address: *address, source })?);
            }
        }
        if listeners[0].is_empty() { Err(NodeError::Nothing) } else { Ok(listeners) }
    }

    /// By address.
    fn given(&self, offloads: Offloads) -> Result<Vec<Vec<Udp>>, NodeError> {
        let mut groups: Vec<Vec<Udp>> = Vec::new();
        for descriptor in &self.udp_given {
            let descriptor = descriptor.try_clone().map_err(NodeError::Given)?;
            let socket = Udp::given(descriptor, offloads).map_err(NodeError::Given)?;
            match groups.iter_mut().find(|group| group[0].local() == socket.local()) {
                Some(group) => group.push(socket),
                None => groups.push(vec![socket]),
            }
        }
        Ok(groups)
    }
}
