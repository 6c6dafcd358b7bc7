//! A server under load: where it is, who has an account, what its processes take of the machine.

pub mod certificate;
pub mod edge;
pub mod ejabberd;
pub mod nginx;
pub mod prosody;

use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_rustls::TlsConnector;
use world::process::family;
use world::scram;

/// How long a server may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Local part of the address.
    pub name: String,
    pub password: String,
}

/// How many accounts of each kind a server gets.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// People who do not see one another: they log in and are idle.
    pub strangers: usize,
    /// People who write to one another.
    pub writers: usize,
    /// Colleagues who see one another's presence.
    pub colleagues: usize,
    /// Rooms, each with so many of the strangers as its members.
    pub rooms: &'static [usize],
}

/// A room of standard clients, and a bubble of the box.
#[derive(Clone, Debug)]
pub struct Room {
    pub jid: String,
    /// So many of the strangers, from the first.
    pub members: usize,
}

/// The accounts by what they are for.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    pub strangers: Vec<Account>,
    pub writers: Vec<Account>,
    pub colleagues: Vec<Account>,
}

type SaltAndPassword = (Vec<u8>, String);

/// A server that runs.
pub struct Server {
    /// As the table calls it.
    pub name: &'static str,
    /// What it has done when it delivers a message.
    pub durability: &'static str,
    pub port: u16,
    pub domain: String,
    pub accounts: Accounts,
    pub rooms: Vec<Room>,
    pub tls: TlsConnector,
    /// The process at the root of its family.
    pid: u32,
    /// Salted passwords: accounts of one server may share salt and password, and who is measured is the server.
    salted: RefCell<HashMap<SaltAndPassword, [u8; 32]>>,
    /// What is stopped at the end: a box, or
    edge: Option<world::EdgeBox>,
    /// the scanner that it shows files to,
    scanner: Option<world::ClamAv>,
    /// a peer.
    _peer: Option<Peer>,
}

/// A server of others, in a folder of its own.
struct Peer {
    child: Child,
    folder: PathBuf,
}

impl Drop for Peer {
    fn drop(&mut self) {
        for process in family(self.child.id()).iter().rev() {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(process.id()).expect("a process id fits"));
            // It may have ended already.
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("what this server left is kept in {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

impl Server {
    /// A peer that takes connections at `port`, whose certificate is of the CA `root`.
    fn of_peer(
        (name, durability): (&'static str, &'static str),
        port: u16,
        accounts: Accounts,
        root: CertificateDer<'static>,
        peer: Peer,
    ) -> Self {
        Self {
            name,
            durability,
            port,
            domain: String::from("localhost"),
            accounts,
            rooms: Vec::new(),
            tls: connector([root]),
            pid: peer.child.id(),
            salted: RefCell::new(HashMap::new()),
            edge: None,
            scanner: None,
            _peer: Some(peer),
        }
    }

    /// Processor time of all its processes so far.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        family(self.pid).iter().map(|process| process.cpu()).sum()
    }

    /// Processor time of the virus scanner that it shows files to; `None`: it shows them to nobody.
    #[must_use]
    pub fn scanner_cpu(&self) -> Option<Duration> {
        let scanner = self.scanner.as_ref()?;
        Some(family(scanner.pid()).iter().map(|process| process.cpu()).sum())
    }

    /// The box, where it is one.
    pub(crate) fn edge(&self) -> Option<&world::EdgeBox> {
        self.edge.as_ref()
    }

    /// Resident memory of all its processes, in KiB; what they have in common is counted once.
    #[must_use]
    pub fn resident_kib(&self) -> u64 {
        family(self.pid).iter().map(|process| process.share_kib()).sum()
    }

    /// Where a box keeps the certificate of its CA.
    #[must_use]
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.edge.as_ref().map(|edge| edge.data().join("ca.pem"))
    }

    /// The bare address of an account.
    #[must_use]
    pub fn jid(&self, account: &Account) -> String {
        format!("{}@{}", account.name, self.domain)
    }

    pub(crate) fn salted(&self, account: &Account, challenge: &scram::Challenge) -> [u8; 32] {
        let key = (challenge.salt.clone(), account.password.clone());
        let mut known = self.salted.borrow_mut();
        let salt = || scram::salted(&account.password, &challenge.salt, challenge.iterations);
        *known.entry(key).or_insert_with(salt)
    }

    /// Stops and starts a box on the same data; peers go on as they are.
    pub fn restart(&mut self) {
        if let Some(edge) = &self.edge {
            edge.restart();
            self.pid = edge.pid();
        }
    }
}

/// A program of a peer, which does not outlive the bench.
fn tied(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// Trusts the CA certificates of this file.
pub(crate) fn connector_to(ca: &Path) -> TlsConnector {
    let certificates = CertificateDer::pem_file_iter(ca).expect("the CA's file can be read");
    connector(certificates.map(|certificate| certificate.expect("the CA's file is PEM")))
}

/// Trusts these CA certificates alone; TLS 1.3, and a full handshake each time.
fn connector(roots: impl IntoIterator<Item = CertificateDer<'static>>) -> TlsConnector {
    let mut trusted = rustls::RootCertStore::empty();
    for root in roots {
        trusted.add(root).expect("a CA certificate");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("the provider knows TLS 1.3")
        .with_root_certificates(trusted)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

/// Waits until it takes connections.
fn wait_for_port(port: u16, child: &mut Child, name: &str) {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = child.try_wait().expect("a child can be waited for");
        assert!(ended.is_none(), "{name} ended instead of serving: {ended:?}");
        assert!(begun.elapsed() < START_LIMIT, "{name} does not serve");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Accounts of a peer: `s0`, `w0`, `c0` and so on, all with one password.
fn numbered(sizes: Sizes) -> Accounts {
    let kind = |letter: char, count: usize| {
        (0..count).map(|number| Account { name: format!("{letter}{number}"), password: PASSWORD.to_owned() }).collect()
    };
    Accounts {
        strangers: kind('s', sizes.strangers),
        writers: kind('w', sizes.writers),
        colleagues: kind('c', sizes.colleagues),
    }
}

/// The password of every account of a bench.
const PASSWORD: &str = "0123-4567-89ab-cdef-ghjk";

/// An empty folder for one peer.
fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("rainbow-edge-bench-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}
