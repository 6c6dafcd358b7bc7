//! A gate on free local ports with a certificate of its own, and clients that come to it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use gate::{Certificate, Counters, Gate, GateCounters, GateLimits, GateSettings, Listeners, Takers};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The box's name in every certificate.
pub(crate) const NAME: &str = "box.test";
/// Longer than any time-out of a test: reaching it is the failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// A running gate.
pub(crate) struct Door {
    pub(crate) https: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) certificate: Arc<Certificate>,
    counters: Arc<Counters>,
    trusted: CertificateDer<'static>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

/// A self-signed certificate for [`NAME`]: chain, key, and what a client trusts.
pub(crate) fn certificate() -> (Vec<u8>, Vec<u8>, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a valid name");
    let key = made.signing_key.serialize_pem();
    (made.cert.pem().into_bytes(), key.into_bytes(), made.cert.der().clone())
}

impl Door {
    pub(crate) fn open(limits: GateLimits, router: Router) -> Self {
        Self::with_takers(limits, router, Takers::default())
    }

    pub(crate) fn with_takers(limits: GateLimits, router: Router, takers: Takers) -> Self {
        let (chain, key, trusted) = certificate();
        let certificate = Certificate::from_pem(&chain, &key).expect("chain and key fit");
        let local = [IpAddr::from([127, 0, 0, 1])];
        let listeners = Listeners {
            https: gate::bind(&local, 0).expect("a free port"),
            http: gate::bind(&local, 0).expect("a free port"),
        };
        let settings = GateSettings {
            name: NAME.to_owned(),
            name_resolves: true,
            public_https_port: 8443,
            streamed: None,
            limits,
        };
        let gate = Gate::new(settings, Arc::clone(&certificate), listeners, takers).expect("valid settings");
        let https = gate.https_addresses().expect("bound")[0];
        let http = gate.http_addresses().expect("bound")[0];
        let counters = gate.counters();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(gate.serve(router, async move {
            let _stopped_or_dropped = stopped.await;
        }));
        Self { https, http, certificate, counters, trusted, stop: Some(stop), serving }
    }

    /// What the gate has counted.
    pub(crate) fn counted(&self) -> GateCounters {
        self.counters.read()
    }

    /// Waits until the gate has counted what is looked for.
    pub(crate) async fn counts(&self, what: &str, is_there: impl Fn(&GateCounters) -> bool) {
        let waiting = async {
            while !is_there(&self.counted()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let counted = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(counted.is_ok(), "{what}: {:?}", self.counted());
    }

    /// Trusts another certificate from now on.
    pub(crate) fn trust(&mut self, trusted: CertificateDer<'static>) {
        self.trusted = trusted;
    }

    /// Tells the gate to close; it may still be finishing.
    pub(crate) fn stop(&mut self) {
        let stop = self.stop.take().expect("stopped once");
        stop.send(()).expect("the gate still serves");
    }

    pub(crate) async fn stopped(self) {
        tokio::time::timeout(PATIENCE, self.serving).await.expect("the gate closes").expect("without a panic");
    }

    pub(crate) fn client(&self, versions: &[&'static SupportedProtocolVersion], alpn: &[&str]) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.trusted.clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("known versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|alpn| alpn.as_bytes().to_vec()).collect();
        config
    }

    pub(crate) async fn connect_as(&self, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
        self.connect_from([127, 0, 0, 1].into(), config).await
    }

    /// A TLS connection that comes from another local address.
    pub(crate) async fn connect_from(
        &self,
        from: IpAddr,
        config: ClientConfig,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        let stream = socket.connect(self.https).await?;
        let name = ServerName::try_from(NAME).expect("a valid name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// An HTTP/1.1 connection over TLS.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_as(self.client(rustls::ALL_VERSIONS, &["http/1.1"])).await.expect("the gate lets in")
    }

    /// Sends the head of one request on a connection of its own and returns the whole answer.
    pub(crate) async fn ask(&self, method: &str, path: &str, more: &str) -> String {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {NAME}\r\nconnection: close\r\n{more}\r\n");
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.expect("sent");
        rest(&mut stream).await
    }

    /// Whether the gate still answers a plain request.
    pub(crate) async fn is_alive(&self) -> bool {
        self.ask("GET", "/", "").await.starts_with("HTTP/1.1 200")
    }
}

/// All that comes until the other end closes, however it does.
pub(crate) async fn rest<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut bytes = Vec::new();
    let reading = async {
        let mut part = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut part).await {
            bytes.extend_from_slice(&part[..count]);
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the other end closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until `end` has arrived.
pub(crate) async fn until<S: AsyncRead + Unpin>(stream: &mut S, end: &str) -> String {
    let mut bytes = Vec::new();
    let reading = async {
        while !bytes.ends_with(end.as_bytes()) {
            bytes.push(stream.read_u8().await.expect("more comes"));
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it arrives");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of a header of an answer that was read as text.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}
