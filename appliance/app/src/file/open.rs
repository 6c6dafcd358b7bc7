use super::reading::Reading;
use super::{FileRefused, State, described, look};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, FileId};
use std::sync::Arc;
use store::{Connection, FileBytes, StoreError, file};

/// A file for reading.
pub struct Download {
    /// What is known of it.
    pub file: super::File,
    reading: Reading,
}

/// Works on the bytes of files, off the async threads.
pub(super) async fn on_disk<T, F>(app: &App, work: F) -> Result<T, AppError>
where
    F: FnOnce(&FileBytes) -> Result<T, StoreError> + Send + 'static,
    T: Send + 'static,
{
    let files = Arc::clone(app.store.files());
    let task = tokio::task::spawn_blocking(move || work(&files));
    let outcome = task.await.unwrap_or_else(|_| Err(StoreError::Fault(String::from("files"))));
    outcome.map_err(failed)
}

/// A disk without room is no fault of the box.
pub(super) fn failed(failure: StoreError) -> AppError {
    if failure.is_full_disk() { FileRefused::DiskFull.into() } else { AppError::Store(failure) }
}

/// Opens a file, for who may see it.
///
/// # Errors
/// [`AppError::NotFound`]; [`FileRefused`] where it is not passed on: not uploaded, held, refused.
pub async fn open(app: &App, caller: &Caller, id: &FileId) -> Result<Download, AppError> {
    let shared = look(app, caller, id).await?;
    open_of(app, &shared.company, id).await
}

/// Opens a file of a company; whoever calls has asked whether it may be seen.
pub(super) async fn open_of(app: &App, company: &CompanyId, id: &FileId) -> Result<Download, AppError> {
    let file = described(app, company, id).await?;
    match file.state {
        State::Clean => {}
        State::Announced => return Err(FileRefused::NotUploaded.into()),
        State::Held => return Err(FileRefused::Held.into()),
        State::Refused => return Err(FileRefused::Refused(file.finding.unwrap_or_default()).into()),
    }
    let of = id.clone();
    let read = move |c: &Connection| Ok::<_, AppError>(file::wrapped_key(c, &of)?);
    let wrapped = app.company(company).await?.read(read).await?.ok_or(AppError::NotFound(super::FILE))?;
    let wrapping = app.store.file_wrapping(company).await?;
    let key = wrapping.unwrap(id.as_str(), &wrapped)?;
    let (company, of) = (company.clone(), id.clone());
    let reader = on_disk(app, move |files| files.read(&company, &of, key)).await?;
    Ok(Download { file, reading: Reading::new(reader) })
}

impl Download {
    /// Its bytes alone.
    #[must_use]
    pub fn into_reading(self) -> Reading {
        self.reading
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.reading.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
