use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::Uid;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use media_io::{FastPath, Udp};
use nix::sys::eventfd::{EfdFlags, EventFd};
use turn_proto::{NonceKey, People, Server, Settings, Share};

use crate::NodeError;
use crate::configure;
use crate::facts::Facts;
use crate::shard::Stream;

/// What all threads know.
pub(crate) struct Shared {
    pub(crate) started: Instant,
    pub(crate) shards: Vec<Shard>,
    pub(crate) people: Arc<People>,
    pub(crate) facts: Facts,
    pub(crate) udp: Vec<SocketAddr>,
    pub(crate) streams: RwLock<HashMap<u64, Arc<Stream>>>,
    pub(crate) streams_max: AtomicUsize,
    pub(crate) drained: AtomicBool,
    /// What carries packets past this process, where that can be.
    pub(crate) path: Option<Arc<FastPath>>,
    next_stream: AtomicU64,
    /// Asked for before the process is confined.
    own: Uid,
}

/// The part of one thread that others touch: whoever has data for a client of it asks here, and sends it himself.
pub(crate) struct Shard {
    server: Mutex<Server>,
    orders: Mutex<Vec<Order>>,
    pub(crate) wake: EventFd,
}

/// What only the thread itself can do, because it closes sockets.
pub(crate) enum Order {
    Revoke { person: String, expiry_s_max: u64 },
}

impl Shared {
    pub(crate) fn new(listeners: &[Vec<Udp>], path: Option<FastPath>) -> Result<Self, NodeError> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(NodeError::Randomness)?;
        let nonces = NonceKey::new(&random);
        let people = Arc::new(People::default());
        let settings = Arc::new(configure::nothing());
        let of = u16::try_from(listeners.len()).unwrap_or(u16::MAX);
        let shard = |index| Shard::new(Arc::clone(&settings), Share { index, of }, &people, nonces.clone());
        Ok(Self {
            started: Instant::now(),
            shards: (0..of).map(shard).collect::<Result<_, _>>()?,
            people: Arc::clone(&people),
            facts: Facts::new().map_err(NodeError::Wait)?,
            udp: listeners.iter().flatten().take(listeners.first().map_or(0, Vec::len)).map(Udp::local).collect(),
            streams: RwLock::new(HashMap::new()),
            streams_max: AtomicUsize::new(0),
            drained: AtomicBool::new(false),
            path: path.map(Arc::new),
            next_stream: AtomicU64::new(1),
            own: Uid::current(),
        })
    }

    /// A socket that is a name in the kernel alone has no mode that would keep others away: it is for this user only.
    pub(crate) fn may_connect(&self, stream: &UnixStream) -> bool {
        let named = stream.local_addr().is_ok_and(|address| address.as_abstract_name().is_some());
        !named || getsockopt(stream, PeerCredentials).is_ok_and(|peer| peer.uid() == self.own.as_raw())
    }

    /// The part that gave out this port.
    pub(crate) fn shard_of_port(&self, port: u16) -> &Shard {
        let of = u16::try_from(self.shards.len()).unwrap_or(u16::MAX);
        &self.shards[usize::from(Share::of_port(port, of))]
    }

    pub(crate) fn configure(&self, settings: &Arc<Settings>) {
        self.shards.iter().for_each(|shard| shard.server().configure(Arc::clone(settings)));
        // What was lent under other settings is good no more.
        self.path.iter().for_each(|path| path.halt());
        self.drained.store(settings.drain, Ordering::Relaxed);
    }

    pub(crate) fn next_stream(&self) -> u64 {
        self.next_stream.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn stream(&self, id: u64) -> Option<Arc<Stream>> {
        self.streams.read().unwrap_or_else(PoisonError::into_inner).get(&id).map(Arc::clone)
    }

    pub(crate) fn streams_mut(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<u64, Arc<Stream>>> {
        self.streams.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn new(settings: Arc<Settings>, share: Share, people: &Arc<People>, nonces: NonceKey) -> Result<Self, NodeError> {
        let wake = EventFd::from_value_and_flags(0, EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC);
        Ok(Self {
            server: Mutex::new(Server::new(settings, share, Arc::clone(people), nonces)),
            orders: Mutex::default(),
            wake: wake.map_err(NodeError::Wait)?,
        })
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn order(&self, order: Order) {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).push(order);
        // A full counter has woken the thread already.
        let _ = self.wake.write(1);
    }

    pub(crate) fn take_orders(&self) -> Vec<Order> {
        let _ = self.wake.read();
        std::mem::take(&mut self.orders.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
