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

/// Logs in so often, some at a time.
///
/// # Errors
/// When one is refused.
pub async fn run(server: &Server, count: usize) -> Result<LogIns, String> {
    let accounts = server.accounts.strangers.iter().cycle().take(count);
    let log_in = |account| async move {
        let begun = Instant::now();
        Session::log_in(server, account).await.map(|_| begun.elapsed())
    };
    let (cpu, begun) = (server.cpu(), Instant::now());
    let mut all = futures_util::stream::iter(accounts).map(log_in).buffer_unordered(CONCURRENCY);
    let mut latencies = Latencies::default();
    while let Some(latency) = all.next().await {
        latencies.note(latency?);
    }
    let (cpu, wall) = (server.cpu() - cpu, begun.elapsed());
    let count = count_f64(count);
    Ok(LogIns { per_cpu_s: count / cpu.as_secs_f64(), per_s: count / wall.as_secs_f64(), latencies })
}
