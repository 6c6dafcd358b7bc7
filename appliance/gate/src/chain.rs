//! Tells what is wrong with a certificate before it is used (E2, decision 23).
//!
//! Reading certificates and following signatures is `webpki`'s, as it is in the TLS library; here stands what a chain must
//! be so that browsers and clients take it.

mod der;
mod error;

use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, SignatureVerificationAlgorithm, UnixTime, alg_id};
use webpki::aws_lc_rs as verify;
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

pub use error::ChainError;

use crate::{pem, tls};

/// Longest chain, the certificate itself included.
const CHAIN_MAX: usize = 7;
const RSA_BITS_MIN: usize = 2048;
/// `id-kp-serverAuth` (RFC 5280 section 4.2.1.12). Clients differ in what they make of its absence, so it must be there.
const SERVER_AUTH: KeyUsage = KeyUsage::required(&[43, 6, 1, 5, 5, 7, 3, 1]);

/// How a certificate may be signed: nothing older than SHA-256.
const SIGNATURES: [&dyn SignatureVerificationAlgorithm; 15] = [
    verify::ECDSA_P256_SHA256,
    verify::ECDSA_P256_SHA384,
    verify::ECDSA_P256_SHA512,
    verify::ECDSA_P384_SHA256,
    verify::ECDSA_P384_SHA384,
    verify::ECDSA_P384_SHA512,
    verify::ECDSA_P521_SHA256,
    verify::ECDSA_P521_SHA384,
    verify::ECDSA_P521_SHA512,
    verify::RSA_PKCS1_2048_8192_SHA256,
    verify::RSA_PKCS1_2048_8192_SHA384,
    verify::RSA_PKCS1_2048_8192_SHA512,
    verify::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    verify::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    verify::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
];

/// What a usable certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// DNS names that it covers, as written in it: wildcards too.
    pub names: Vec<String>,
    /// End of its validity, in milliseconds since 1970.
    pub expires_ms: i64,
    /// Certificates in the chain, its own included.
    pub length: usize,
}

/// Checks a PEM chain, leaf first, and the leaf's PEM private key for a box called `name` at `now_ms` (milliseconds since
/// 1970).
///
/// # Errors
/// The first thing that is wrong, in words for the person who has the files.
pub fn examine(chain: &[u8], key: &[u8], name: &str, now_ms: i64) -> Result<Described, ChainError> {
    let chain = read_chain(chain)?;
    let key = read_key(key)?;
    let leaf = certificate(&chain, 0)?;
    strong_key(&leaf)?;
    fit_for_a_server(&leaf, &chain, now_ms)?;
    for (position, issuer) in chain.iter().enumerate().skip(1) {
        authority(&certificate(&chain, position)?, position, now_ms)?;
        let _parsed = anchor_from_trusted_cert(issuer).map_err(|error| unreadable(position, &error))?;
    }
    for position in 0..chain.len() {
        strongly_signed(&certificate(&chain, position)?, position)?;
    }
    covers(&leaf, name)?;
    belongs(key, &leaf, &chain)?;
    signed_one_by_the_next(&leaf, &chain, now_ms)?;
    Ok(described(&leaf, chain.len(), now_ms))
}

/// What a chain that is used already says.
///
/// # Errors
/// Text that is no chain.
pub fn describe(chain: &[u8], now_ms: i64) -> Result<Described, ChainError> {
    let chain = read_chain(chain)?;
    let leaf = certificate(&chain, 0)?;
    Ok(described(&leaf, chain.len(), now_ms))
}

fn read_chain(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, ChainError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| ChainError::ChainPem { problem: pem::problem(&error) })?;
    match chain.len() {
        0 => Err(ChainError::ChainEmpty),
        1..=CHAIN_MAX => Ok(chain),
        count => Err(ChainError::ChainTooLong { count, most: CHAIN_MAX }),
    }
}

fn read_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, ChainError> {
    // PKCS #8 says it in the first line, the older form of OpenSSL in a header (RFC 1421 section 4.6.1.1).
    let readable = String::from_utf8_lossy(text);
    if readable.contains("BEGIN ENCRYPTED PRIVATE KEY") || readable.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(ChainError::KeyEncrypted);
    }
    PrivateKeyDer::from_pem_slice(text).map_err(|error| ChainError::KeyPem { problem: pem::problem(&error) })
}

fn unreadable(position: usize, error: &Error) -> ChainError {
    ChainError::Unreadable { number: position + 1, problem: error.to_string() }
}

