use media_contract::{
    Configuration, External, Fact, LINE_LIMIT_BYTES, Limits, Order, Secret, Secrets, Standing, StreamHead, decode_fact,
    encode,
};
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use crate::network::CARD;

/// Where user names hold.
pub const REALM: &str = "media.example";
/// Where a node listens that has a network of its own.
pub const PORT_OF_NAMESPACE: u16 = 3_478;
/// What credentials are made with.
pub const SECRET: &str = "a secret of more than sixteen bytes";
/// Whatever is waited for comes within this time, or the test fails.
const WITHIN: Duration = Duration::from_secs(world::PATIENCE_S);
static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

/// How a node is to be started.
#[derive(Debug, Clone)]
pub struct Starting {
    /// The program `media-node-alone`.
    pub program: PathBuf,
    /// Addresses, each with the same port.
    pub addresses: Vec<IpAddr>,
    /// Threads.
    pub threads: usize,
    /// Ways to be faster that are switched off.
    pub without: &'static str,
    /// Network namespace, in which it has the port [`PORT_OF_NAMESPACE`].
    pub namespace: Option<String>,
    /// All that it may do beyond others, as `setpriv --bounding-set` takes it; `None`: whatever the test may.
    pub rights: Option<&'static str>,
}

/// A node, and the server's end of its control socket.
pub struct Node {
    child: Child,
    folder: PathBuf,
    control: BufReader<UnixStream>,
    starting: Starting,
    port: u16,
    streams: u64,
    /// Facts that were read while another one was waited for.
    pub facts: Vec<Fact>,
}

/// What most tests tell a node: relaying on the loopback interface, virtually, under an address of its own.
pub fn configuration() -> Configuration {
    Configuration {
        relay: true,
        realm: REALM.to_owned(),
        secrets: Secrets { current: Secret::new(SECRET.to_owned()), previous: None, next: None },
        revoked: Vec::new(),
        limits: Limits {
            allocations_max: 10_000,
            allocations_per_person_max: 1_000,
            bytes_per_s_per_person_max: 1_000_000_000,
            permissions_max: 64,
            channels_max: 64,
            lifetime_s_max: 3_600,
            allocation_life_s_max: 86_400,
            unproven_per_source_per_s: 1_000,
            unproven_per_s: 10_000,
            streams_max: 100,
        },
        external: ["127.0.0.9", "::1"]
            .map(|ip| External { public: ip.parse().expect("an address"), local: None })
            .to_vec(),
        relay_ports: None,
        peers_allowed: Vec::new(),
        peers_refused: Vec::new(),
        drain: false,
        report_every_s: 3_600,
    }
}

/// User name and password of a person, good for an hour.
pub fn credential(person: &str) -> (String, String) {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let username = format!("{}:{person}", now + 3_600);
    let password = turn_proto::Secret::new(SECRET.as_bytes().to_vec()).password(&username);
    let password = password.as_str().to_owned();
    (username, password)
}

