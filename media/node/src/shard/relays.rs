use std::net::SocketAddr;
use std::sync::Arc;

use media_io::{FastPath, Offloads, Udp};
use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};
use turn_proto::{Carried, Ports};

use super::token;

/// The sockets of real relayed addresses.
pub(crate) struct Relays {
    places: Vec<Option<Relay>>,
    free: Vec<u32>,
    /// Closed in this turn: a number is used again in a later one only, so that nothing that is on its way leaves by another
    /// client's socket.
    closed: Vec<u32>,
    epoll: Arc<Epoll>,
    offloads: Offloads,
    path: Option<Arc<FastPath>>,
}

pub(crate) struct Relay {
    pub(crate) socket: Udp,
    pub(crate) relayed: SocketAddr,
}

impl Relays {
    pub(crate) fn new(epoll: Arc<Epoll>, offloads: Offloads, path: Option<Arc<FastPath>>) -> Self {
        Self { places: Vec::new(), free: Vec::new(), closed: Vec::new(), epoll, offloads, path }
    }

    pub(crate) fn get(&self, at: u32) -> Option<&Relay> {
        self.places.get(usize::try_from(at).ok()?)?.as_ref()
    }

    pub(crate) fn forget_closed(&mut self) {
        self.free.append(&mut self.closed);
    }
}

impl Ports for Relays {
    fn open(&mut self, local: SocketAddr, relayed: SocketAddr) -> Option<u32> {
        let socket = Udp::bind(local, false, self.offloads).ok()?;
        let at = self.free.pop().or_else(|| {
            self.places.push(None);
            u32::try_from(self.places.len() - 1).ok()
        })?;
        let event = EpollEvent::new(EpollFlags::EPOLLIN, token::RELAY | u64::from(at));
        if self.epoll.add(&socket, event).is_err() {
            self.free.push(at);
            return None;
        }
        *self.places.get_mut(usize::try_from(at).ok()?)? = Some(Relay { socket, relayed });
        Some(at)
    }

    fn close(&mut self, socket: u32) {
        let place = usize::try_from(socket).ok().and_then(|at| self.places.get_mut(at));
        // Dropped, it is closed, and waited for no more.
        if place.is_some_and(|place| place.take().is_some()) {
            self.closed.push(socket);
        }
    }

    fn carried(&self, way: u64) -> Option<Carried> {
        let carried = self.path.as_ref()?.carried(way)?;
        Some(Carried { packets: carried.packets, bytes: carried.bytes })
    }

    fn stop(&mut self, way: u64) {
        self.path.iter().for_each(|path| path.stop(way));
    }
}
