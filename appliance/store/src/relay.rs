//! Relays of other sites, which take credentials that this box makes with the secret that each was given (J10).

use crate::StoreError;
use rusqlite::{Connection, params};
use zeroize::Zeroizing;

/// One of them. Whoever knows its secret may make credentials for it, so it cannot be printed.
#[derive(Clone)]
pub struct Relay {
    /// Host name or address by which clients reach it.
    pub host: String,
    /// UDP and TCP port there.
    pub port: u16,
    /// What its credentials are made with.
    pub secret: Zeroizing<Vec<u8>>,
}

/// Adds one, or gives one that is there another port and secret.
///
/// # Errors
/// When the directory cannot be written.
pub fn put(directory: &Connection, relay: &Relay, now_ms: i64) -> Result<(), StoreError> {
    directory.execute(
        "INSERT INTO relay (host, port, secret, created_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (host) DO UPDATE SET port = ?2, secret = ?3, created_ms = ?4",
        params![relay.host, relay.port, relay.secret.as_slice(), now_ms],
    )?;
    Ok(())
}

/// Forgets one; whether it was there.
///
/// # Errors
/// When the directory cannot be written.
pub fn remove(directory: &Connection, host: &str) -> Result<bool, StoreError> {
    Ok(directory.execute("DELETE FROM relay WHERE host = ?1", [host])? > 0)
}

/// All, by host.
///
/// # Errors
/// When the directory cannot be read.
pub fn list(directory: &Connection) -> Result<Vec<Relay>, StoreError> {
    let mut statement = directory.prepare_cached("SELECT host, port, secret FROM relay ORDER BY host")?;
    let rows = statement
        .query_map([], |r| Ok(Relay { host: r.get(0)?, port: r.get(1)?, secret: Zeroizing::new(r.get(2)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
