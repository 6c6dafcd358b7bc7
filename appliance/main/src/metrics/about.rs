use super::{Page, Seen};
use std::time::Duration;

/// The box itself.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let help = "The version that runs; the value is always 1.";
    page.labelled_gauge("rainbow_edge_info", help, ("version", env!("CARGO_PKG_VERSION")), 1);
    let up_ms = seen.app.now_ms().saturating_sub(seen.started_ms);
    let up = Duration::from_millis(u64::try_from(up_ms).unwrap_or(0));
    page.gauge("rainbow_edge_uptime_seconds", "Time since the server was started, in seconds.", up.as_secs_f64());
    page.gauge("rainbow_edge_companies", "Companies on the box.", seen.load.companies);
    page.gauge("rainbow_edge_accounts", "Accounts on the box.", seen.load.accounts);
}
