//! A gate on free local ports of this process, once for all inputs. Behind it: one answer to every request, and an XMPP
//! service that gives back what it was sent.

use axum::Router;
use gate::{Certificate, Gate, GateLimits, GateSettings, Listeners, Protocol, Takers};
use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

/// The name in the certificate.
pub(crate) const NAME: &str = "box.test";
/// Where the redirect leads.
pub(crate) const PUBLIC_PORT: u16 = 8443;
/// Longer than any time-out of this gate: reaching it is a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// What clients say that they speak, by ALPN.
pub(crate) const ALPN: [&str; 4] = ["", "http/1.1", "h2", "xmpp-client"];

pub(crate) struct Door {
    pub(crate) runtime: Runtime,
    pub(crate) https: SocketAddr,
    pub(crate) http: SocketAddr,
    /// One for each of [`ALPN`].
    pub(crate) clients: Vec<Arc<ClientConfig>>,
}

pub(crate) fn door() -> &'static Door {
    static DOOR: OnceLock<Door> = OnceLock::new();
    DOOR.get_or_init(Door::open)
}

/// Nothing but its own time-outs ends a connection of this gate.
fn limits() -> GateLimits {
    GateLimits {
        connections_per_source_burst: 1_000_000,
        connections_per_source_per_minute: 1_000_000,
        connections_per_source_max: 8_000,
        header_timeout: Duration::from_secs(5),
        ..GateLimits::default()
    }
}

impl Door {
    fn open() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a valid name");
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes()).expect("chain and key fit");
        let local = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
        let listeners = Listeners {
            https: gate::bind(&local, 0).expect("a free port"),
            http: gate::bind(&local, 0).expect("a free port"),
        };
        let settings = GateSettings {
            name: NAME.to_owned(),
            name_resolves: true,
            public_https_port: PUBLIC_PORT,
            streamed: None,
            limits: limits(),
        };
        let takers = Takers::default().with(Protocol::XmppClient, |stream, _, _| give_back(stream));
        let gate = runtime.block_on(async { Gate::new(settings, certificate, listeners, takers) }).expect("a gate");
        let (https, http) = (gate.https_addresses().expect("bound")[0], gate.http_addresses().expect("bound")[0]);
        let router = Router::new().fallback(|| async { "served" });
        runtime.spawn(gate.serve(router, std::future::pending()));
        let clients = ALPN.map(|alpn| Arc::new(client(made.cert.der(), alpn))).to_vec();
        Self { runtime, https, http, clients }
    }
}

async fn give_back(mut stream: gate::Stream) {
    let mut bytes = Vec::new();
    // A client that broke off wants nothing back.
    let _ = stream.read_to_end(&mut bytes).await;
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

fn client(trusted: &CertificateDer<'static>, alpn: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .expect("known versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols =
        Some(alpn).filter(|alpn| !alpn.is_empty()).map(|alpn| alpn.as_bytes().to_vec()).into_iter().collect();
    config
}

/// What comes back for these bytes and the end behind them. A reset after the last byte is an end too.
pub(crate) fn answer(to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).expect("the gate lives");
    stream.set_read_timeout(Some(PATIENCE)).expect("a bound on waiting");
    // Who is cut off does not get to the end of what he says.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        let timed_out = matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
        assert!(!timed_out, "a connection that nobody ends");
    }
    answer
}
