use super::{Page, Seen};
use app::vault;

/// Reading of all stored data.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let (scrub, counters) = (vault::scrubbed(seen.app), vault::scrub_counters(seen.app));
    let help = "Bytes of databases and files that were read to see whether they are sound.";
    page.counter("rainbow_edge_scrub_bytes_total", help, counters.bytes.read());
    let help = "Damaged pages, files and parts of files that are known and were not mended.";
    page.gauge("rainbow_edge_scrub_damaged", help, scrub.found.len());
    let help = "Damaged parts that were mended from a backup.";
    page.counter("rainbow_edge_scrub_mended_total", help, counters.mended.read());
    let help = "When all stored data had been read for the last time, in seconds since 1970; 0: never yet.";
    page.gauge("rainbow_edge_scrub_round_end_seconds", help, scrub.last_ended_ms / 1000);
}