fn certificate<'c>(chain: &'c [CertificateDer<'static>], position: usize) -> Result<EndEntityCert<'c>, ChainError> {
    EndEntityCert::try_from(&chain[position]).map_err(|error| unreadable(position, &error))
}

fn at(ms: i64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

/// Checks what needs no issuer: validity, then whether it is an authority, then the use.
fn alone(certificate: &EndEntityCert<'_>, time: UnixTime) -> Result<(), Error> {
    match certificate.verify_for_usage(&SIGNATURES, &[], &[], time, SERVER_AUTH, None, None) {
        Ok(_) | Err(Error::UnknownIssuer) => Ok(()),
        Err(error) => Err(error),
    }
}

fn validity(error: &Error, number: usize) -> Option<ChainError> {
    match error {
        Error::CertExpired { not_after, .. } => Some(ChainError::Expired { number, on: error::day(*not_after) }),
        Error::CertNotValidYet { not_before, .. } => Some(ChainError::NotYet { number, on: error::day(*not_before) }),
        _ => None,
    }
}

fn fit_for_a_server(leaf: &EndEntityCert<'_>, chain: &[CertificateDer<'_>], now_ms: i64) -> Result<(), ChainError> {
    let is_self_signed = leaf.subject() == leaf.issuer();
    if is_self_signed && chain.len() == 1 {
        return Err(ChainError::SelfSigned);
    }
    match alone(leaf, at(now_ms)) {
        Ok(()) if is_self_signed => Err(ChainError::SelfSigned),
        Ok(()) => Ok(()),
        Err(Error::CaUsedAsEndEntity) => Err(ChainError::Authority),
        Err(Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension) => Err(ChainError::NotForServers),
        Err(error) => Err(validity(&error, 1).unwrap_or_else(|| unreadable(0, &error))),
    }
}

fn authority(certificate: &EndEntityCert<'_>, position: usize, now_ms: i64) -> Result<(), ChainError> {
    let number = position + 1;
    match alone(certificate, at(now_ms)) {
        Err(Error::CaUsedAsEndEntity) => Ok(()),
        Err(error) => Err(validity(&error, number).unwrap_or(ChainError::NoAuthority { number })),
        Ok(()) => Err(ChainError::NoAuthority { number }),
    }
}

fn strong_key(leaf: &EndEntityCert<'_>) -> Result<(), ChainError> {
    let info = leaf.subject_public_key_info();
    let Some((algorithm, key)) = der::public_key(&info) else {
        return Err(unreadable(0, &Error::BadDer));
    };
    if algorithm == alg_id::ECDSA_P256.as_ref() || algorithm == alg_id::ECDSA_P384.as_ref() {
        return Ok(());
    }
    if algorithm != alg_id::RSA_ENCRYPTION.as_ref() {
        return Err(ChainError::KeyAlgorithm);
    }
    match der::rsa_bits(key) {
        Some(bits) if bits < RSA_BITS_MIN => Err(ChainError::KeyWeak { bits, least: RSA_BITS_MIN }),
        Some(_) => Ok(()),
        None => Err(unreadable(0, &Error::BadDer)),
    }
}

/// A root's own signature is looked at by nobody.
fn strongly_signed(certificate: &EndEntityCert<'_>, position: usize) -> Result<(), ChainError> {
    let encoded = certificate.der();
    let algorithm = der::signature_algorithm(&encoded).ok_or_else(|| unreadable(position, &Error::BadDer))?;
    let is_strong = SIGNATURES.iter().any(|known| known.signature_alg_id().as_ref() == algorithm);
    if is_strong || certificate.subject() == certificate.issuer() {
        return Ok(());
    }
    Err(ChainError::Signature { number: position + 1, algorithm: der::signature_name(algorithm) })
}

fn covers(leaf: &EndEntityCert<'_>, name: &str) -> Result<(), ChainError> {
    let covered = ServerName::try_from(name).is_ok_and(|server| leaf.verify_is_valid_for_subject_name(&server).is_ok());
    if covered {
        return Ok(());
    }
    let names: Vec<&str> = leaf.valid_dns_names().collect();
    let names = if names.is_empty() { String::from("no DNS name at all") } else { names.join(", ") };
    Err(ChainError::Name { wanted: name.to_owned(), names })
}

fn belongs(
    key: PrivateKeyDer<'static>,
    leaf: &EndEntityCert<'_>,
    chain: &[CertificateDer<'_>],
) -> Result<(), ChainError> {
    let key = tls::signing_key(key).map_err(|error| ChainError::KeyUnusable { problem: error.to_string() })?;
    let public =
        key.public_key().ok_or_else(|| ChainError::KeyUnusable { problem: "it is of no known kind".into() })?;
    if public == leaf.subject_public_key_info() {
        return Ok(());
    }
    let is_its = |der: &CertificateDer<'_>| {
        EndEntityCert::try_from(der).is_ok_and(|other| other.subject_public_key_info() == public)
    };
    match chain.iter().position(is_its) {
        Some(position) => Err(ChainError::KeyOfAnother { number: position + 1 }),
        None => Err(ChainError::KeyForeign),
    }
}

/// Takes each further certificate for trusted, one after the other: those before it must lead to it.
fn signed_one_by_the_next(
    leaf: &EndEntityCert<'_>,
    chain: &[CertificateDer<'static>],
    now_ms: i64,
) -> Result<(), ChainError> {
    for position in 1..chain.len() {
        let anchor = anchor_from_trusted_cert(&chain[position]).map_err(|error| unreadable(position, &error))?;
        let between = &chain[1..position];
        let verified = leaf.verify_for_usage(
            &SIGNATURES,
            std::slice::from_ref(&anchor),
            between,
            at(now_ms),
            KeyUsage::server_auth(),
            None,
            None,
        );
        match verified {
            Ok(_) => {}
            Err(Error::UnknownIssuer) => return Err(ChainError::Order { number: position, next: position + 1 }),
            Err(error) => {
                return Err(ChainError::Link { number: position, next: position + 1, problem: error.to_string() });
            }
        }
    }
    Ok(())
}

fn described(leaf: &EndEntityCert<'_>, length: usize, now_ms: i64) -> Described {
    let end_of_time = UnixTime::since_unix_epoch(Duration::from_secs(u64::MAX / 2));
    let expires_ms = match alone(leaf, end_of_time) {
        Err(Error::CertExpired { not_after, .. }) => {
            i64::try_from(not_after.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000)
        }
        _ => now_ms,
    };
    Described { names: leaf.valid_dns_names().map(str::to_owned).collect(), expires_ms, length }
}
