use super::{Page, Seen};

/// Passwords of people; application passwords and the secrets of sessions are with the streams.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let app = seen.app.counters();
    let outcomes = [
        ("right", app.passwords_right.read()),
        ("wrong", app.passwords_wrong.read()),
        ("unread", app.passwords_unread.read()),
    ];
    let help = "Passwords that were shown, by outcome; unread: the account waits after wrong ones.";
    page.counters("rainbow_edge_passwords_total", help, "outcome", &outcomes);
    page.gauge("rainbow_edge_passwords_waiting", "Passwords that wait to be hashed.", seen.load.passwords_waiting);
}
