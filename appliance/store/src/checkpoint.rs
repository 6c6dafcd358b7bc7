//! Checkpoints that do not stall who waits for a commit (D7): a log that has grown is copied back on one thread for all
//! databases, while the writer goes on. The writer copies only what came meanwhile: then all of the log is copied, and SQLite
//! starts it anew.

use crate::StoreError;
use crate::place::Place;
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use vault::{DatabaseKey, VaultError};

/// New pages in the log that make a checkpoint due: 59 MiB, so that the file stays within what the vault keeps of it. Pages
/// that many commits change are copied once; and while the disk syncs what was copied, commits wait for the disk too.
const PAGES_DUE: i32 = 15_000;
/// A log of so many pages is copied back by the writer itself: nobody else came to it in time, and it has to end.
pub(crate) const PAGES_MAX: i32 = 30_000;
/// Time that the writer may have to wait for readers of an older state, before the log is cut another time.
const TRUNCATED_WITHIN: Duration = Duration::from_millis(50);
/// Databases that may wait for the thread; one more tries again at its next commit.
const WAITING_MAX: usize = 256;

/// The thread that copies logs back. It ends with the last database.
#[derive(Clone)]
pub(crate) struct Checkpointer(SyncSender<Arc<Log>>);

/// The log of one open database.
pub(crate) struct Log {
    place: Place,
    key: RwLock<DatabaseKey>,
    stage: AtomicU8,
    /// Something was committed since the last mark.
    changed: AtomicBool,
    /// Held while the log is copied back; `true` once the database is being closed.
    closed: Mutex<bool>,
}

/// Nothing has been asked for.
const IDLE: u8 = 0;
/// The thread has been asked, and may be at work.
const ASKED: u8 = 1;
/// The thread has copied what it found.
const COPIED: u8 = 2;

impl Checkpointer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub(crate) fn start() -> io::Result<Self> {
        let (ask, asked) = sync_channel(WAITING_MAX);
        let work = move || work(&asked);
        std::thread::Builder::new().name(String::from("checkpoints")).spawn(work)?;
        Ok(Self(ask))
    }

    /// From now on the log that `connection` writes is copied back here.
    pub(crate) fn watch(
        &self,
        connection: &mut Connection,
        place: &Place,
        key: DatabaseKey,
    ) -> Result<Arc<Log>, StoreError> {
        let place = place.clone();
        let log = Arc::new(Log {
            place,
            key: RwLock::new(key),
            stage: AtomicU8::new(IDLE),
            changed: AtomicBool::new(false),
            closed: Mutex::new(false),
        });
        let (checkpointer, of_hook) = (self.clone(), Arc::clone(&log));
        let mut copied_pages = 0;
        let hook = move |wal: &mut Wal, pages| {
            checkpointer.committed(&of_hook, wal, pages, &mut copied_pages);
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(|failure| log.place.failed(failure))?;
        Ok(log)
    }

    /// After each commit of the writer, on its thread; `pages` in the log, of which `copied_pages` were there at the last
    /// checkpoint.
    fn committed(&self, log: &Arc<Log>, wal: &mut Wal, pages: i32, copied_pages: &mut i32) {
        log.note_change();
        if pages < *copied_pages {
            // The log was started anew.
            *copied_pages = 0;
        }
        let due = pages - *copied_pages >= PAGES_DUE;
        match log.stage.load(Ordering::Acquire) {
            COPIED => log.stage.store(IDLE, Ordering::Release),
            IDLE if due && pages < PAGES_MAX => return self.ask(log),
            _ if due && pages >= PAGES_MAX => {}
            _ => return,
        }
        *copied_pages = pages;
        if let Err(failure) = wal.checkpoint_v2(CheckpointMode::PASSIVE) {
            log.report(&log.place.failed(failure));
        }
    }

    fn ask(&self, log: &Arc<Log>) {
        log.stage.store(ASKED, Ordering::Release);
        if self.0.try_send(Arc::clone(log)).is_err() {
            log.stage.store(IDLE, Ordering::Release);
        }
    }
}

impl Log {
    pub(crate) fn note_change(&self) {
        self.changed.store(true, Ordering::Release);
    }

    /// All that was committed until now stands before a mark.
    pub(crate) fn note_mark(&self) {
        self.changed.store(false, Ordering::Release);
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire)
    }

    /// A connection that reads this database.
    pub(crate) fn reader(&self) -> Result<Connection, StoreError> {
        self.place.reader(&self.key())
    }

    /// The database's key, as it is now.
    fn key(&self) -> DatabaseKey {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another key from now on.
    pub(crate) fn turn(&self, key: DatabaseKey) -> Result<(), StoreError> {
        vault::turn(&self.place.path, &key).map_err(StoreError::vault(&self.place.database))?;
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    /// Looks at the file itself.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&Path, &DatabaseKey) -> Result<T, VaultError>,
    ) -> Result<T, StoreError> {
        look(&self.place.path, &self.key()).map_err(StoreError::vault(&self.place.database))
    }

    /// Copies all of the log back and cuts it to nothing. `false`: somebody reads an older state, or the database is being
    /// closed.
    pub(crate) fn truncate(&self) -> Result<bool, StoreError> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            return Ok(false);
        }
        let failed = |failure| self.place.failed(failure);
        let connection = self.reader()?;
        // Most of it while the writer goes on, which waits for the rest only.
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(failed)?;
        connection.busy_timeout(TRUNCATED_WITHIN).map_err(failed)?;
        let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0)).map_err(failed)?;
        connection.close().map_err(|(_, failure)| failed(failure))?;
        Ok(!busy)
    }

    /// Waits for a checkpoint that is going on, and lets no other begin.
    pub(crate) fn close(&self) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// What is in the log now is copied back, by a connection for this alone.
    fn copy_back(&self) {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            return;
        }
        if let Err(failure) = self.copy() {
            self.report(&failure);
        }
        self.stage.store(COPIED, Ordering::Release);
    }

    fn copy(&self) -> Result<(), StoreError> {
        let failed = |failure| self.place.failed(failure);
        let connection = self.reader()?;
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(failed)?;
        connection.close().map_err(|(_, failure)| failed(failure))
    }

    /// Nothing is lost by it: the log is there, and the next checkpoint tries again.
    fn report(&self, failure: &StoreError) {
        tracing::warn!(database = self.place.database, %failure, "a log could not be copied back");
    }
}

fn work(asked: &Receiver<Arc<Log>>) {
    while let Ok(log) = asked.recv() {
        log.copy_back();
    }
}
