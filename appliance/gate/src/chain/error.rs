use rustls::pki_types::UnixTime;
use thiserror::Error;
use time::OffsetDateTime;

/// What is wrong with a chain or its key, and what to do. Certificates are counted from 1, as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    #[error("it is not valid PEM: {problem}; export the chain as PEM, not as DER or PKCS #12")]
    ChainPem { problem: String },
    #[error("it holds no certificate; a chain begins with -----BEGIN CERTIFICATE-----")]
    ChainEmpty,
    #[error("it holds {count} certificates, {most} are allowed; leave out what does not belong to this chain")]
    ChainTooLong { count: usize, most: usize },
    #[error("certificate {number} cannot be read ({problem}); ask its issuer for it again")]
    Unreadable { number: usize, problem: String },
    #[error(
        "the certificate is self-signed, so no client could tell the box from an impostor; \
         use one that a CA has issued, or `certificate remove` for the box's own CA"
    )]
    SelfSigned,
    #[error(
        "the first certificate is that of a certificate authority (CA); put the box's own certificate first, \
         then each certificate followed by the one that signed it"
    )]
    Authority,
    #[error("certificate {number} has expired on {on}; renew it")]
    Expired { number: usize, on: String },
    #[error("certificate {number} is not valid before {on}; wait until then, or correct the clock of this machine")]
    NotYet { number: usize, on: String },
    #[error(
        "the certificate is not made for servers: its extended key usage lacks serverAuth; ask for a TLS server certificate"
    )]
    NotForServers,
    #[error(
        "the certificate does not cover the box's name {wanted}; it covers {names}. Use one for this name, or rename the box (`run --name`)"
    )]
    Name { wanted: String, names: String },
    #[error(
        "the certificate's RSA key has {bits} bits and is too weak; make a new key of {least} bits or more, or ECDSA P-256"
    )]
    KeyWeak { bits: usize, least: usize },
    #[error(
        "the certificate's key is of a kind that not every client takes; use ECDSA P-256 or P-384, or RSA of 2048 bits or more"
    )]
    KeyAlgorithm,
    #[error(
        "certificate {number} is signed with {algorithm}; ask its issuer for one that is signed with SHA-256 or better"
    )]
    Signature { number: usize, algorithm: &'static str },
    #[error(
        "certificate {number} is not one of a certificate authority (CA); after the box's own only those of its issuers may follow"
    )]
    NoAuthority { number: usize },
    #[error(
        "certificate {number} is not signed by certificate {next}: the order is wrong or an intermediate certificate is missing. \
         Put the box's own first, then each one followed by the one that signed it"
    )]
    Order { number: usize, next: usize },
    #[error(
        "certificate {number} is not properly signed by certificate {next} ({problem}); ask the issuer for the right chain"
    )]
    Link { number: usize, next: usize, problem: String },
    #[error("it holds no private key in PEM: {problem}; export the key as PEM (PKCS #8, PKCS #1 or SEC 1)")]
    KeyPem { problem: String },
    #[error(
        "the private key is encrypted; decrypt it with `openssl pkey -in KEY -out PLAIN`, and remove PLAIN afterwards"
    )]
    KeyEncrypted,
    #[error("the private key cannot be used ({problem}); use ECDSA P-256 or P-384, or RSA of 2048 to 8192 bits")]
    KeyUnusable { problem: String },
    #[error("the private key does not belong to the certificate; give the key that the certificate was requested with")]
    KeyForeign,
    #[error(
        "the private key belongs to certificate {number} of the chain; put that one first, then each one followed by the one that signed it"
    )]
    KeyOfAnother { number: usize },
}

impl ChainError {
    /// Whether the fault is in the key's file; else it is in the chain's.
    pub fn is_about_the_key(&self) -> bool {
        matches!(self, Self::KeyPem { .. } | Self::KeyEncrypted | Self::KeyUnusable { .. } | Self::KeyForeign)
    }
}

/// `2026-11-24`, in UTC.
pub(super) fn day(moment: UnixTime) -> String {
    let seconds = i64::try_from(moment.as_secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_or_else(|_| format!("second {seconds}"), |at| at.date().to_string())
}
