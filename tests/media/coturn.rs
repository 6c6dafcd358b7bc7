//! Debian's coturn: its client and its peer, unchanged.

use crate::{node, with_ports};
use media_suite::{Node, SECRET, configuration, hand_over};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::copy_bidirectional;

/// Echoes what comes.
struct Peer {
    child: Child,
    port: String,
}

impl Peer {
    /// At a free port, once it waits there.
    fn start() -> Self {
        let port = world::free_port();
        let mut command = Command::new("turnutils_peer");
        command.args(["-L", "127.0.0.1", "-L", "::1", "-p", &port.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let peer = Self { child: child.expect("coturn is installed"), port: port.to_string() };
        let begun = Instant::now();
        while !peer.listens(port) {
            assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "turnutils_peer does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        peer
    }

    /// By IPv4 and IPv6.
    fn listens(&self, port: u16) -> bool {
        let here = world::Listening { protocol: "udp", port };
        let all = world::process::family(self.child.id());
        all[0].listening().into_iter().filter(|one| *one == here).count() >= 2
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the client; its own count says that nothing was lost.
fn uclient(server: SocketAddr, arguments: &[&str]) {
    let mut command = Command::new("timeout");
    command.args(["45", "turnutils_uclient", "-n", "20", "-m", "4", "-l", "400", "-u", "ada", "-W", SECRET]);
    command.args(arguments).args(["-p", &server.port().to_string(), &server.ip().to_string()]);
    let Output { stdout, stderr, status } = command.output().expect("coturn is installed");
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    let whole = status.success() && text.contains("Total lost packets 0 (0.000000%)");
    assert!(whole, "turnutils_uclient {arguments:?}: {text}");
}

#[test]
fn coturns_client_reaches_its_peer_through_us_g1() {
    let node = node(&with_ports(42_000));
    let peer = Peer::start();
    let to_peer = ["-e", "127.0.0.1", "-r", &peer.port];
    for more in [&["-c"][..], &["-c", "-s"]] {
        uclient(node.address(0), &[&to_peer[..], more].concat());
    }
}

#[test]
fn coturns_client_reaches_its_peer_over_ipv6_g1() {
    let node = node(&with_ports(42_200));
    let peer = Peer::start();
    uclient(node.address(2), &["-c", "-x", "-e", "::1", "-r", &peer.port]);
    uclient(node.address(0), &["-c", "-e", "127.0.0.1", "-r", &peer.port, "-s"]);
}

#[test]
fn coturns_clients_meet_inside_without_a_port_g1() {
    let node = node(&configuration());
    uclient(node.address(0), &["-c", "-y"]);
    uclient(node.address(0), &["-c", "-y", "-s"]);
}

#[test]
fn coturns_client_is_served_in_streams_plain_and_by_tls_g1() {
    let node = node(&with_ports(42_400));
    let peer = Peer::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let to_peer = ["-c", "-e", "127.0.0.1", "-r", &peer.port, "-t"];
    let plain = runtime.block_on(gate(&node, None));
    uclient(plain, &to_peer);
    let tls = runtime.block_on(gate(&node, Some(acceptor())));
    // It tries versions of TLS by chance until one is served.
    uclient(tls, &[&to_peer[..], &["-S", "-m", "1"]].concat());
}

/// What the box's gate does: ends TLS and hands the stream over.
async fn gate(node: &Node, tls: Option<tokio_rustls::TlsAcceptor>) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let (address, streams) = (listener.local_addr().expect("it is bound"), node.streams_socket());
    let numbers = Arc::new(AtomicU64::new(1));
    tokio::spawn(async move {
        while let Ok((mut stream, client)) = listener.accept().await {
            let (tls, number) = (tls.clone(), numbers.fetch_add(1, Ordering::Relaxed));
            let handed = hand_over(&streams, number, client, address);
            handed.set_nonblocking(true).expect("a socket");
            let mut handed = tokio::net::UnixStream::from_std(handed).expect("a socket");
            tokio::spawn(async move {
                let Some(tls) = tls else { return drop(copy_bidirectional(&mut stream, &mut handed).await) };
                // A version that is not served ends here, as at the box.
                if let Ok(mut safe) = tls.accept(stream).await {
                    let _ = copy_bidirectional(&mut safe, &mut handed).await;
                }
            });
        }
    });
    address
}

fn acceptor() -> tokio_rustls::TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["media.example".to_owned()]).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate that is sound");
    Arc::new(config).into()
}

#[test]
fn a_peer_of_coturn_is_no_use_to_strangers_e5() {
    let node = node(&with_ports(42_600));
    let mut command = Command::new("timeout");
    command.args(["10", "turnutils_uclient", "-n", "1", "-m", "1", "-u", "eve", "-w", "guessed", "-y"]);
    command.args(["-p", &node.address(0).port().to_string(), "127.0.0.1"]);
    let output = command.output().expect("coturn is installed");
    assert!(!output.status.success(), "she is let in");
}
