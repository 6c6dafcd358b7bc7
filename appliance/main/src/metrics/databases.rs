use super::{Page, Seen};

/// Databases and their writers.
pub(super) fn write(seen: &Seen<'_>, page: &mut Page) {
    let commits = seen.commits();
    page.gauge("rainbow_edge_databases_open", "Databases that are open.", seen.load.databases);
    let help = "Changes that wait for the writers of all databases.";
    page.gauge("rainbow_edge_changes_waiting", help, seen.load.changes_waiting);
    let help = "Changes that writers have committed or refused; many share a commit.";
    page.counter("rainbow_edge_changes_total", help, commits.changes.read());
    let help = "How long commits took, from the first change to the sync, in seconds.";
    page.durations("rainbow_edge_commit_seconds", help, &commits.commits);
    let help = "Commits that failed; their changes were refused.";
    page.counter("rainbow_edge_commits_failed_total", help, commits.commits_failed.read());
}
