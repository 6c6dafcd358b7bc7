use super::{Page, Seen};
use app::backup::{Standing, standing};

/// Backups, by target (D7). A time of 0 means never.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let seconds = |at_ms: Option<i64>| u64::try_from(at_ms.unwrap_or(0) / 1000).unwrap_or(0);
    let targets = standing(seen.app);
    let mut gauges = |name: &str, help: &str, value: &dyn Fn(&Standing) -> u64| {
        let values: Vec<(&str, u64)> = targets.iter().map(|one| (one.name.as_str(), value(one))).collect();
        page.gauges(name, help, "target", &values);
    };
    let help = "When the last snapshot was taken that is at the target, in seconds since 1970.";
    gauges("rainbow_edge_backup_taken_timestamp_seconds", help, &|one| seconds(one.state.taken_ms));
    let help = "When the last snapshot was taken that was restored and found right, in seconds since 1970.";
    gauges("rainbow_edge_backup_verified_timestamp_seconds", help, &|one| seconds(one.state.verified_ms));
    let help = "Whether the last run or verification failed.";
    gauges("rainbow_edge_backup_failing", help, &|one| u64::from(one.state.failing().is_some()));
    let help = "Bytes that the last run sent.";
    gauges("rainbow_edge_backup_sent_bytes", help, &|one| one.state.sent);
    let help = "Bytes that the last snapshot holds.";
    gauges("rainbow_edge_backup_bytes", help, &|one| one.state.bytes);
}
