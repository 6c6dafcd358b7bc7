use crate::blocking::blocking;
use crate::checkpoint::{Checkpointer, Log};
use crate::migrate::Schema;
use crate::place::Place;
use crate::writer::{self, Again, Change, Job, Once};
use crate::{Counters, StoreError};
use rusqlite::Connection;
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};
use vault::{DatabaseKey, Recovery, Role};

/// Bounds of one open database.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseSettings {
    /// Read-only connections, and so readers at once.
    pub readers: usize,
    /// Changes that wait for the writer; more make their callers wait.
    pub queue_max: usize,
    /// SQLite's page cache of each connection, in KiB.
    pub page_cache_kib: u32,
}

/// How a database is opened.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a> {
    pub(crate) schema: Schema<'a>,
    /// The least mark that it must have: with a lesser one it is an older state of itself (D3).
    pub(crate) mark: u32,
    pub(crate) settings: DatabaseSettings,
}

/// One open database file.
pub struct Database {
    place: Place,
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    writer: Option<std::thread::JoinHandle<()>>,
    log: Arc<Log>,
    readers: Mutex<Vec<Connection>>,
    reading: Arc<Semaphore>,
    page_cache_kib: u32,
    counters: Arc<Counters>,
}

impl Database {
    /// Opens the file, brings its schema up to date and starts its writer.
    pub(crate) fn open(
        name: &str,
        path: &Path,
        key: DatabaseKey,
        opening: Opening<'_>,
        counters: &Arc<Counters>,
        checkpointer: &Checkpointer,
    ) -> Result<(Self, Recovery), StoreError> {
        let place = Place { database: name.to_owned(), path: path.to_owned() };
        let (mut connection, recovery) = vault::open(path, &key, Role::Writer).map_err(StoreError::vault(name))?;
        let Opening { schema, mark, settings } = opening;
        configure(&place, &connection, settings.page_cache_kib)?;
        check_mark(&place, &connection, mark)?;
        crate::migrate::migrate(name, &connection, schema.steps).map_err(|error| place.name_in(error))?;
        let log = checkpointer.watch(&mut connection, &place, key)?;
        if recovery.frames > 0 {
            log.note_change();
        }
        let (queue, jobs) = mpsc::channel(settings.queue_max.max(1));
        let (of_writer, counted) = (place.clone(), Arc::clone(counters));
        let idle = schema.idle;
        let writer = std::thread::Builder::new()
            .name(String::from("store-writer"))
            .spawn(move || writer::run(&of_writer, &connection, jobs, &counted, idle))
            .map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        let database = Self {
            place,
            queue: Some(queue),
            writer: Some(writer),
            log,
            readers: Mutex::new(Vec::new()),
            reading: Arc::new(Semaphore::new(settings.readers.max(1))),
            page_cache_kib: settings.page_cache_kib,
            counters: Arc::clone(counters),
        };
        Ok((database, recovery))
    }

