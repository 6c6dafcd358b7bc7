//! The channel binding of RFC 9266. A connection without buffers of the library's has no call for it, but tells the secret
//! of RFC 8446 (7.5) that it comes from.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::tls13::OkmBlock;
use rustls::server::UnbufferedServerConnection;
use rustls::{CommonState, KeyLog, ServerConfig, SupportedCipherSuite, Tls13CipherSuite};

/// RFC 9266, 3.
const LABEL: &str = "EXPORTER-Channel-Binding";
/// Its name where secrets are told.
const SECRET: &str = "EXPORTER_SECRET";

/// Hears the exporter's secret of one handshake and forgets it with it.
pub(crate) struct Exporter(Arc<Heard>);

#[derive(Default)]
struct Heard(Mutex<Option<OkmBlock>>);

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Heard")
    }
}

impl KeyLog for Heard {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        if label == SECRET && secret.len() <= OkmBlock::MAX_LEN {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(OkmBlock::new(secret));
        }
    }

    fn will_log(&self, label: &str) -> bool {
        label == SECRET
    }
}

impl Exporter {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// The configuration of one handshake. What is in it is shared with `config`.
    pub(crate) fn listening_to(&self, config: &ServerConfig) -> Arc<ServerConfig> {
        let mut listening = config.clone();
        listening.key_log = Arc::<Heard>::clone(&self.0);
        Arc::new(listening)
    }

    /// The binding of a connection whose handshake is done. Of TLS 1.3 only: in TLS 1.2 the value is unique under conditions
    /// that this end does not enforce (RFC 9266, 4.2).
    pub(crate) fn binding(self, connection: &UnbufferedServerConnection) -> Option<[u8; 32]> {
        let common: &CommonState = connection;
        let Some(SupportedCipherSuite::Tls13(suite)) = common.negotiated_cipher_suite() else { return None };
        let secret = self.0.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        export(suite, &secret)
    }
}

/// RFC 8446, 7.5, with the label of RFC 9266 and an empty context.
fn export(suite: &Tls13CipherSuite, secret: &OkmBlock) -> Option<[u8; 32]> {
    let (hash, hkdf) = (suite.common.hash_provider, suite.hkdf_provider);
    let nothing = hash.hash(&[]);
    let nothing = nothing.as_ref();
    let of_hash = u16::try_from(hash.output_len()).ok()?;
    let derived = expand_label(of_hash, LABEL, nothing, |info| hkdf.expander_for_okm(secret).expand_block(info))?;
    let mut binding = [0; 32];
    let exported =
        expand_label(32, "exporter", nothing, |info| hkdf.expander_for_okm(&derived).expand_slice(info, &mut binding))?;
    exported.ok().map(|()| binding)
}

/// HKDF-Expand-Label (RFC 8446, 7.1).
fn expand_label<T>(length: u16, label: &str, context: &[u8], expand: impl FnOnce(&[&[u8]]) -> T) -> Option<T> {
    const PREFIX: &str = "tls13 ";
    let of_label = [u8::try_from(PREFIX.len() + label.len()).ok()?];
    let of_context = [u8::try_from(context.len()).ok()?];
    Some(expand(&[&length.to_be_bytes(), &of_label, PREFIX.as_bytes(), label.as_bytes(), &of_context, context]))
}
