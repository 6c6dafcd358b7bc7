use media_contract::{Configuration, External, PortRange};
use media_suite::{BOX, Network, Node, PORT_OF_NAMESPACE, REALM, SECRET, Starting, configuration, status_kib};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where clients come to, and where relayed addresses are: peers are at 127.0.0.1.
const LISTENING: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const RELAYED: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9));
const PORTS: PortRange = PortRange { first: 50_000, last: 59_999 };

/// A relay in a process of its own, with one thread that relays.
pub(crate) enum Server {
    Ours(Box<Node>),
    Coturn(Child, SocketAddr),
    Plain(Child, SocketAddr),
}

impl Server {
    pub(crate) fn ours(program: PathBuf, without: &'static str, inside: bool) -> Self {
        let starting =
            Starting { program, addresses: vec![LISTENING], threads: 1, without, namespace: None, rights: None };
        let allowed = "127.0.0.1/32".parse().into_iter().collect();
        let told = Configuration {
            relay_ports: (!inside).then_some(PORTS),
            peers_allowed: allowed,
            external: vec![External { public: RELAYED, local: None }],
            ..configuration()
        };
        Self::Ours(Box::new(Node::start(starting, &told)))
    }

    pub(crate) fn coturn(_inside: bool) -> Self {
        let port = UdpSocket::bind((LISTENING, 0)).and_then(|socket| socket.local_addr()).map_or(0, |at| at.port());
        Self::coturn_by(Command::new("turnserver"), &LISTENING.to_string(), &RELAYED.to_string(), port)
    }

    fn coturn_by(mut command: Command, listening: &str, relayed: &str, port: u16) -> Self {
        command.args(["-n", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--allow-loopback-peers"]);
        command.args(["--use-auth-secret", "--static-auth-secret", SECRET, "--realm", REALM, "--fingerprint"]);
        command.args(["--relay-threads", "1", "--log-file", "stdout", "--no-stdout-log", "--simple-log"]);
        command.args(["--listening-ip", listening, "--listening-port", &port.to_string()]);
        command.args(["--relay-ip", relayed]);
        command.args(["--min-port", &PORTS.first.to_string(), "--max-port", &PORTS.last.to_string()]);
        let pidfile = std::env::temp_dir().join(format!("media-bench-{}.pid", std::process::id()));
        command.arg("--pidfile").arg(pidfile);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("coturn is installed");
        let address = SocketAddr::new(listening.parse().expect("an address"), port);
        until_it_answers(address);
        Self::Coturn(child, address)
    }

    /// In a network of its own.
    pub(crate) fn ours_in(program: &Path, without: &'static str, network: &Network) -> Self {
        let address: IpAddr = BOX[0].parse().expect("an address");
        let starting = Starting {
            program: program.to_path_buf(),
            addresses: vec![address],
            threads: 1,
            without,
            namespace: Some(network.inner.clone()),
            rights: None,
        };
        let told = Configuration {
            relay_ports: Some(PORTS),
            peers_allowed: "10.77.0.0/24".parse().into_iter().collect(),
            external: vec![External { public: RELAYED, local: Some(address) }],
            ..configuration()
        };
        Self::Ours(Box::new(Node::start(starting, &told)))
    }

    /// In a network of its own.
    pub(crate) fn coturn_in(network: &Network) -> Self {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &network.inner, "turnserver"]);
        Self::coturn_by(command, BOX[0], BOX[0], PORT_OF_NAMESPACE)
    }

    /// Of what was relayed.
    pub(crate) fn carried_percent(&mut self) -> f64 {
        let Self::Ours(node) = self else { return 0.0 };
        // Counted each second.
        std::thread::sleep(Duration::from_millis(1_100));
        let standing = node.standing();
        let all = standing.relayed.packets_to_peers + standing.relayed.packets_to_clients;
        100.0 * standing.carried_packets as f64 / all.max(1) as f64
    }

    /// How long the program at the card runs for a packet, as the kernel counts it; nothing where there is none.
    pub(crate) fn program_ns(&self) -> Option<f64> {
        let open = std::fs::read_dir(format!("/proc/{}/fdinfo", self.id())).ok()?;
        open.filter_map(|one| std::fs::read_to_string(one.ok()?.path()).ok()).find_map(|text| {
            let number = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
            let (time, runs) = (number("run_time_ns:")?, number("run_cnt:")?);
            (runs > 0.0).then_some(time / runs)
        })
    }

    pub(crate) fn plain() -> Self {
        let port = UdpSocket::bind((LISTENING, 0)).and_then(|socket| socket.local_addr()).map_or(0, |at| at.port());
        let address = SocketAddr::new(LISTENING, port);
        let mut command = Command::new(std::env::current_exe().expect("this program is a file"));
        command.arg("--forward").arg(address.to_string()).arg(SocketAddr::new(RELAYED, 0).to_string());
        Self::Plain(command.spawn().expect("this program runs"), address)
    }

    /// Whether it knows clients at all.
    pub(crate) fn has_clients(&self) -> bool {
        !matches!(self, Self::Plain(..))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Ours(node) => node.address(0),
            Self::Coturn(_, address) | Self::Plain(_, address) => *address,
        }
    }

    pub(crate) fn memory_kib(&self) -> u64 {
        status_kib(self.id(), "VmRSS:")
    }

    fn id(&self) -> u32 {
        match self {
            Self::Ours(node) => node.id(),
            Self::Coturn(child, _) | Self::Plain(child, _) => child.id(),
        }
    }

    pub(crate) fn cpu(&self) -> Duration {
        cpu_of(self.id())
    }
}

/// Processor time of all threads of a process, as the scheduler counts it; none of one that is no more.
pub(crate) fn cpu_of(process: u32) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task"));
    let used = tasks.into_iter().flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(used.sum())
}

/// Anybody may ask how he is seen.
fn until_it_answers(address: SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a port is free");
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a socket has a time-out");
    let begun = Instant::now();
    let mut binding = [0_u8; 20];
    binding[1] = 1;
    binding[4..8].copy_from_slice(&turn_proto::message::COOKIE);
    loop {
        let _ = socket.send_to(&binding, address);
        if socket.recv(&mut [0; 200]).is_ok() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "coturn does not answer");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Self::Coturn(child, _) | Self::Plain(child, _) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
