use media_io::{Arrivals, Departures, Memory, Offloads, Udp};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::time::ClockId;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use turn_proto::{CHANNEL_HEAD_BYTES, channel_head};

use crate::flows::{Flow, Flows};
use crate::server::Server;

const CHANNEL: u16 = 0x4000;
/// What is on its way when the last packet has left.
const SETTLES: Duration = Duration::from_millis(100);
/// Packets of different flows that leave one after another before the next pause.
const TOGETHER: usize = 10;
const LOOKS_EVERY: Duration = Duration::from_millis(2);
const SLOTS: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToPeers,
    ToClients,
    Inside,
    /// With nobody between.
    Direct,
}

/// What is sent.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) way: Way,
    pub(crate) bytes: usize,
    /// Packets of one flow at once.
    pub(crate) burst: usize,
    /// Whether a burst comes in one piece, as a network card hands it over.
    pub(crate) joined: bool,
    pub(crate) flows: usize,
}

/// What came of it.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) cpu_ns: f64,
    pub(crate) arrived_percent: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

/// One turn of sending.
struct Pass {
    sent: usize,
    /// How long each that arrived was on its way.
    arrived: Vec<Duration>,
    /// Processor time.
    server: Duration,
    sender: Duration,
}

impl Figures {
    pub(crate) fn least(self, other: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.min(other.cpu_ns),
            arrived_percent: self.arrived_percent.min(other.arrived_percent),
            p50_us: self.p50_us.min(other.p50_us),
            p99_us: self.p99_us.min(other.p99_us),
        }
    }
}

impl Load {
    /// Twice: for processor time nobody waits at the far end, so that the server does not pay for waking him, which it would not
    /// where there is a line in between; for latency somebody does.
    pub(crate) fn run(&self, server: &Server, flows: &Flows, rate: u32, lasts: Duration) -> Figures {
        let cpu = || server.cpu();
        let Pass { sent, arrived, server: used, .. } = self.pass(&cpu, flows, rate, lasts, false);
        let Pass { arrived: mut latencies, .. } = self.pass(&cpu, flows, rate, lasts / 2, true);
        latencies.sort_unstable();
        let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or_default();
        let arrived = arrived.len().max(1);
        Figures {
            cpu_ns: used.as_secs_f64() * 1e9 / arrived as f64,
            arrived_percent: 100.0 * arrived as f64 / sent as f64,
            p50_us: at(50).as_secs_f64() * 1e6,
            p99_us: at(99).as_secs_f64() * 1e6,
        }
    }

    /// Processor time of a server and the sender for each packet that arrived, in nanoseconds.
    pub(crate) fn both(&self, server: Option<&Server>, flows: &Flows, rate: u32, lasts: Duration) -> f64 {
        let pass = self.pass(&|| server.map_or(Duration::ZERO, Server::cpu), flows, rate, lasts, false);
        (pass.server + pass.sender).as_secs_f64() * 1e9 / pass.arrived.len().max(1) as f64
    }

