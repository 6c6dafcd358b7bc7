//! The writer thread of one database: group commit without a timer (decision 10).
//!
//! It takes all that is queued, runs each change in a savepoint of one transaction, commits (which syncs), then tells
//! each change's `then` in the order of the queue, and takes the next lot.

use crate::StoreError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::mpsc;

/// Changes of one transaction at most: bounds the wait of the first of them.
const LOT_MAX: usize = 256;

pub(crate) trait Job: Send {
    /// Runs in a savepoint; `false` rolls it back.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Called once, after the commit or its failure.
    fn done(self: Box<Self>, committed: Result<(), StoreError>);
}

pub(crate) struct Change<F, T, E, G> {
    pub(crate) change: Option<F>,
    pub(crate) outcome: Option<Result<T, E>>,
    pub(crate) then: G,
}

impl<F, T, E, G> Job for Change<F, T, E, G>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
    G: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(change) = self.change.take() else { return false };
        let outcome = change(connection);
        let good = outcome.is_ok();
        self.outcome = Some(outcome);
        good
    }

    fn done(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)) | None, Err(failure)) => Err(E::from(failure)),
            (Some(outcome), _) => outcome,
            (None, Ok(())) => Err(E::from(StoreError::Fault(String::from("this company")))),
        };
        (self.then)(outcome);
    }
}

/// Runs until every sender is gone; then closes the connection, which folds the WAL back.
pub(crate) fn run(database: &str, connection: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    let mut lot: Vec<Box<dyn Job>> = Vec::with_capacity(LOT_MAX);
    while queue.blocking_recv_many(&mut lot, LOT_MAX) > 0 {
        commit_lot(database, connection, &mut lot);
    }
}

fn commit_lot(database: &str, connection: &Connection, lot: &mut Vec<Box<dyn Job>>) {
    let mut committed = connection.execute_batch("BEGIN IMMEDIATE");
    if committed.is_ok() {
        for job in lot.iter_mut() {
            run_in_savepoint(database, connection, job.as_mut());
        }
        committed = connection.execute_batch("COMMIT");
        if committed.is_err() && !connection.is_autocommit() {
            // Nothing to do with its result: either way the transaction is over, and the jobs hear of the failed commit.
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
    if let Err(failure) = &committed {
        tracing::error!(database, %failure, changes = lot.len(), "commit failed, its changes are refused");
    }
    for job in lot.drain(..) {
        let result = committed.as_ref().copied().map_err(|failure| StoreError::Commit(failure.to_string()));
        if catch_unwind(AssertUnwindSafe(|| job.done(result))).is_err() {
            tracing::error!(database, "the follow-up of a change panicked");
        }
    }
}

fn run_in_savepoint(database: &str, connection: &Connection, job: &mut dyn Job) {
    let statement = |sql: &str| connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(|_| ());
    let good = statement("SAVEPOINT change").is_ok()
        && catch_unwind(AssertUnwindSafe(|| job.run(connection))).unwrap_or_else(|_| {
            tracing::error!(database, "a change panicked and was rolled back");
            false
        });
    if !good && let Err(failure) = statement("ROLLBACK TO change") {
        tracing::error!(database, %failure, "a refused change could not be rolled back");
    }
    if let Err(failure) = statement("RELEASE change") {
        tracing::error!(database, %failure, "a savepoint could not be released");
    }
}
