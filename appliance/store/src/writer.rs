//! The writer thread of one database: group commit without a timer (decision 10).
//!
//! It takes all that is queued, runs the changes in one transaction, commits (which syncs), then tells each change's
//! `then` in the order of the queue, and takes the next lot. A change that runs once has a savepoint of its own; neighbours
//! that may run again have none, and only when one of them leaves something behind that must not stay are all of them rolled
//! back and run again, each in a savepoint: for each savepoint SQLite copies every page that is touched in it.

use crate::migrate::Idle;
use crate::place::Place;
use crate::{Counters, StoreError, free_bytes};
use rusqlite::Connection;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;
use tokio::sync::mpsc;

/// Changes of one transaction at most: bounds the wait of the first of them.
const LOT_MAX: usize = 256;
/// Changes after which there is something to do in idle time, and after which it is done although others wait.
const IDLE_AFTER: usize = 256;
const IDLE_AT_LAST: usize = 20_000;

pub(crate) trait Job: Send {
    /// Runs the change; `false`: nothing of it may stay.
    fn run(&mut self, place: &Place, connection: &Connection) -> bool;
    /// Whether it may run again when what it did was rolled back.
    fn may_run_again(&self) -> bool;
    /// Called once, after the commit or its failure.
    fn done(self: Box<Self>, place: &Place, committed: Result<(), StoreError>);
}

/// What a change does.
pub(crate) trait Work<T, E>: Send {
    const MAY_RUN_AGAIN: bool;
    /// `None`: it cannot run any more.
    fn run(&mut self, connection: &Connection) -> Option<Result<T, E>>;
}

/// Runs once.
pub(crate) struct Once<F>(pub(crate) Option<F>);

impl<F, T, E> Work<T, E> for Once<F>
where
    F: FnOnce(&Connection) -> Result<T, E> + Send,
{
    const MAY_RUN_AGAIN: bool = false;

    fn run(&mut self, connection: &Connection) -> Option<Result<T, E>> {
        self.0.take().map(|change| change(connection))
    }
}

/// Does nothing but to the database, so that it may run again.
pub(crate) struct Again<F>(pub(crate) F);

impl<F, T, E> Work<T, E> for Again<F>
where
    F: Fn(&Connection) -> Result<T, E> + Send,
{
    const MAY_RUN_AGAIN: bool = true;

    fn run(&mut self, connection: &Connection) -> Option<Result<T, E>> {
        Some((self.0)(connection))
    }
}

pub(crate) struct Change<W, T, E, G> {
    pub(crate) work: W,
    pub(crate) outcome: Option<Result<T, E>>,
    pub(crate) then: G,
}

