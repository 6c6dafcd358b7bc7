//! Scrubbing (D3): everything that is stored is read in slow rounds, so that what a disk forgets is found while a backup still has it.
//! Here is one step at a time; who calls decides when. Where a round is, and what was found, survives restarts.

mod record;
mod step;
#[cfg(test)]
mod tests;

pub use record::{Found, Item, Scrub};
pub use step::ScrubStep;

use crate::blocking::blocking;
use crate::survey::check::StoredFile;
use crate::{Branch, Store, StoreError};
use std::sync::Arc;
use vault::{Examination, FileExamination, Mending, VaultError};

/// Where good copies are: the repositories of backups. Asked off the async threads.
pub trait Copies: Send + Sync {
    /// A page of a database as it was sealed at the last backup that has it.
    fn page(&self, database: &str, page: u32) -> Option<Vec<u8>>;
    /// Bytes of a stored file as it lies on the disk; `small`: of its small pictures.
    fn file(&self, company: &str, file: &str, small: bool, offset: u64, length: usize) -> Option<Vec<u8>>;
}

/// What became of something damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mended {
    /// It is whole again.
    Yes,
    /// It was whole meanwhile, or nobody needs it any more.
    NotNeeded,
    /// No backup has it.
    NoCopy,
    /// What a backup has is not known to be the version that was damaged, so that it would put an older state into a newer database:
    /// the database must be restored as a whole.
    OtherVersion,
    /// It cannot be mended piece by piece.
    Beyond,
}

impl Store {
    /// Mends what scrubbing found, from a good copy.
    ///
    /// # Errors
    /// When the disk refuses, or the database does not open.
    pub async fn mend(self: &Arc<Self>, found: &Found, copies: Arc<dyn Copies>) -> Result<Mended, StoreError> {
        match &found.item {
            Item::Page(page) => self.mend_page(&found.database, *page, copies).await,
            Item::Segment { file, small, number } => {
                let (store, company) = (Arc::clone(self), found.database.clone());
                let (file, small, number) = (file.clone(), *small, *number);
                let work = move || store.mend_segment(&company, (&file, small), number, copies.as_ref());
                blocking(&found.database, work).await
            }
            Item::Database | Item::Log | Item::File { .. } => Ok(Mended::Beyond),
        }
    }

    async fn mend_page(self: &Arc<Self>, name: &str, page: u32, copies: Arc<dyn Copies>) -> Result<Mended, StoreError> {
        let of = name.to_owned();
        let offered = tokio::task::spawn_blocking(move || copies.page(&of, page)).await;
        let Some(offered) = offered.unwrap_or(None) else { return Ok(Mended::NoCopy) };
        let database = self.database_of(&Branch::named(name)?).await?;
        let log = Arc::clone(database.log());
        // On the writer's thread, in a transaction: nobody commits meanwhile, so nothing newer can come into this place.
        let mend = move |_: &rusqlite::Connection| {
            log.look(|path, key| Examination::open(path, key).and_then(|(mut look, _)| look.mend(page, &offered)))
        };
        Ok(match database.write(mend).await? {
            Mending::Mended => Mended::Yes,
            Mending::Whole => Mended::NotNeeded,
            Mending::OtherVersion => Mended::OtherVersion,
            Mending::Foreign => Mended::NoCopy,
        })
    }

    fn mend_segment(
        &self,
        company: &str,
        (file, small): (&str, bool),
        number: u64,
        copies: &dyn Copies,
    ) -> Result<Mended, StoreError> {
        let survey = self.survey();
        let subject = survey.subject(company)?;
        let Some(stored) = StoredFile::find(&subject, file, small)? else { return Ok(Mended::NotNeeded) };
        let key = survey.key_of(&subject, &stored).map_err(StoreError::vault(company))?;
        let path = stored.path(self.folder(), company);
        let opened = match FileExamination::open(&path, &key, stored.plain) {
            Err(VaultError::NotAVaultFile { .. } | VaultError::FileTruncated { .. }) => {
                FileExamination::begin_anew(&path, &key, stored.plain)
            }
            opened => opened,
        };
        let mut look = opened.map_err(StoreError::vault(company))?;
        if number >= look.segments() || look.look(number).1.is_none() {
            return Ok(Mended::NotNeeded);
        }
        let (offset, length) = look.place(number);
        let Some(offered) = copies.file(company, file, small, offset, length) else { return Ok(Mended::NoCopy) };
        let mended = look.mend(number, &offered).map_err(StoreError::vault(company))?;
        Ok(if mended { Mended::Yes } else { Mended::NoCopy })
    }
}
