use crate::StoreError;
use crate::writer::{self, Change, Job};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
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

/// One open database file.
pub struct Database {
    name: String,
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    writer: Option<std::thread::JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
    reading: Semaphore,
    path: PathBuf,
    key: DatabaseKey,
    page_cache_kib: u32,
}

impl Database {
    /// Opens the file, brings its schema up to date and starts its writer.
    pub(crate) fn open(
        name: &str,
        path: &Path,
        key: DatabaseKey,
        steps: &[&str],
        settings: DatabaseSettings,
    ) -> Result<(Self, Recovery), StoreError> {
        let (connection, recovery) = vault::open(path, &key, Role::Writer).map_err(StoreError::vault(name))?;
        configure(&connection, settings.page_cache_kib)?;
        crate::migrate::migrate(name, &connection, steps)?;
        let (queue, jobs) = mpsc::channel(settings.queue_max.max(1));
        let thread_name = name.to_owned();
        let writer = std::thread::Builder::new()
            .name(String::from("store-writer"))
            .spawn(move || writer::run(&thread_name, &connection, jobs))
            .map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        let database = Self {
            name: name.to_owned(),
            queue: Some(queue),
            writer: Some(writer),
            readers: Mutex::new(Vec::new()),
            reading: Semaphore::new(settings.readers.max(1)),
            path: path.to_owned(),
            key,
            page_cache_kib: settings.page_cache_kib,
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
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // A caller that went away no longer wants the answer; the change stands.
        self.write_then(change, move |outcome| drop(answer.send(outcome))).await?;
        answered.await.map_err(|_| E::from(StoreError::Closed(self.name.clone())))?
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
        E: From<StoreError> + Send + 'static,
    {
        let closed = || StoreError::Closed(self.name.clone());
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        let job = Box::new(Change { change: Some(change), outcome: None, then });
        queue.send(job).await.map_err(|_| closed())
    }

    /// Runs a query on a read-only connection, off the async threads.
    ///
    /// # Errors
    /// The query's own error, or the store's when no connection could be had.
    pub async fn read<T, E, F>(self: &Arc<Self>, query: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _permit = self.reading.acquire().await.map_err(|_| E::from(StoreError::Closed(self.name.clone())))?;
        let database = Arc::clone(self);
        let fault = StoreError::Fault(self.name.clone());
        tokio::task::spawn_blocking(move || {
            let connection = database.take_reader()?;
            let answer = query(&connection);
            database.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        })
        .await
        .unwrap_or_else(|_| Err(E::from(fault)))
    }

    fn take_reader(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let (connection, _) =
            vault::open(&self.path, &self.key, Role::Reader).map_err(StoreError::vault(&self.name))?;
        configure(&connection, self.page_cache_kib)?;
        Ok(connection)
    }
}

fn configure(connection: &Connection, page_cache_kib: u32) -> Result<(), StoreError> {
    connection.pragma_update(None, "cache_size", -i64::from(page_cache_kib))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

impl Drop for Database {
    /// Everything queued is committed first; the last connection folds the WAL back.
    fn drop(&mut self) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(database = self.name, "the writer thread panicked");
        }
    }
}
