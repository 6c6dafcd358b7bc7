use domain::count::{Count, Durations};

/// What the writers of all databases have done since the store was opened (F4).
#[derive(Debug, Default)]
pub struct Counters {
    /// How long commits took, from the first change of a lot to its sync.
    pub commits: Durations,
    /// Commits that failed; their changes were refused.
    pub commits_failed: Count,
    /// Changes that were committed or refused.
    pub changes: Count,
    /// Changes whose caller waited because a queue was full.
    pub queue_full: Count,
}
