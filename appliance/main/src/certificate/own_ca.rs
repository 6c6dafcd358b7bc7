//! The bootstrap CA, and certificates that it signs for the box's present name.

use crate::error::CommandError;
use crate::folder;
use app::App;
use app::installation::{find_certificate, keep_certificate};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use std::net::IpAddr;
use std::path::Path;
use store::certificate::Certificate;
use time::OffsetDateTime;
use zeroize::Zeroizing;

const CA: &str = "bootstrap-ca";
const SERVER: &str = "server";
const DAY_MS: i64 = 86_400_000;
const CA_LIFE_MS: i64 = 3650 * DAY_MS;
const SERVER_LIFE_MS: i64 = 90 * DAY_MS;
/// A certificate with less life than this is replaced.
const RENEW_BEFORE_MS: i64 = 30 * DAY_MS;

/// Its certificate for the box's present name and its domain, made anew when it is missing, for another name, or about to
/// expire.
/// `ca.pem` in the data folder follows the CA.
///
/// # Errors
/// When a key or a file cannot be made.
pub(super) async fn current(app: &App, data: &Path) -> Result<Certificate, CommandError> {
    let now_ms = app.now_ms();
    let authority = match find_certificate(app, CA).await? {
        Some(authority) if authority.expires_ms.saturating_sub(now_ms) > SERVER_LIFE_MS => authority,
        _ => {
            let made = make_authority(now_ms)?;
            keep_certificate(app, CA, copy(&made)).await?;
            made
        }
    };
    let file = data.join(folder::CA_FILE);
    if std::fs::read(&file).ok().as_deref() != Some(authority.chain_pem.as_bytes()) {
        folder::write_private(&file, authority.chain_pem.as_bytes())?;
    }
    let (name, domain) = (app.name(), app.domain());
    // Standard clients look for the domain of the address that they were given (RFC 6120, 13.7.2).
    let also = (domain != name && domain.parse::<IpAddr>().is_err()).then_some(domain);
    let names_all = |kept: &Certificate| match (&also, gate::describe(kept.chain_pem.as_bytes(), now_ms)) {
        (None, _) => true,
        (Some(also), described) => described.is_ok_and(|described| described.names.contains(also)),
    };
    let fresh_enough = |kept: &Certificate| {
        kept.name == name
            && names_all(kept)
            && kept.expires_ms.saturating_sub(now_ms) > RENEW_BEFORE_MS
            && kept.chain_pem.ends_with(&authority.chain_pem)
    };
    if let Some(kept) = find_certificate(app, SERVER).await?.filter(fresh_enough) {
        return Ok(kept);
    }
    let made = make_server(&name, also, &authority, now_ms)?;
    keep_certificate(app, SERVER, copy(&made)).await?;
    Ok(made)
}

fn copy(of: &Certificate) -> Certificate {
    Certificate {
        name: of.name.clone(),
        chain_pem: of.chain_pem.clone(),
        key_pem: of.key_pem.clone(),
        expires_ms: of.expires_ms,
    }
}

fn validity(params: &mut CertificateParams, now_ms: i64, life_ms: i64) {
    let at = |ms: i64| OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    // A day of grace for clients whose clock is behind.
    params.not_before = at(now_ms.saturating_sub(DAY_MS));
    params.not_after = at(now_ms.saturating_add(life_ms));
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn authority_params(now_ms: i64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name("Rainbow Edge bootstrap CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    validity(&mut params, now_ms, CA_LIFE_MS);
    params
}

fn make_authority(now_ms: i64) -> Result<Certificate, CommandError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = authority_params(now_ms).self_signed(&key)?;
    Ok(Certificate {
        name: String::from("Rainbow Edge bootstrap CA"),
        chain_pem: certificate.pem(),
        key_pem: Zeroizing::new(key.serialize_pem()),
        expires_ms: now_ms.saturating_add(CA_LIFE_MS),
    })
}

fn make_server(
    name: &str,
    also: Option<String>,
    authority: &Certificate,
    now_ms: i64,
) -> Result<Certificate, CommandError> {
    let authority_key = KeyPair::from_pem(&authority.key_pem)?;
    let issuer = Issuer::new(authority_params(now_ms), &authority_key);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new([Some(name.to_owned()), also].into_iter().flatten().collect::<Vec<_>>())?;
    params.distinguished_name = common_name(name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    validity(&mut params, now_ms, SERVER_LIFE_MS);
    let certificate = params.signed_by(&key, &issuer)?;
    Ok(Certificate {
        name: name.to_owned(),
        chain_pem: format!("{}{}", certificate.pem(), authority.chain_pem),
        key_pem: Zeroizing::new(key.serialize_pem()),
        expires_ms: now_ms.saturating_add(SERVER_LIFE_MS),
    })
}