impl<W, T, E, G> Job for Change<W, T, E, G>
where
    W: Work<T, E>,
    T: Send,
    E: Error + From<StoreError> + Send + 'static,
    G: FnOnce(Result<T, E>) + Send,
{
    fn run(&mut self, place: &Place, connection: &Connection) -> bool {
        self.outcome = None;
        self.outcome = self.work.run(connection).map(|outcome| outcome.map_err(|error| place.name_in(error)));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn may_run_again(&self) -> bool {
        W::MAY_RUN_AGAIN
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
    idle: Option<Idle>,
) {
    let mut lot: Vec<Box<dyn Job>> = Vec::with_capacity(LOT_MAX);
    // What the file brought along comes first.
    let mut changes = IDLE_AFTER;
    loop {
        if let Some(idle) = idle.filter(|_| changes >= IDLE_AFTER && !queue.is_closed())
            && (queue.is_empty() || changes >= IDLE_AT_LAST)
        {
            changes = if work_while_idle(place, connection, idle) { IDLE_AFTER } else { 0 };
            if queue.is_empty() {
                continue;
            }
        }
        if queue.blocking_recv_many(&mut lot, LOT_MAX) == 0 {
            return;
        }
        changes = changes.saturating_add(lot.len());
        commit_lot(place, connection, &mut lot, counters);
    }
}

/// Whether there may be more to do. What fails is tried again after further changes: nothing that was acknowledged depends on it.
fn work_while_idle(place: &Place, connection: &Connection, idle: Idle) -> bool {
    let statement = |sql: &str| connection.execute_batch(sql).map_err(StoreError::from);
    let work = || -> Result<bool, StoreError> {
        statement("BEGIN IMMEDIATE")?;
        let more = idle(connection)?;
        statement("COMMIT")?;
        Ok(more)
    };
    let worked =
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(StoreError::Fault(place.database.clone())));
    if !connection.is_autocommit() {
        // Whether it goes or not, the next transaction tells.
        let _ = connection.execute_batch("ROLLBACK");
    }
    worked.unwrap_or_else(|failure| {
        tracing::warn!(database = place.database, %failure, "what is done in idle time failed");
        false
    })
}

fn commit_lot(place: &Place, connection: &Connection, lot: &mut Vec<Box<dyn Job>>, counters: &Counters) {
    let database = place.database.as_str();
    let begun = Instant::now();
    let committed = transact(place, connection, lot).map_err(|failure| (failure.to_string(), failure.is_full_disk()));
    counters.commits.note(begun.elapsed());
    counters.changes.many(lot.len() as u64);
    if let Err((failure, _)) = &committed {
        counters.commits_failed.one();
        tracing::error!(database, failure, changes = lot.len(), "commit failed, its changes are refused");
    }
    for job in lot.drain(..) {
        let refused = |(why, full): &(String, bool)| StoreError::Commit {
            database: database.to_owned(),
            why: why.clone(),
            full: *full,
        };
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
    for neighbours in lot.chunk_by_mut(|one, next| one.may_run_again() && next.may_run_again()) {
        match neighbours {
            [alone] => run_in_savepoint(place, connection, || succeeds(place, connection, alone))?,
            together => run_together(place, connection, together)?,
        }
    }
    let committed = statement("COMMIT");
    if committed.is_err() && !connection.is_autocommit() {
        // Nothing to do with its result: either way the transaction is over, and the jobs hear of the failed commit.
        let _ = connection.execute_batch("ROLLBACK");
    }
    committed
}

/// Changes that may run again. A refusal that wrote nothing, and most write nothing, leaves the others alone.
fn run_together(place: &Place, connection: &Connection, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let mut all_good = false;
    run_in_savepoint(place, connection, || {
        all_good = jobs.iter_mut().all(|job| {
            let written = connection.total_changes();
            let good = succeeds(place, connection, job) || connection.total_changes() == written;
            good && !connection.is_autocommit()
        });
        all_good
    })?;
    if !all_good {
        for job in jobs {
            run_in_savepoint(place, connection, || succeeds(place, connection, job))?;
        }
    }
    Ok(())
}

fn succeeds(place: &Place, connection: &Connection, job: &mut Box<dyn Job>) -> bool {
    catch_unwind(AssertUnwindSafe(|| job.run(place, connection))).unwrap_or_else(|_| {
        tracing::error!(database = place.database, "a change panicked and was rolled back");
        false
    })
}

/// Whether there is no room for what is written at once: SQLite does not say any more why it ended a transaction.
fn is_full(database: &Path) -> bool {
    const WRITTEN_AT_ONCE: u64 = 256 * 1024;
    database.parent().and_then(|folder| free_bytes(folder).ok()).is_some_and(|free| free < WRITTEN_AT_ONCE)
}

fn run_in_savepoint(place: &Place, connection: &Connection, changes: impl FnOnce() -> bool) -> Result<(), StoreError> {
    let database = &place.database;
    let statement = |sql: &str| connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(|_| ());
    let good = statement("SAVEPOINT change").is_ok() && changes();
    // SQLite ends the whole transaction on some failures. A change that ran after that would be committed by its own
    // savepoint, although its caller hears that it was not.
    if connection.is_autocommit() {
        let why = String::from("a failed change ended the transaction");
        return Err(StoreError::Commit { database: database.clone(), why, full: is_full(&place.path) });
    }
    if !good && let Err(failure) = statement("ROLLBACK TO change") {
        tracing::error!(database, %failure, "a refused change could not be rolled back");
    }
    if let Err(failure) = statement("RELEASE change") {
        tracing::error!(database, %failure, "a savepoint could not be released");
    }
    Ok(())
}
