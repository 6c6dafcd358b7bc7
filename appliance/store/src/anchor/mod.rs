//! What shows that a database, or all of them, were put back to an older state (D3).
//!
//! Now and then, and at each clean end, every database that was changed since is given a mark: a number, one more each time, in page
//! 1 of its own (`application_id`). Then the marks of all databases are noted in one sealed file beside them, the anchor. A database
//! with a lesser mark than the anchor's is older than the anchor; one that was changed later has the same mark, or a greater one where
//! the power went before the anchor was written. What the anchor cannot show is its own age: that needs a number outside of all files.
//! So it notes the value that a counter in the TPM has once it stands (`judge`).

mod judge;
mod record;

pub use judge::{Judgement, Older};
pub use record::{Accepted, Anchor, Counted};

use crate::blocking::blocking;
use crate::survey::Survey;
use crate::{Database, Store, StoreError, companies};
use domain::ids::CompanyId;
use record::ANCHOR_FILE;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use vault::Vault;

/// The anchor of an open store.
pub(crate) struct Anchoring {
    record: Mutex<Anchor>,
    /// Companies that were closed with changes since their mark.
    closed: Mutex<BTreeSet<CompanyId>>,
    /// One who anchors at a time.
    turn: tokio::sync::Mutex<()>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Anchoring {
    pub(crate) fn load(data: &Path, vault: &Vault) -> Result<Self, StoreError> {
        let record = Mutex::new(Anchor::read(data, vault)?.unwrap_or_default());
        Ok(Self { record, closed: Mutex::default(), turn: tokio::sync::Mutex::default() })
    }

    /// The least mark that a database must have.
    pub(crate) fn mark_of(&self, database: &str) -> u32 {
        locked(&self.record).marks.get(database).copied().unwrap_or(0)
    }

    /// A company is closed with changes that no mark stands behind.
    pub(crate) fn closed_changed(&self, company: CompanyId) {
        locked(&self.closed).insert(company);
    }
}

impl Store {
    /// What is noted now.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        locked(&self.anchoring().record).clone()
    }

    /// Marks every database that was changed since its last mark, and notes the marks, with the value that the TPM's counter is to
    /// have from then on. Whether there was anything to note; that somebody begins to count is.
    ///
    /// # Errors
    /// When the anchor cannot be written: then the last one counts. A database that takes no mark now keeps its last one.
    pub async fn set_anchor(self: &Arc<Self>, now_ms: i64, counted: Option<Counted>) -> Result<bool, StoreError> {
        let _turn = self.anchoring().turn.lock().await;
        let mut record = self.anchor();
        record.number = record.number.saturating_add(1);
        let mut marked = 0;
        for (database, must) in self.to_be_marked().await {
            if !must && !database.is_changed() {
                continue;
            }
            match database.mark(record.number).await {
                Ok(()) => {
                    record.marks.insert(database.name().to_owned(), record.number);
                    marked += 1;
                }
                Err(failure) => tracing::warn!(database = database.name(), %failure, "a database could not be marked"),
            }
        }
        // The first count is noted by itself: nothing needs to have changed.
        let begins = counted.as_ref().is_some_and(|counted| {
            record.counter.as_ref().is_none_or(|noted| noted.value == 0 || noted.machine != counted.machine)
        });
        if marked == 0 && !begins {
            return Ok(false);
        }
        let known = self.directory().read(companies::ids).await?;
        let known: BTreeSet<&str> = known.iter().map(CompanyId::as_str).collect();
        record.marks.retain(|name, _| name == crate::store::DIRECTORY || known.contains(name.as_str()));
        record.made_ms = now_ms;
        record.counter = counted.or(record.counter);
        let (store, written) = (Arc::clone(self), record.clone());
        blocking(ANCHOR_FILE, move || written.write(store.folder(), &store.vault())).await?;
        *locked(&self.anchoring().record) = record;
        Ok(true)
    }

    /// All open databases; and, opened again, those that were closed with changes, which must be marked.
    async fn to_be_marked(self: &Arc<Self>) -> Vec<(Arc<Database>, bool)> {
        let closed = std::mem::take(&mut *locked(&self.anchoring().closed));
        let mut found: Vec<(Arc<Database>, bool)> = self.open_now().into_iter().map(|open| (open, false)).collect();
        for id in closed {
            // One that does not open is told to whoever asks for it.
            if let Ok(database) = self.company(&id).await {
                found.push((database, true));
            }
        }
        found
    }
}

impl Survey<'_> {
    /// Takes the databases as they are now for the newest there are, older or not: a new anchor says so, and keeps that it was
    /// accepted, when and why. What was older is told.
    ///
    /// # Errors
    /// When the directory does not open, or the anchor cannot be written.
    pub fn accept(&self, now_ms: i64, counted: Option<Counted>, why: &str) -> Result<Vec<String>, StoreError> {
        let before = match Anchor::read(self.folder(), &self.vault()) {
            Ok(before) => before.unwrap_or_default(),
            Err(StoreError::Anchor { .. }) => Anchor::default(),
            Err(failure) => return Err(failure),
        };
        let mut record = Anchor { counter: counted, made_ms: now_ms, ..before.clone() };
        let mut older = Vec::new();
        record.marks.clear();
        for (name, mark) in self.marks()? {
            let expected = before.marks.get(&name).copied().unwrap_or(0);
            if mark < expected {
                older.push(format!("{name}: mark {mark}, where {expected} was noted"));
            }
            record.number = record.number.max(mark);
            record.marks.insert(name, mark);
        }
        record.accept(Accepted { at_ms: now_ms, why: why.to_owned(), older: older.clone() });
        record.write(self.folder(), &self.vault())?;
        Ok(older)
    }

    /// The mark of every database that opens.
    ///
    /// # Errors
    /// When the directory does not open.
    fn marks(&self) -> Result<Vec<(String, u32)>, StoreError> {
        let directory = self.directory();
        let connection = directory.reader()?;
        let mut marks = vec![(directory.place.database.clone(), mark_in(&connection)?)];
        for id in self.ids_after(&directory, &connection, None)? {
            let Ok(company) = self.company(&directory, &connection, &id)? else { continue };
            if let Ok(mark) = company.reader().and_then(|connection| mark_in(&connection)) {
                marks.push((id.to_string(), mark));
            }
        }
        Ok(marks)
    }
}

/// The mark of an open database.
pub(crate) fn mark_in(connection: &rusqlite::Connection) -> Result<u32, StoreError> {
    let mark: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(u32::try_from(mark).unwrap_or(0))
}
