//! Files of standard clients (XEP-0363): a place to put one, and the address at which whoever is told it gets it.

use super::announce::{New, announce};
use super::finish::finish_of;
use super::link::{said, signed};
use super::open::open_of;
use super::receive::receive_of;
use super::{Download, FILE, FilePage, Part, Receiving, described};
use crate::{App, AppError, Caller};
use domain::ids::FileId;
use std::sync::Arc;
use std::time::Duration;
use store::file_grant::{self, SharedFile};

/// How long the end of an upload waits for the scanner: a client has no other way to hear of it.
const SCANNED_WITHIN: Duration = Duration::from_secs(25);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What a token is for: it leads to nothing else.
const PUT: &str = "put";
const GET: &str = "get";

/// Where to put a file, and where it is had. Who has the latter has the file.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Stands in the address to put it.
    pub put: String,
    /// Stands in the address to get it.
    pub get: String,
}

/// Announces a file of a standard client.
///
/// # Errors
/// As [`announce`].
pub async fn slot(app: &App, caller: &Caller, name: String, size_bytes: u64) -> Result<Slot, AppError> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_owned();
    let page = announce(app, caller, New { name, extension, size_bytes, viewers: Vec::new() }).await?;
    let token = |purpose: &str| signed(app, format!("{}.{purpose}", page.file.id));
    Ok(Slot { put: token(PUT), get: token(GET) })
}

/// Largest file, in bytes; `None`: none are taken.
#[must_use]
pub fn size_limit_bytes(app: &App) -> Option<u64> {
    app.settings.files.as_ref().filter(|_| app.files.scanner_is_there()).map(|settings| settings.size_limit_bytes)
}

async fn meant(app: &App, token: &str, purpose: &str) -> Result<(FileId, SharedFile), AppError> {
    let id = said(app, token).and_then(|said| said.split_once('.')).filter(|(_, of)| *of == purpose);
    let id = id.and_then(|(id, _)| FileId::parse(id).ok()).ok_or(AppError::NotFound(FILE))?;
    let of = id.clone();
    let found = app.store.directory().read(move |c| Ok::<_, AppError>(file_grant::find(c, &of)?)).await?;
    Ok((id, found.ok_or(AppError::NotFound(FILE))?))
}

/// Begins to receive what is put into a slot: all of it, in one go.
///
/// # Errors
/// [`AppError::NotFound`] for a token that was not made here; as [`super::receive`].
pub async fn receive_in_slot(app: &App, token: &str) -> Result<Receiving, AppError> {
    let (id, shared) = meant(app, token, PUT).await?;
    receive_of(app, &shared, &id, Part::Whole).await
}

/// Ends what was put into a slot, and waits for the scanner as long as clients wait for an answer.
///
/// # Errors
/// As [`super::finish`].
pub async fn finish_slot(app: &Arc<App>, token: &str) -> Result<FilePage, AppError> {
    let (id, shared) = meant(app, token, PUT).await?;
    let (company, page) = (shared.company.clone(), finish_of(app, shared, &id).await?);
    let judged = async {
        while app.files.held(&id).is_some() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    // Whatever has come of it by then is told.
    let _ = tokio::time::timeout(SCANNED_WITHIN, judged).await;
    Ok(FilePage { file: described(app, &company, &id).await?, grants: page.grants })
}

/// Opens the file of a slot, for whoever was told its address.
///
/// # Errors
/// [`AppError::NotFound`] for a token that was not made here, or a file that is gone; as [`super::open`].
pub async fn open_slot(app: &App, token: &str) -> Result<Download, AppError> {
    let (id, shared) = meant(app, token, GET).await?;
    open_of(app, &shared.company, &id).await
}
