//! Whose certificates are believed: this system's CAs, as browsers do, and the box's own.

use crate::error::CommandError;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::sync::Arc;

pub(super) fn config(own_ca: Option<&str>) -> Result<Arc<ClientConfig>, CommandError> {
    let mut roots = outbound::roots::trusted(None)?;
    // One that cannot be read is nobody's issuer.
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(own_ca.unwrap_or_default().as_bytes()).flatten());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|e| CommandError::Usage(format!("TLS cannot be used: {e}")))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    // Browsers send none for `turns:`; so what they meet is tried.
    config.alpn_protocols = Vec::new();
    Ok(Arc::new(config))
}
