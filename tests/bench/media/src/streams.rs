//! Relaying by TLS, for clients whose firewall lets no UDP through: ours is the whole box, whose gate ends TLS and hands the bytes to the
//! node; coturn does both in one process.

use media_io::{Arrivals, Departures, Memory, Offloads, Udp};
use media_suite::{Caller, Line, REALM, SECRET, credential};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use turn_proto::{Frame, channel_head, frame_length, padding};
use world::{World, expect};

use crate::Arguments;
use crate::server::cpu_of;

const CHANNEL: u16 = 0x4000;
const FLOWS: usize = 10;
/// Of packets; a core of both servers carries several times of it.
const RATE: u32 = 8_000;
const SETTLES: Duration = Duration::from_millis(200);
/// How long it is looked at what an idle server takes.
const LOOKED_AT: Duration = Duration::from_secs(2);
const LOOKS_EVERY: Duration = Duration::from_millis(2);
/// Ports of this machine only, and as much as one person likes.
const BOX: &str = "[media]\nrelay_ports = \"50000-50999\"\npeers_allowed = [\"127.0.0.0/8\"]\n\
    bytes_per_s_per_person_max = 1000000000\nallocations_per_person_max = 1000\n";
const SERVERS: &str = "/api/rainbow/geolocation/v1.0/settings/iceservers";

/// What is sent over ten streams, one packet after the other on all of them, or bursts on one of them.
struct Load {
    name: &'static str,
    bytes: usize,
    burst: usize,
    to_clients: bool,
}

const LOADS: &[Load] = &[
    Load { name: "TLS, 10 flows, 160 B, to peers", bytes: 160, burst: 1, to_clients: false },
    Load { name: "TLS, 10 flows, 160 B, to clients", bytes: 160, burst: 1, to_clients: true },
    Load { name: "TLS, 10 flows, 1200 B, to peers", bytes: 1_200, burst: 1, to_clients: false },
    Load { name: "TLS, 10 flows, 1200 B, to clients", bytes: 1_200, burst: 1, to_clients: true },
    Load { name: "TLS, bursts of 32, 1200 B, to peers", bytes: 1_200, burst: 32, to_clients: false },
    Load { name: "TLS, bursts of 32, 1200 B, to clients", bytes: 1_200, burst: 32, to_clients: true },
];

type Tls = StreamOwned<ClientConnection, TcpStream>;

struct Flow {
    near: Tls,
    /// The same connection, to say whether reading it waits.
    tcp: TcpStream,
    far: Udp,
    relayed: SocketAddr,
}

enum Server {
    Box { world: Box<World>, username: String, password: String },
    Coturn { child: Child, folder: PathBuf, address: SocketAddr },
}

/// The rows of the table.
pub(crate) fn table(arguments: &Arguments) {
    let wanted: Vec<&Load> = LOADS.iter().filter(|load| load.name.contains(&arguments.only)).collect();
    if wanted.is_empty() {
        return;
    }
    let servers = [Server::coturn(), Server::of_box()];
    let idle = servers.each_ref().map(Server::idle);
    let [theirs, ours] = idle.map(|share| 100.0 * share);
    println!("\nserver CPU per packet that arrived, in ns: coturn; ours, the gate and the node together");
    println!("less what they take when nothing is relayed: {theirs:.2} % and {ours:.2} % of a processor\n");
    println!("| load | coturn | ours |\n|---|---|---|");
    for load in wanted {
        let mut best = [(f64::MAX, 0.0); 2];
        for _ in 0..arguments.rounds {
            for (best, (server, idle)) in best.iter_mut().zip(servers.iter().zip(idle)) {
                let (used, share) = load.run((server, idle), Duration::from_millis(arguments.lasts_ms));
                *best = (best.0.min(used), share);
            }
        }
        let [(theirs, of_theirs), (ours, of_ours)] = best;
        let ratio = ours / theirs;
        println!("| {} | {theirs:.0}, {of_theirs:.0} % | {ours:.0} ({ratio:.2}x), {of_ours:.0} % |", load.name);
    }
}

