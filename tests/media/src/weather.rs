//! A network that loses, delays, reorders and repeats datagrams between clients and a node, by a seed; and behind which a client's
//! address changes when it is told to.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use world::Seeded;

/// The largest datagram.
const BYTES_MAX: usize = 65_536;
/// How often whoever waits for a datagram looks whether all is over.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What happens to datagrams, each way; shares in percent.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Do not arrive.
    pub lost: u64,
    /// Arrive twice.
    pub twice: u64,
    /// Are overtaken by those that were sent `delay` later.
    pub late: u64,
    /// How long all are on their way at least.
    pub delay: Duration,
    /// How much longer by chance.
    pub jitter: Duration,
}

impl Weather {
    /// How long each copy of the next datagram is on its way.
    pub fn next(&self, chance: &mut Seeded) -> Vec<Duration> {
        let mut one_of = |share: u64| chance.bits() % 100 < share;
        let copies = if one_of(self.lost) { 0 } else { 1 + usize::from(one_of(self.twice)) };
        let late = one_of(self.late);
        let jitter = u64::try_from(self.jitter.as_micros()).expect("moments");
        let mut moment = || {
            let by_chance = Duration::from_micros(chance.bits() % jitter.max(1));
            self.delay * if late { 2 } else { 1 } + by_chance
        };
        (0..copies).map(|_| moment()).collect()
    }
}

/// Datagrams on their way, by when they are due and a number of their own.
type OnTheWay = BTreeMap<(Instant, u64), Departure>;

struct Departure {
    by: Arc<UdpSocket>,
    to: SocketAddr,
    bytes: Vec<u8>,
}

/// The way of any number of clients to one node.
pub struct Road {
    front: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    node: SocketAddr,
    weather: Weather,
    chance: Mutex<Seeded>,
    waiting: Mutex<(OnTheWay, u64)>,
    changed: Condvar,
    /// As whom the node knows each client.
    known_as: Mutex<HashMap<SocketAddr, Arc<UdpSocket>>>,
    renumbered: AtomicU32,
    over: AtomicBool,
}

impl Road {
    /// A way to a node on this machine, in this weather.
    pub fn to(node: SocketAddr, weather: Weather, seed: u64) -> Self {
        let front = bound(Ipv4Addr::LOCALHOST);
        let address = front.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            node,
            weather,
            chance: Mutex::new(Seeded::new(seed)),
            waiting: Mutex::default(),
            changed: Condvar::new(),
            known_as: Mutex::default(),
            renumbered: AtomicU32::new(0),
            over: AtomicBool::new(false),
        });
        let (coming, leaving) = (Arc::clone(&shared), Arc::clone(&shared));
        std::thread::spawn(move || coming.take_from_clients(&front));
        std::thread::spawn(move || leaving.send());
        Self { front: address, shared }
    }

    /// Where clients find the node.
    pub fn address(&self) -> SocketAddr {
        self.front
    }

    /// Each client has another address and port from now on, and what is sent to the old one is lost.
    pub fn renumber(&self) {
        self.shared.renumbered.fetch_add(1, Ordering::SeqCst);
        locked(&self.shared.known_as).clear();
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn take_from_clients(self: &Arc<Self>, front: &Arc<UdpSocket>) {
        while let Some(came) = self.next(front, || false) {
            let Some((client, bytes)) = came else { continue };
            let by = Arc::clone(locked(&self.known_as).entry(client).or_insert_with(|| self.flow(front, client)));
            self.put(&by, self.node, &bytes);
        }
    }

    /// As whom the node is to know a client; what it answers goes back.
    fn flow(self: &Arc<Self>, front: &Arc<UdpSocket>, client: SocketAddr) -> Arc<UdpSocket> {
        let born = self.renumbered.load(Ordering::SeqCst);
        let host = 20 + u8::try_from(born % 200).expect("below 200");
        let back = bound(Ipv4Addr::new(127, 0, 0, host));
        let (shared, front, own) = (Arc::clone(self), Arc::clone(front), Arc::clone(&back));
        std::thread::spawn(move || {
            while let Some(came) = shared.next(&own, || shared.renumbered.load(Ordering::SeqCst) != born) {
                if let Some((_, bytes)) = came {
                    shared.put(&front, client, &bytes);
                }
            }
        });
        back
    }

    /// `None`: it is over. `Some(None)`: nothing came in a while.
    fn next(&self, socket: &UdpSocket, ends: impl Fn() -> bool) -> Option<Option<(SocketAddr, Vec<u8>)>> {
        if self.is_over() || ends() {
            return None;
        }
        let mut bytes = vec![0; BYTES_MAX];
        let came = socket.recv_from(&mut bytes).ok().map(|(count, from)| {
            bytes.truncate(count);
            (from, bytes)
        });
        Some(came)
    }

    fn put(&self, by: &Arc<UdpSocket>, to: SocketAddr, bytes: &[u8]) {
        let fates = self.weather.next(&mut locked(&self.chance));
        let mut waiting = locked(&self.waiting);
        for moment in fates {
            waiting.1 += 1;
            let when = (Instant::now() + moment, waiting.1);
            waiting.0.insert(when, Departure { by: Arc::clone(by), to, bytes: bytes.to_vec() });
        }
        self.changed.notify_all();
    }

    fn send(&self) {
        while !self.is_over() {
            let mut waiting = locked(&self.waiting);
            let next = waiting.0.first_key_value();
            let left = next.map_or(LOOK_EVERY, |((due, _), _)| due.saturating_duration_since(Instant::now()));
            if left > Duration::ZERO {
                drop(self.changed.wait_timeout(waiting, left.min(LOOK_EVERY)));
            } else if let Some((_, Departure { by, to, bytes })) = waiting.0.pop_first() {
                drop(waiting);
                // One that cannot be sent is lost, as others are.
                let _ = by.send_to(&bytes, to);
            }
        }
    }
}

fn bound(address: Ipv4Addr) -> Arc<UdpSocket> {
    let socket = UdpSocket::bind((address, 0)).expect("a port is free");
    socket.set_read_timeout(Some(LOOK_EVERY)).expect("a socket has a time-out");
    Arc::new(socket)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics holding this")
}
