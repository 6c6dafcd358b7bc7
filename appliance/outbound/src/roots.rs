//! Which CAs are trusted outside: those of this system, and a file of the administrator's own.
//!
//! The system's are read from its bundle, which its updates keep: a list built in would grow old with the executable.

use crate::OutboundError;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;

/// Where systems keep the bundle: Debian and its like, Fedora, SUSE. The first that is there is read.
const BUNDLES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"];

/// The trusted CAs. None at all is only told: then no service can be called.
///
/// # Errors
/// A file of the administrator's own that cannot be read as certificates.
pub fn trusted(ca_file: Option<&Path>) -> Result<RootCertStore, OutboundError> {
    let mut roots = RootCertStore::empty();
    for bundle in BUNDLES.iter().map(Path::new).filter(|path| path.exists()).take(1) {
        // A certificate of the bundle that cannot be read is one CA less.
        let certificates = CertificateDer::pem_file_iter(bundle).into_iter().flatten().flatten();
        roots.add_parsable_certificates(certificates);
    }
    if let Some(path) = ca_file {
        let wrong = |why: String| OutboundError::CaFile { path: path.to_owned(), why };
        let certificates = CertificateDer::pem_file_iter(path).map_err(|e| wrong(e.to_string()))?;
        let mut found = 0_u32;
        for certificate in certificates {
            roots.add(certificate.map_err(|e| wrong(e.to_string()))?).map_err(|e| wrong(e.to_string()))?;
            found += 1;
        }
        if found == 0 {
            return Err(wrong(String::from("holds no certificate; expected PEM")));
        }
    }
    if roots.is_empty() {
        tracing::warn!("this system has no CA certificates: no service outside can be called; install ca-certificates");
    }
    Ok(roots)
}