impl Node {
    /// Starts it and tells it how to be.
    pub fn start(starting: Starting, configuration: &Configuration) -> Self {
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("media-node-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let port = starting.namespace.as_ref().map_or_else(|| free_port(&starting.addresses), |_| PORT_OF_NAMESPACE);
        let (child, control) = launch(&starting, &folder, port);
        let mut node = Self { child, folder, control, starting, port, streams: 0, facts: Vec::new() };
        node.begin(configuration);
        node
    }

    /// Kills it, as nothing but `kill -9` does, and starts another one at the same addresses.
    pub fn kill_and_start(&mut self, configuration: &Configuration) {
        self.child.kill().expect("the node is a child");
        self.child.wait().expect("the node is a child");
        (self.child, self.control) = launch(&self.starting, &self.folder, self.port);
        self.begin(configuration);
    }

    fn begin(&mut self, configuration: &Configuration) {
        let ready = self.fact();
        assert!(matches!(ready, Fact::Ready(_)), "the first fact is Ready: {ready:?}");
        self.facts.push(ready);
        self.configure(configuration);
    }

    /// Tells it how to be, and waits until it is.
    pub fn configure(&mut self, configuration: &Configuration) {
        self.order(&Order::Configure(Box::new(configuration.clone())));
        self.standing();
    }

    /// One order.
    pub fn order(&mut self, order: &Order) {
        let line = encode(order).expect("orders of tests are short");
        self.control.get_mut().write_all(&line).expect("the node reads orders");
    }

    /// The next fact.
    pub fn fact(&mut self) -> Fact {
        let mut line = Vec::new();
        self.control.read_until(b'\n', &mut line).expect("the node says facts in time");
        assert!(line.len() <= LINE_LIMIT_BYTES);
        decode_fact(&line).expect("the node says facts")
    }

    /// Waits for a fact, if it was not told already.
    pub fn tells(&mut self, is_it: impl Fn(&Fact) -> bool) -> Fact {
        loop {
            if let Some(at) = self.facts.iter().position(&is_it) {
                return self.facts.remove(at);
            }
            let fact = self.fact();
            self.facts.push(fact);
        }
    }

    /// How it is now.
    pub fn standing(&mut self) -> Standing {
        self.order(&Order::Report);
        loop {
            match self.fact() {
                Fact::Standing(standing) => return *standing,
                other => self.facts.push(other),
            }
        }
    }

    /// Waits until it is so.
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Standing) -> bool) -> Standing {
        let begun = Instant::now();
        loop {
            let standing = self.standing();
            if is_so(&standing) {
                return standing;
            }
            assert!(begun.elapsed() < WITHIN, "{what}: {standing:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// One of its addresses.
    pub fn address(&self, at: usize) -> SocketAddr {
        SocketAddr::new(self.starting.addresses[at], self.port)
    }

    /// A byte stream, handed over as the gate does.
    pub fn stream(&mut self, client: SocketAddr) -> (u64, UnixStream) {
        self.streams += 1;
        (self.streams, hand_over(&self.folder.join("streams.sock"), self.streams, client, self.address(0)))
    }

    /// Where streams are handed over.
    pub fn streams_socket(&self) -> PathBuf {
        self.folder.join("streams.sock")
    }

    /// Whether the process lives.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("the node is a child").is_none()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, in KiB.
    pub fn memory_kib(&self) -> u64 {
        status_kib(self.child.id(), "VmRSS:")
    }
}

/// A number of `/proc/ID/status`.
pub fn status_kib(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process lives");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel tells it");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Connects to where streams are handed over and says whose it is.
pub fn hand_over(socket: &Path, number: u64, client: SocketAddr, server: SocketAddr) -> UnixStream {
    let mut stream = UnixStream::connect(socket).expect("the node takes streams");
    stream.set_read_timeout(Some(WITHIN)).expect("a socket has a time-out");
    stream.write_all(&StreamHead { number, client, server }.encode()).expect("the node reads heads");
    stream
}

fn launch(starting: &Starting, folder: &Path, port: u16) -> (Child, BufReader<UnixStream>) {
    let mut words: Vec<String> = Vec::new();
    words.extend(starting.namespace.iter().flat_map(|name| ["ip", "netns", "exec", name].map(str::to_owned)));
    words.extend(starting.rights.iter().flat_map(|rights| ["setpriv", "--bounding-set", rights].map(str::to_owned)));
    words.push(starting.program.to_string_lossy().into_owned());
    // Each of them becomes the next one, so the child is the node in the end.
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).arg("--folder").arg(folder).args(["--threads", &starting.threads.to_string()]);
    if !starting.without.is_empty() {
        command.args(["--without", starting.without]);
    }
    for address in &starting.addresses {
        command.args(["--udp", &SocketAddr::new(*address, port).to_string()]);
    }
    if starting.namespace.is_some() {
        command.args(["--xdp-at", CARD]);
    }
    let path = folder.join("control.sock");
    let _ = std::fs::remove_file(&path);
    let child = command.spawn().expect("media-node-alone is built");
    let begun = Instant::now();
    let stream = loop {
        match UnixStream::connect(&path) {
            Ok(stream) => break stream,
            Err(error) => assert!(begun.elapsed() < WITHIN, "{}: {error}", path.display()),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    stream.set_read_timeout(Some(WITHIN)).expect("a socket has a time-out");
    (child, BufReader::new(stream))
}

/// Free on all of the addresses, for as long as nobody else takes it.
fn free_port(addresses: &[IpAddr]) -> u16 {
    for _ in 0..100 {
        let first = UdpSocket::bind((addresses[0], 0)).expect("a port is free");
        let port = first.local_addr().expect("it is bound").port();
        if addresses[1..].iter().all(|address| UdpSocket::bind((*address, port)).is_ok()) {
            return port;
        }
    }
    panic!("no port is free on all of {addresses:?}");
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