    fn pass(&self, server_cpu: &dyn Fn() -> Duration, flows: &Flows, rate: u32, lasts: Duration, waits: bool) -> Pass {
        let over = AtomicBool::new(false);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let far = |flow| if self.way == Way::ToClients { near_of(flow) } else { far_of(flow) };
            let receivers: Vec<&Udp> = flows.all.iter().map(far).collect();
            let receiving = scope.spawn(|| receive(receivers, self.bytes, begun, &over, waits));
            let (before, own) = (server_cpu(), own_cpu());
            let sent = self.send(flows, rate, begun, lasts);
            let sender = own_cpu() - own;
            std::thread::sleep(SETTLES);
            let server = server_cpu() - before;
            over.store(true, Ordering::Relaxed);
            Pass { sent, arrived: receiving.join().expect("the receiver ends"), server, sender }
        })
    }

    fn send(&self, flows: &Flows, rate: u32, begun: Instant, lasts: Duration) -> usize {
        let mut memory = Memory::new(Offloads { gso: self.joined, ..Offloads::ALL });
        let together = if self.burst > 1 { self.burst } else { TOGETHER };
        let pause = Duration::from_secs_f64(together as f64 / f64::from(rate));
        let (mut sent, mut next_flow, mut turn) = (0, 0, 0_u32);
        let head = channel_head(CHANNEL, self.bytes).expect("data is short");
        let mut data = vec![0; self.bytes];
        while begun.elapsed() < lasts {
            let stamp = begun.elapsed().as_nanos();
            data[..8].copy_from_slice(&u64::try_from(stamp).unwrap_or(0).to_be_bytes());
            let mut departures = Departures::begin(&mut memory);
            for _ in 0..together {
                let (socket, to, headed) = self.from(&flows.all[next_flow], flows.server);
                let head: &[u8] = if headed { &head } else { &[] };
                departures.push(socket, to, None, &[head, &data]);
                if self.burst == 1 {
                    next_flow = (next_flow + 1) % flows.all.len();
                }
            }
            sent += departures.send().datagrams;
            turn += 1;
            std::thread::sleep((pause * turn).saturating_sub(begun.elapsed()));
        }
        sent
    }

    fn from<'f>(&self, flow: &'f Flow, server: SocketAddr) -> (&'f Udp, SocketAddr, bool) {
        match self.way {
            Way::Direct => (&flow.near, flow.relayed, false),
            Way::ToPeers | Way::Inside => (&flow.near, server, true),
            Way::ToClients => (&flow.far, flow.relayed, false),
        }
    }
}

/// Of this thread.
fn own_cpu() -> Duration {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().map_or(Duration::ZERO, Duration::from)
}

fn near_of(flow: &Flow) -> &Udp {
    &flow.near
}

fn far_of(flow: &Flow) -> &Udp {
    &flow.far
}

/// How long each packet was on its way. Whoever does not wait looks now and then.
fn receive(sockets: Vec<&Udp>, bytes: usize, begun: Instant, over: &AtomicBool, waits: bool) -> Vec<Duration> {
    let epoll = Epoll::new(EpollCreateFlags::empty()).expect("the kernel has epoll");
    for (at, socket) in sockets.iter().enumerate().filter(|_| waits) {
        epoll.add(socket, EpollEvent::new(EpollFlags::EPOLLIN, at as u64)).expect("a socket");
    }
    let mut events = [EpollEvent::empty(); 64];
    let mut arrivals = Arrivals::new(SLOTS, Offloads::ALL);
    let mut latencies = Vec::new();
    while !over.load(Ordering::Relaxed) {
        if waits {
            let count = epoll.wait(&mut events, 20_u8).unwrap_or(0);
            for event in &events[..count] {
                let at = usize::try_from(event.data()).expect("a number of ours");
                take(sockets[at], bytes, begun, &mut arrivals, &mut latencies);
            }
        } else {
            std::thread::sleep(LOOKS_EVERY);
            for socket in &sockets {
                while take(socket, bytes, begun, &mut arrivals, &mut latencies) == SLOTS {}
            }
        }
    }
    latencies
}

/// What has come to one socket; says how much.
fn take(socket: &Udp, bytes: usize, begun: Instant, arrivals: &mut Arrivals, latencies: &mut Vec<Duration>) -> usize {
    arrivals.clear();
    let range = arrivals.receive(socket, SLOTS).unwrap_or(0..0);
    let now = begun.elapsed();
    for at in range.clone() {
        let frame = &arrivals.memory()[arrivals.get(at).bytes.clone()];
        let data = if frame.len() == bytes { frame } else { &frame[CHANNEL_HEAD_BYTES.min(frame.len())..] };
        let Some(stamp) = data.first_chunk() else { continue };
        latencies.push(now.saturating_sub(Duration::from_nanos(u64::from_be_bytes(*stamp))));
    }
    range.len()
}
