//! Sessions that are there and do nothing.

use super::{available, employ};
use crate::latency::count_f64;
use crate::server::Server;
use std::time::Duration;

/// Until what the log-ins took is given back.
const SETTLE: Duration = Duration::from_secs(5);

/// Until all of them have gone.
const LEAVE: Duration = Duration::from_secs(1);

/// What idle sessions take.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    pub kib_per_session: f64,
    /// All of the server with them.
    pub resident_mib: f64,
}

/// Holds so many sessions of different people, each available.
///
/// # Errors
/// When one is refused.
pub async fn run(server: &Server, count: usize) -> Result<Idle, String> {
    let before_kib = server.resident_kib();
    let accounts = server.accounts.strangers.get(..count).ok_or("too few accounts")?;
    let sessions = available(server, accounts).await?;
    let orders: Vec<_> = sessions.into_iter().map(|session| employ(session, |_| ())).collect();
    tokio::time::sleep(SETTLE).await;
    let with_kib = server.resident_kib();
    if orders.iter().any(tokio::sync::mpsc::Sender::is_closed) {
        return Err(String::from("a session did not stay"));
    }
    drop(orders);
    // They go when they are next looked at.
    tokio::time::sleep(LEAVE).await;
    let mib = |kib: u64| u32::try_from(kib).map_or(f64::INFINITY, f64::from) / 1024.0;
    let grown = mib(with_kib.saturating_sub(before_kib)) * 1024.0;
    Ok(Idle { kib_per_session: grown / count_f64(count), resident_mib: mib(with_kib) })
}
