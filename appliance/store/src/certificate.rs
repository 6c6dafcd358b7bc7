//! Certificates with their private keys: the bootstrap CA and what port 443 shows.

use crate::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

/// A certificate chain and its key.
pub struct Certificate {
    /// Name that it was made for.
    pub name: String,
    /// PEM, own certificate first.
    pub chain_pem: String,
    /// PEM: PKCS #8, or as it was uploaded.
    pub key_pem: Zeroizing<String>,
    /// End of validity, in milliseconds since 1970.
    pub expires_ms: i64,
}

/// Reads the certificate of a kind (`bootstrap-ca`, `server`, `uploaded`).
///
/// # Errors
/// When the directory cannot be read.
pub fn find(directory: &Connection, kind: &str) -> Result<Option<Certificate>, StoreError> {
    let row = directory
        .query_row("SELECT name, chain_pem, key_pem, expires_ms FROM certificate WHERE kind = ?1", [kind], |r| {
            Ok(Certificate {
                name: r.get(0)?,
                chain_pem: r.get(1)?,
                key_pem: Zeroizing::new(r.get(2)?),
                expires_ms: r.get(3)?,
            })
        })
        .optional()?;
    Ok(row)
}

/// Writes or replaces the certificate of a kind.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, kind: &str, new: &Certificate) -> Result<(), StoreError> {
    directory.execute(
        "INSERT INTO certificate (kind, name, chain_pem, key_pem, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (kind) DO UPDATE SET name = ?2, chain_pem = ?3, key_pem = ?4, expires_ms = ?5",
        params![kind, new.name, new.chain_pem, new.key_pem.as_str(), new.expires_ms],
    )?;
    Ok(())
}

/// Removes the certificate of a kind; whether there was one.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove(directory: &Connection, kind: &str) -> Result<bool, StoreError> {
    Ok(directory.execute("DELETE FROM certificate WHERE kind = ?1", [kind])? > 0)
}
