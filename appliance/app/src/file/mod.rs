//! Shared files (C6): announced, received in parts, held for the virus scanner, passed on, deleted.
//!
//! Until a file is found clean its key is in memory alone, and nobody gets a byte of it. What it is called stands in the
//! file of its owner's company, who may see it in the directory, its bytes in a sealed file of their own.

mod announce;
mod checksum;
mod copy;
mod desk;
mod finish;
mod hand_over;
mod link;
mod list;
mod open;
mod reading;
mod receive;
mod refused;
mod remove;
mod scan;
mod share;
mod slot;
mod sweep;
mod tell;
mod thumbnail;

pub use announce::{New, announce};
pub use copy::copy;
pub(crate) use desk::Desk;
pub use desk::FileSettings;
pub use domain::file::{Grant, State, Viewer};
pub use finish::finish;
pub use hand_over::hand_over;
pub use link::{Link, follow, link};
pub use list::{Consumption, Filter, Order, consumption, find, list, of_company, received};
pub use open::{Download, open};
pub use reading::Reading;
pub use receive::{Part, Progress, Receiving, progress, receive};
pub use refused::FileRefused;
pub use remove::remove;
pub use scan::{Scan, Standing, Verdict, judge, note_scanner, scans, standing};
pub use share::{add_viewer, remove_viewer};
pub use slot::{Slot, finish_slot, open_slot, receive_in_slot, size_limit_bytes, slot};
pub use store::Piece;
pub use store::file::File;
pub use store::thumbnail::{Made, Sized, Thumbnails};
pub use sweep::look_after;
pub(crate) use sweep::{leave, sweep, tidy};
pub(crate) use tell::changed;
pub use thumbnail::{Picture, Side, SmallPicture, do_without, keep, pictures, thumbnail};

use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, FileId};
use domain::rights::{Area, Right};
use store::file_grant::{self, SharedFile};
use store::{Connection, file};

/// How large parts are that clients are told to send and to ask for, in bytes.
///
/// # Errors
/// [`FileRefused::Off`] where no files are shared.
pub fn chunk_bytes(app: &App, caller: &Caller) -> Result<u32, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    Ok(settings(app)?.chunk_bytes)
}

/// What is set about files, where they are shared.
fn settings(app: &App) -> Result<&FileSettings, FileRefused> {
    app.settings.files.as_ref().ok_or(FileRefused::Off)
}

/// What is not found where a file was looked for.
const FILE: &str = "file";

/// A file as who sees it may see it.
#[derive(Debug, Clone)]
pub struct FilePage {
    /// What is known of it.
    pub file: File,
    /// Who else may see it.
    pub grants: Vec<Grant>,
}

/// Where a file is described and who may see it, for who sees it.
async fn look(app: &App, caller: &Caller, id: &FileId) -> Result<SharedFile, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let of = id.clone();
    let found = app.store.directory().read(move |c| Ok::<_, AppError>(file_grant::find(c, &of)?)).await?;
    let seen = |shared: &SharedFile| shared.access.is_seen_by(&caller.user, &app.relations());
    found.filter(seen).ok_or(AppError::NotFound(FILE))
}

/// The same for who has it: others who see it may not.
async fn own(app: &App, caller: &Caller, id: &FileId) -> Result<SharedFile, AppError> {
    let shared = look(app, caller, id).await?;
    if shared.access.owner == caller.user { Ok(shared) } else { Err(AppError::Forbidden) }
}

/// The same for who decides over it: who has it, and of somebody whose account is deleted the administrators of his company,
/// to which it belongs (D4).
async fn decided_by(app: &App, caller: &Caller, id: &FileId) -> Result<SharedFile, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let of = id.clone();
    let found = app.store.directory().read(move |c| Ok::<_, AppError>(file_grant::find(c, &of)?)).await?;
    if let Some(shared) = found {
        let is_left = app.relations().member(&shared.access.owner).is_none();
        if is_left && app.permit(caller, Right::In(Area::CompanyAndMembers), &shared.company).is_ok() {
            return Ok(shared);
        }
    }
    own(app, caller, id).await
}

/// What is known of a file.
async fn described(app: &App, company: &CompanyId, id: &FileId) -> Result<File, AppError> {
    let of = id.clone();
    let read = move |c: &Connection| Ok::<_, AppError>(file::find(c, &of)?);
    app.company(company).await?.read(read).await?.ok_or(AppError::NotFound(FILE))
}
