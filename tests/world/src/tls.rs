//! TLS to a box, trusting its `ca.pem` and nothing else.

use crate::EdgeBox;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where and how to connect: copied freely, holds no connection.
#[derive(Clone)]
pub struct Door {
    port: u16,
    roots: Arc<rustls::RootCertStore>,
    source: IpAddr,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door({} -> {})", self.source, self.port)
    }
}

impl Door {
    /// The door of a box whose `ca.pem` exists (after `init`).
    pub fn of(edge: &EdgeBox) -> Self {
        let file = edge.data().join("ca.pem");
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&file).expect("DIR/ca.pem can be read") {
            roots.add(certificate.expect("DIR/ca.pem is PEM")).expect("DIR/ca.pem holds CA certificates");
        }
        assert!(!roots.is_empty(), "{} holds no certificate", file.display());
        Self { port: edge.https(), roots: Arc::new(roots), source: IpAddr::V4(Ipv4Addr::LOCALHOST) }
    }

    /// The same door, trusting the CA certificates of this PEM text and nothing else.
    #[must_use]
    pub fn trusting(mut self, pem: &str) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.expect("PEM")).expect("a CA certificate");
        }
        self.roots = Arc::new(roots);
        self
    }

    /// The same door, come to from another loopback address: another stranger to per-source limits.
    #[must_use]
    pub fn from_source(mut self, last_byte: u8) -> Self {
        self.source = IpAddr::V4(Ipv4Addr::new(127, 0, 1, last_byte));
        self
    }

    /// A TCP connection without TLS.
    pub async fn tcp(&self) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(self.source, 0))?;
        let stream = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// A TLS connection that offers `alpn` (none when empty).
    pub async fn tls(&self, alpn: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS 1.2 and 1.3")
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("localhost").expect("a valid name");
        TlsConnector::from(Arc::new(config)).connect(name, self.tcp().await?).await
    }
}

/// What ties a proof of identity to this connection (RFC 9266).
pub fn exporter(stream: &TlsStream<TcpStream>) -> [u8; 32] {
    let session = stream.get_ref().1;
    let value = session.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(&[]));
    value.expect("the handshake is done")
}