    /// Commits a change and answers when it is on the disk.
    ///
    /// # Errors
    /// The change's own error, or the store's when it could not be committed: then nothing of it remains.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Error + From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // A caller that went away no longer wants the answer; the change stands.
        self.write_then(change, move |outcome| drop(answer.send(outcome))).await?;
        answered.await.map_err(|_| E::from(self.closed()))?
    }

    /// Queues a change; `then` runs on the writer's thread after the commit, in the order in which changes were queued.
    /// It must not block. Returns as soon as the queue has room.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the writer is gone; then `then` is not called.
    pub async fn write_then<T, E, F, G>(&self, change: F, then: G) -> Result<(), StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        G: FnOnce(Result<T, E>) + Send + 'static,
        T: Send + 'static,
        E: Error + From<StoreError> + Send + 'static,
    {
        self.queue_job(Box::new(Change { work: Once(Some(change)), outcome: None, then })).await
    }

    /// As [`Self::write_then`] a change that does nothing but to the database, and may run again when what it did was rolled
    /// back: cheaper, because its neighbours and it need no savepoint each.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the writer is gone; then `then` is not called.
    pub async fn write_again_then<T, E, F, G>(&self, change: F, then: G) -> Result<(), StoreError>
    where
        F: Fn(&Connection) -> Result<T, E> + Send + 'static,
        G: FnOnce(Result<T, E>) + Send + 'static,
        T: Send + 'static,
        E: Error + From<StoreError> + Send + 'static,
    {
        self.queue_job(Box::new(Change { work: Again(change), outcome: None, then })).await
    }

    async fn queue_job(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or_else(|| self.closed())?;
        if queue.capacity() == 0 {
            self.counters.queue_full.one();
        }
        queue.send(job).await.map_err(|_| self.closed())
    }

    /// `directory` or the company's id.
    pub(crate) fn name(&self) -> &str {
        &self.place.database
    }

    /// Whether it was changed since its last mark.
    pub(crate) fn is_changed(&self) -> bool {
        self.log.is_changed()
    }

    /// Gives it a mark (`anchor`), on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) async fn mark(&self, mark: u32) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        let log = Arc::clone(&self.log);
        let then = move |outcome: Result<(), StoreError>| {
            if outcome.is_ok() {
                // On the writer's thread, so before any later change.
                log.note_mark();
            }
            // Whoever asked may have gone.
            let _ = answer.send(outcome);
        };
        self.write_then(move |content| Ok(content.pragma_update(None, "application_id", mark)?), then).await?;
        answered.await.map_err(|_| self.closed())?
    }

    /// Changes that wait for the writer.
    pub(crate) fn queued(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity().saturating_sub(queue.capacity()))
    }

    /// Waits until the writer has answered once more, whatever it answers: a full disk is no reason to take it for dead.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the writer is gone.
    pub(crate) async fn answers(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.write_again_then(
            |_| Ok::<_, StoreError>(()),
            move |_| {
                // Whoever asked may have gone.
                let _ = answer.send(());
            },
        )
        .await?;
        answered.await.map_err(|_| self.closed())
    }

    /// Runs a query on a read-only connection, off the async threads.
    ///
    /// # Errors
    /// The query's own error, or the store's when no connection could be had.
    pub async fn read<T, E, F>(self: &Arc<Self>, query: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Error + From<StoreError> + Send + 'static,
    {
        let reading = Arc::clone(&self.reading).acquire_owned().await;
        let permit = reading.map_err(|_| E::from(self.closed()))?;
        let database = Arc::clone(self);
        let fault = StoreError::Fault(self.place.database.clone());
        let task = tokio::task::spawn_blocking(move || {
            // Goes with the query, also when that panics or its caller does not wait any longer: readers stay bounded.
            let _permit = permit;
            let connection = database.take_reader()?;
            let answer = query(&connection).map_err(|error: E| database.place.name_in(error));
            database.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        task.await.unwrap_or_else(|_| Err(E::from(fault)))
    }

    fn take_reader(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let connection = self.log.reader()?;
        configure(&self.place, &connection, self.page_cache_kib)?;
        Ok(connection)
    }

    /// Gives back what the system keeps of the file in memory for connections that are not at work now.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the writer is gone.
    pub(crate) async fn release(self: &Arc<Self>) -> Result<(), StoreError> {
        let database = Arc::clone(self);
        let readers = move || {
            database.readers.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(vault::release);
            Ok(())
        };
        blocking(&self.place.database, readers).await?;
        let writers = |content: &Connection| {
            vault::release(content);
            Ok::<_, StoreError>(())
        };
        self.write_again_then(writers, |_| ()).await
    }

    /// Gives the database another key, under which all is sealed from now on. It is kept safe already.
    pub(crate) fn turn(&self, key: DatabaseKey) -> Result<(), StoreError> {
        self.log.turn(key)?;
        // Connections that wait for a query still know the key before.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// Copies the whole log back and cuts it. `false`: somebody reads an older state.
    ///
    /// # Errors
    /// When the disk refuses.
    pub(crate) async fn truncate_log(&self) -> Result<bool, StoreError> {
        let log = Arc::clone(&self.log);
        blocking(&self.place.database, move || log.truncate()).await
    }

    /// The file itself, and the key of now, for who looks past SQLite.
    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Looks at the file itself, off the async threads.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Path, &DatabaseKey) -> Result<T, vault::VaultError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let log = Arc::clone(&self.log);
        blocking(&self.place.database, move || log.look(look)).await
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed(self.place.database.clone())
    }
}

fn check_mark(place: &Place, connection: &Connection, noted: u32) -> Result<(), StoreError> {
    let is = crate::anchor::mark_in(connection).map_err(|error| place.name_in(error))?;
    if is < noted {
        return Err(StoreError::OlderState { database: place.database.clone(), path: place.path.clone(), is, noted });
    }
    Ok(())
}

/// Writers that stand still between two commits, for as long as this is kept.
pub(crate) struct Barrier {
    _release: Vec<std::sync::mpsc::SyncSender<()>>,
}

impl Barrier {
    /// Waits until all of them do.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when a writer is gone, [`StoreError::Fault`] when one is at work for longer than `within`; then
    /// none of them waits any longer.
    pub(crate) async fn raise(databases: &[Arc<Database>], within: Duration) -> Result<Self, StoreError> {
        let (arrive, mut arrived) = mpsc::channel(databases.len().max(1));
        let mut release = Vec::with_capacity(databases.len());
        let all = async {
            for database in databases {
                let (of_database, released) = std::sync::mpsc::sync_channel::<()>(1);
                let arrive = arrive.clone();
                let wait = move |_: Result<(), StoreError>| {
                    // Whoever waits for all may have given up.
                    let _ = arrive.try_send(());
                    // An error: the barrier is gone.
                    let _ = released.recv();
                };
                release.push(of_database);
                database.write_again_then(|_| Ok(()), wait).await?;
            }
            for database in databases {
                arrived.recv().await.ok_or_else(|| database.closed())?;
            }
            Ok::<_, StoreError>(())
        };
        let late = || StoreError::Fault(String::from("a halt of all writers"));
        tokio::time::timeout(within, all).await.map_err(|_| late())??;
        Ok(Self { _release: release })
    }
}

fn configure(place: &Place, connection: &Connection, page_cache_kib: u32) -> Result<(), StoreError> {
    let configured = connection.pragma_update(None, "cache_size", -i64::from(page_cache_kib));
    configured.map_err(|failure| place.failed(failure))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

impl Drop for Database {
    /// Everything queued is committed first; the last connection folds the WAL back.
    fn drop(&mut self) {
        self.log.close();
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(database = self.place.database, "the writer thread panicked");
        }
    }
}

#[cfg(test)]
mod tests;
