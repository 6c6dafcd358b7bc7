use super::{Page, Seen};

/// Pushes to browsers.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let help = "Pushes to browsers that wait to be sent.";
    page.gauge("rainbow_edge_pages_waiting", help, seen.load.pages_waiting);
}
