//! TLS 1.2 and 1.3 with forward-secret AEAD suites only (E2), and a certificate that can change while it is served.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, Ticketer, cipher_suite as suite, kx_group};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedCipherSuite};

use crate::{GateError, pem};

/// Written out, so that a new default of the library changes nothing unseen. Every one is ECDHE and AEAD.
const SUITES: [SupportedCipherSuite; 9] = [
    suite::TLS13_AES_256_GCM_SHA384,
    suite::TLS13_AES_128_GCM_SHA256,
    suite::TLS13_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// The certificate that the gate shows. [`Certificate::replace`] changes it for new connections; those that are open
/// stay.
#[derive(Debug)]
pub struct Certificate {
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// From a PEM chain, leaf first, and the leaf's PEM private key.
    ///
    /// # Errors
    /// Text that is not PEM, or a key that is not the leaf's.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Arc<Self>, GateError> {
        Ok(Arc::new(Self { current: RwLock::new(Arc::new(certified_key(chain, key)?)) }))
    }

    /// Shows another certificate from the next connection on.
    ///
    /// # Errors
    /// As [`Certificate::from_pem`]; the former certificate then stays.
    pub fn replace(&self, chain: &[u8], key: &[u8]) -> Result<(), GateError> {
        let next = Arc::new(certified_key(chain, key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: SUITES.to_vec(),
        kx_groups: vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1],
        ..aws_lc_rs::default_provider()
    }
}

fn certified_key(chain: &[u8], key: &[u8]) -> Result<CertifiedKey, GateError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .map_err(|error| GateError::ChainPem { problem: pem::problem(&error) })?;
    if chain.is_empty() {
        return Err(GateError::ChainPem { problem: "it holds no certificate".to_owned() });
    }
    let key =
        PrivateKeyDer::from_pem_slice(key).map_err(|error| GateError::KeyPem { problem: pem::problem(&error) })?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(GateError::Certificate)
}

/// A private key as the gate's TLS would use it.
pub(crate) fn signing_key(key: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
    provider().key_provider.load_private_key(key)
}

/// The server's side of every connection.
pub(crate) fn server_config(certificate: Arc<Certificate>, alpn: Vec<Vec<u8>>) -> Result<Arc<ServerConfig>, GateError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(GateError::Tls)?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = alpn;
    // The strongest suite of SUITES that the client has, whatever it would rather take.
    config.ignore_client_order = true;
    // Keys of tickets live in memory and rotate: no session state per client, and forward secrecy within hours.
    config.ticketer = Ticketer::new().map_err(GateError::Tls)?;
    // 0-RTT could be replayed; a request here changes state.
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}