impl Server {
    fn of_box() -> Self {
        let world = World::configured(BOX);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let given = runtime.block_on(async {
            let alice = world.alice.sign_in(&world.edge).await;
            let begun = Instant::now();
            loop {
                let told = expect::success(&alice.client.get(SERVERS).await);
                let of_tls =
                    told["data"].as_array().and_then(|all| all.iter().find(|one| is_tls(&one["urls"])).cloned());
                if let Some(found) = of_tls {
                    return found;
                }
                assert!(begun.elapsed() < Duration::from_secs(30), "the media node never came");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let text = |key: &str| given[key].as_str().expect("a string").to_owned();
        Self::Box { world: Box::new(world), username: text("username"), password: text("credential") }
    }

    fn coturn() -> Self {
        let folder = std::env::temp_dir().join(format!("media-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for coturn's key");
        let made = rcgen::generate_simple_self_signed([String::from("localhost")]).expect("a certificate");
        let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
        std::fs::write(&chain, made.cert.pem()).expect("the folder can be written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("the folder can be written");
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a port is free");
        let mut command = Command::new("turnserver");
        command.args(["-n", "--no-cli", "--no-udp", "--no-dtls", "--allow-loopback-peers"]);
        command.args(["--use-auth-secret", "--static-auth-secret", SECRET, "--realm", REALM, "--fingerprint"]);
        command.args(["--relay-threads", "1", "--log-file", "stdout", "--no-stdout-log", "--simple-log"]);
        command.args(["--listening-ip", "127.0.0.1", "--tls-listening-port", &address.port().to_string()]);
        command.args(["--relay-ip", "127.0.0.1", "--min-port", "51000", "--max-port", "51999"]);
        command.arg("--cert").arg(&chain).arg("--pkey").arg(&key).arg("--pidfile").arg(folder.join("pid"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("coturn is installed");
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "coturn does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self::Coturn { child, folder, address }
    }

    /// The share of a processor that it takes while nothing is relayed.
    fn idle(&self) -> f64 {
        let (begun, before) = (Instant::now(), self.cpu());
        std::thread::sleep(LOOKED_AT);
        (self.cpu() - before).as_secs_f64() / begun.elapsed().as_secs_f64()
    }

    fn cpu(&self) -> Duration {
        match self {
            Self::Box { world, .. } => world.edge.processes().into_iter().map(|process| cpu_of(process.id())).sum(),
            Self::Coturn { child, .. } => cpu_of(child.id()),
        }
    }

    fn flow(&self, number: usize) -> Flow {
        // What comes to the box's own address is looked for inside.
        let far = UdpSocket::bind("127.0.0.3:0").expect("a port is free");
        let (address, trusted, (username, password)) = match self {
            Self::Box { world, username, password } => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, world.edge.https()));
                (address, world.edge.data().join("ca.pem"), (username.clone(), password.clone()))
            }
            Self::Coturn { folder, address, .. } => {
                (*address, folder.join("chain.pem"), credential(&format!("near-{number}")))
            }
        };
        let tcp = TcpStream::connect(address).expect("the server listens");
        tcp.set_nodelay(true).expect("a socket");
        let kept = tcp.try_clone().expect("a socket");
        let shared = Shared(Arc::new(std::sync::Mutex::new(tls(tcp, &trusted))));
        let mut caller = Caller::with(Line::Carried(Box::new(shared.clone()), Vec::new()), username, password);
        let relayed = caller.allocate().expect("the server serves");
        caller.bind(CHANNEL, far.local_addr().expect("it is bound")).expect("the peer is allowed");
        drop(caller);
        let near = Arc::into_inner(shared.0).and_then(|stream| stream.into_inner().ok()).expect("the caller is gone");
        let far = Udp::given(OwnedFd::from(far), Offloads { gro: false, gso: true, batches: true });
        Flow { near, tcp: kept, far: far.expect("a bound socket"), relayed }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Self::Coturn { child, folder, .. } = self {
            let _ = child.kill();
            let _ = child.wait();
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn is_tls(urls: &serde_json::Value) -> bool {
    urls.as_str().is_some_and(|urls| urls.starts_with("turns:"))
}

/// A stream that the caller uses first, and the load afterwards.
#[derive(Clone)]
struct Shared(Arc<std::sync::Mutex<Tls>>);

impl std::io::Read for Shared {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").read(bytes)
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().expect("nobody panicked").flush()
    }
}

fn tls(tcp: TcpStream, trusted: &std::path::Path) -> Tls {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(trusted).expect("a file") {
        roots.add(certificate.expect("PEM")).expect("a certificate");
    }
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"stun.turn".to_vec()];
    let name = ServerName::try_from("localhost").expect("a name");
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).expect("a client"), tcp)
}

impl Load {
    /// Processor time for each packet that arrived, and the share of those.
    fn run(&self, (server, idle): (&Server, f64), lasts: Duration) -> (f64, f64) {
        let mut flows: Vec<Flow> = (0..FLOWS).map(|number| server.flow(number)).collect();
        let over = AtomicBool::new(false);
        let (begun, before) = (Instant::now(), server.cpu());
        let (sent, arrived) = std::thread::scope(|scope| {
            let over = &over;
            if self.to_clients {
                let (mut near, far): (Vec<_>, Vec<_>) =
                    flows.iter_mut().map(|flow| ((&mut flow.near, &flow.tcp), (&flow.far, flow.relayed))).unzip();
                let receiving = scope.spawn(move || read_streams(&mut near, over));
                let sent = self.send_datagrams(&far, lasts);
                over.store(true, Ordering::Relaxed);
                (sent, receiving.join().expect("the receiver ends"))
            } else {
                let (mut near, far): (Vec<_>, Vec<_>) =
                    flows.iter_mut().map(|flow| (&mut flow.near, &flow.far)).unzip();
                let receiving = scope.spawn(move || read_datagrams(&far, over));
                let sent = self.write_streams(&mut near, lasts);
                over.store(true, Ordering::Relaxed);
                (sent, receiving.join().expect("the receiver ends"))
            }
        });
        let used = (server.cpu() - before).as_secs_f64() - idle * begun.elapsed().as_secs_f64();
        (used * 1e9 / arrived.max(1) as f64, 100.0 * arrived as f64 / sent as f64)
    }

    /// Calls `send` with the number of a flow until the time is over, at a steady rate; says how often.
    fn at_the_rate(&self, lasts: Duration, mut send: impl FnMut(usize)) -> usize {
        let together = if self.burst > 1 { self.burst } else { FLOWS };
        let pause = Duration::from_secs_f64(together as f64 / f64::from(RATE));
        let (begun, mut turn) = (Instant::now(), 0_u32);
        while begun.elapsed() < lasts {
            (0..together).for_each(|number| send(if self.burst > 1 { 0 } else { number }));
            turn += 1;
            std::thread::sleep((pause * turn).saturating_sub(begun.elapsed()));
        }
        std::thread::sleep(SETTLES);
        together * usize::try_from(turn).unwrap_or(0)
    }

    fn write_streams(&self, near: &mut [&mut Tls], lasts: Duration) -> usize {
        let head = channel_head(CHANNEL, self.bytes).expect("data is short");
        let frame = [&head[..], &vec![0; self.bytes], &[0; 4][..padding(head.len() + self.bytes)]].concat();
        self.at_the_rate(lasts, |flow| near[flow].write_all(&frame).expect("the server reads streams"))
    }

    fn send_datagrams(&self, far: &[(&Udp, SocketAddr)], lasts: Duration) -> usize {
        let (mut memory, data) = (Memory::new(Offloads { gso: false, ..Offloads::ALL }), vec![0; self.bytes]);
        self.at_the_rate(lasts, |flow| {
            let mut departures = Departures::begin(&mut memory);
            let (socket, to) = far[flow];
            departures.push(socket, to, None, &[&data]);
            let _ = departures.send();
        })
    }
}

/// How many have come to all of them.
fn read_datagrams(sockets: &[&Udp], over: &AtomicBool) -> usize {
    let (mut arrivals, mut count) = (Arrivals::new(64, Offloads::ALL), 0);
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOKS_EVERY);
        for socket in sockets {
            loop {
                arrivals.clear();
                let came = arrivals.receive(socket, 64).map_or(0, |range| range.len());
                count += came;
                if came < 64 {
                    break;
                }
            }
        }
    }
    count
}

/// How many frames have come in all of them.
fn read_streams(streams: &mut [(&mut Tls, &TcpStream)], over: &AtomicBool) -> usize {
    let (mut kept, mut count, mut bytes) = (vec![Vec::new(); streams.len()], 0, vec![0; 64 * 1_024]);
    for (_, tcp) in streams.iter() {
        tcp.set_nonblocking(true).expect("a socket");
    }
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(LOOKS_EVERY);
        for ((stream, _), kept) in streams.iter_mut().zip(&mut kept) {
            while let Some(came) = stream.read(&mut bytes).ok().filter(|came| *came > 0) {
                kept.extend_from_slice(&bytes[..came]);
            }
            let mut at = 0;
            while let Ok(Frame::Whole { padded, .. }) = frame_length(&kept[at..]) {
                at += padded;
                count += 1;
            }
            kept.drain(..at);
        }
    }
    count
}
