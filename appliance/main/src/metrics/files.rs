use super::{Page, Seen};

/// Shared files.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let app = seen.app.counters();
    let outcomes = [("clean", app.files_clean.read()), ("refused", app.files_refused.read())];
    let help = "Files that came to an end of their scan, by outcome.";
    page.counters("rainbow_edge_files_total", help, "outcome", &outcomes);
    page.gauge("rainbow_edge_files_uploading", "Files that are being received.", seen.load.uploads);
    page.gauge("rainbow_edge_files_held", "Files that wait for the virus scanner.", seen.load.files_held);
    let outcomes = [("made", app.thumbnails_made.read()), ("failed", app.thumbnails_failed.read())];
    let help = "Pictures that were shown to the worker to make them small, by outcome.";
    page.counters("rainbow_edge_thumbnails_total", help, "outcome", &outcomes);
    let waiting = seen.load.pictures_waiting;
    page.gauge("rainbow_edge_thumbnails_waiting", "Pictures that wait for the worker.", waiting);
}
