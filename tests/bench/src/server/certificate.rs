//! What peers show: a certificate of the same kind as the box's own, ECDSA P-256 under a CA.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// ejabberd sets a timer to the end of a certificate, and a timer of Erlang has a longest time.
const LIFE_DAYS: i64 = 30;

/// Makes one for `localhost` in this folder, `chain.pem` and `key.pem`; what clients are to trust.
pub(crate) fn make(folder: &Path) -> CertificateDer<'static> {
    let key = || KeyPair::generate().expect("a key of ECDSA P-256");
    let until = OffsetDateTime::now_utc() + Duration::days(LIFE_DAYS);
    let mut of_ca = CertificateParams::default();
    of_ca.not_after = until;
    of_ca.distinguished_name = DistinguishedName::new();
    of_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    of_ca.distinguished_name.push(DnType::CommonName, "CA of a bench");
    let ca = CertifiedIssuer::self_signed(of_ca, key()).expect("a CA");
    let own = key();
    let mut params = CertificateParams::new([String::from("localhost")]).expect("a valid name");
    params.not_after = until;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    let certificate = params.signed_by(&own, &ca).expect("a certificate");
    std::fs::write(folder.join("chain.pem"), format!("{}{}", certificate.pem(), ca.pem()))
        .expect("the folder can be written");
    std::fs::write(folder.join("key.pem"), own.serialize_pem()).expect("the folder can be written");
    ca.der().clone()
}
