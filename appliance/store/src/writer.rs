//! The writer thread of one database: group commit without a timer (decision 10).
//!
//! It takes all that is queued, runs each change in a savepoint of one transaction, commits (which syncs), then tells
//! each change's `then` in the order of the queue, and takes the next lot.

use crate::place::Place;
use crate::{Counters, StoreError};
use rusqlite::Connection;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use tokio::sync::mpsc;

/// Changes of one transaction at most: bounds the wait of the first of them.
const LOT_MAX: usize = 256;

pub(crate) trait Job: Send {
    /// Runs in a savepoint; `false` rolls it back.
    fn run(&mut self, place: &Place, connection: &Connection) -> bool;
    /// Called once, after the commit or its failure.
    fn done(self: Box<Self>, place: &Place, committed: Result<(), StoreError>);
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
    E: Error + From<StoreError> + Send + 'static,
    G: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, place: &Place, connection: &Connection) -> bool {
        let Some(change) = self.change.take() else { return false };
        let outcome = change(connection).map_err(|error| place.name_in(error));
        let good = outcome.is_ok();
        self.outcome = Some(outcome);
        good
    }

    fn done(self: Box<Self>, place: &Place, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)) | None, Err(failure)) => Err(E::from(failure)),
            (Some(outcome), _) => outcome,
            (None, Ok(())) => Err(E::from(StoreError::Fault(place.database.clone()))),
        };
        (self.then)(outcome);
    }
}

/// Runs until every sender is gone; then closes the connection, which folds the WAL back.
pub(crate) fn run(
    place: &Place,
    connection: &Connection,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    counters: &Counters,
) {
    let mut lot: Vec<Box<dyn Job>> = Vec::with_capacity(LOT_MAX);
    while queue.blocking_recv_many(&mut lot, LOT_MAX) > 0 {
        commit_lot(place, connection, &mut lot, counters);
    }
}

fn commit_lot(place: &Place, connection: &Connection, lot: &mut Vec<Box<dyn Job>>, counters: &Counters) {
    let database = place.database.as_str();
    let begun = Instant::now();
    let committed = transact(place, connection, lot).map_err(|failure| failure.to_string());
    counters.commits.note(begun.elapsed());
    counters.changes.many(lot.len() as u64);
    if let Err(failure) = &committed {
        counters.commits_failed.one();
        tracing::error!(database, failure, changes = lot.len(), "commit failed, its changes are refused");
    }
    for job in lot.drain(..) {
        let refused = |why: &String| StoreError::Commit { database: database.to_owned(), why: why.clone() };
        let result = committed.as_ref().copied().map_err(refused);
        if catch_unwind(AssertUnwindSafe(|| job.done(place, result))).is_err() {
            tracing::error!(database, "the follow-up of a change panicked");
        }
    }
}

/// Runs the changes of a lot in one transaction: all that succeed are committed, or none is.
fn transact(place: &Place, connection: &Connection, lot: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let statement = |sql: &str| connection.execute_batch(sql).map_err(|failure| place.failed(failure));
    statement("BEGIN IMMEDIATE")?;
    for job in lot {
        run_in_savepoint(&place.database, connection, |connection| job.run(place, connection));
        // SQLite ends the whole transaction on some failures. A change that ran after that would be committed by its
        // own savepoint, although its caller hears that it was not.
        if connection.is_autocommit() {
            let why = String::from("a failed change ended the transaction");
            return Err(StoreError::Commit { database: place.database.clone(), why });
        }
    }
    let committed = statement("COMMIT");
    if committed.is_err() && !connection.is_autocommit() {
        // Nothing to do with its result: either way the transaction is over, and the jobs hear of the failed commit.
        let _ = connection.execute_batch("ROLLBACK");
    }
    committed
}

fn run_in_savepoint(database: &str, connection: &Connection, change: impl FnOnce(&Connection) -> bool) {
    let statement = |sql: &str| connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(|_| ());
    let good = statement("SAVEPOINT change").is_ok()
        && catch_unwind(AssertUnwindSafe(|| change(connection))).unwrap_or_else(|_| {
            tracing::error!(database, "a change panicked and was rolled back");
            false
        });
    if connection.is_autocommit() {
        return;
    }
    if !good && let Err(failure) = statement("ROLLBACK TO change") {
        tracing::error!(database, %failure, "a refused change could not be rolled back");
    }
    if let Err(failure) = statement("RELEASE change") {
        tracing::error!(database, %failure, "a savepoint could not be released");
    }
}
