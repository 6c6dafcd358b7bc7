use super::{Page, Seen};

/// Shared files.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let app = seen.app.counters();
    let outcomes = [("clean", app.files_clean.read()), ("refused", app.files_refused.read())];
    let help = "Files that came to an end of their scan, by outcome.";
    page.counters("rainbow_edge_files_total", help, "outcome", &outcomes);
    page.gauge("rainbow_edge_files_uploading", "Files that are being received.", seen.load.uploads);
    page.gauge("rainbow_edge_files_held", "Files that wait for the virus scanner.", seen.load.files_held);
}
