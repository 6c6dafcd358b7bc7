//! Log-ins: connection, full handshake, upgrade, SCRAM-SHA-256, a resource bound; then gone.

use super::CONCURRENCY;
use crate::latency::{Latencies, count_f64};
use crate::server::Server;
use crate::session::Session;
use futures_util::StreamExt as _;
use std::time::Instant;

/// What log-ins cost.
#[derive(Clone, Debug)]
pub struct LogIns {
    pub per_cpu_s: f64,
    pub per_s: f64,
    pub latencies: Latencies,
}

/// Logs in so often, some at a time; after everybody has come once, which makes servers write what they keep of people.
///
/// # Errors
/// When one is refused.
pub async fn run(server: &Server, count: usize) -> Result<LogIns, String> {
    let people = count.min(server.accounts.strangers.len());
    log_in(server, people).await?;
    let (cpu, begun) = (server.cpu(), Instant::now());
    let latencies = log_in(server, count).await?;
    let (cpu, wall) = (server.cpu() - cpu, begun.elapsed());
    let count = count_f64(count);
    Ok(LogIns { per_cpu_s: count / cpu.as_secs_f64(), per_s: count / wall.as_secs_f64(), latencies })
}

async fn log_in(server: &Server, count: usize) -> Result<Latencies, String> {
    let accounts = server.accounts.strangers.iter().cycle().take(count);
    let log_in = |account| async move {
        let begun = Instant::now();
        Session::log_in(server, account).await.map(|_| begun.elapsed())
    };
    let mut all = futures_util::stream::iter(accounts).map(log_in).buffer_unordered(CONCURRENCY);
    let mut latencies = Latencies::default();
    while let Some(latency) = all.next().await {
        latencies.note(latency?);
    }
    Ok(latencies)
}
