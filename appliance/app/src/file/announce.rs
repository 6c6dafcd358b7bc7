use super::sweep::forget_unfinished;
use super::{FilePage, FileRefused, Grant, Viewer, settings};
use crate::{App, AppError, Caller};
use domain::file::{State, VIEWERS_MAX, is_extension, is_name, kind, may_share};
use domain::ids::FileId;
use domain::rights::Right;
use store::{Connection, file, file_grant};

/// Files of one person.
pub(super) const FILES_MAX: u64 = 10_000;

/// A file about to be uploaded.
#[derive(Debug, Clone)]
pub struct New {
    /// What it is called.
    pub name: String,
    /// The end of its name; may be empty.
    pub extension: String,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Whom it is for.
    pub viewers: Vec<Viewer>,
}

/// Announces a file: its bytes may come from now on, by its owner.
///
/// # Errors
/// A name that can be none, viewers whom the caller does not reach, no room: in the quota or on the disk.
pub async fn announce(app: &App, caller: &Caller, new: New) -> Result<FilePage, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    check(app, caller, &new)?;
    may_share_now(app, caller).await?;
    forget_unfinished(app, &caller.company).await?;
    room_on_disk(app, new.size_bytes).await?;
    let now_ms = app.clock.now_ms();
    let file = file::File {
        id: FileId::random(app.rng.as_ref()),
        owner: caller.user.clone(),
        kind: kind(&[], &new.extension).to_owned(),
        name: new.name,
        extension: new.extension,
        size_bytes: new.size_bytes,
        state: State::Announced,
        finding: None,
        announced_ms: now_ms,
        uploaded_ms: None,
        md5: None,
        thumbnails: None,
    };
    enter(app, caller, &file).await?;
    let grants: Vec<Grant> = new.viewers.into_iter().map(|viewer| Grant { viewer, at_ms: now_ms }).collect();
    let (id, company, owner, to) = (file.id.clone(), caller.company.clone(), caller.user.clone(), grants.clone());
    // What a cut before this leaves is a row that nobody sees; it is removed at the next start.
    let share = move |c: &Connection| {
        file_grant::insert(c, &id, &company, &owner)?;
        to.iter().try_for_each(|grant| file_grant::add_viewer(c, &id, &grant.viewer, now_ms))?;
        Ok::<_, AppError>(())
    };
    app.store.directory().write(share).await?;
    Ok(FilePage { file, grants })
}

fn check(app: &App, caller: &Caller, new: &New) -> Result<(), AppError> {
    let limits = settings(app)?;
    if !app.files.scanner_is_there() {
        return Err(FileRefused::NoScanner.into());
    }
    if !is_name(&new.name) {
        return Err(AppError::invalid("fileName", "expected 1 to 255 characters: no path, no control characters"));
    }
    if !is_extension(&new.extension) {
        return Err(AppError::invalid("extension", "expected at most 32 characters, or none"));
    }
    if new.size_bytes > limits.size_limit_bytes {
        return Err(FileRefused::TooLarge { limit_bytes: limits.size_limit_bytes }.into());
    }
    if new.viewers.len() > VIEWERS_MAX {
        return Err(AppError::invalid("viewers", format!("at most {VIEWERS_MAX}")));
    }
    let relations = app.relations();
    let reached = |viewer: &Viewer| may_share(&caller.user, viewer, &relations);
    if new.viewers.iter().all(reached) { Ok(()) } else { Err(AppError::NotFound("viewer")) }
}

/// Whether the caller's administrators let him share files (C7). What was shared before stays.
pub(super) async fn may_share_now(app: &App, caller: &Caller) -> Result<(), AppError> {
    let no = caller.no;
    let read = move |c: &Connection| Ok::<_, AppError>(file::may_share(c, no)?);
    let may = app.company(&caller.company).await?.read(read).await?;
    if may && app.settings.files.is_some() { Ok(()) } else { Err(FileRefused::Off.into()) }
}

/// The owner's row, as long as his quota has room for it.
pub(super) async fn enter(app: &App, caller: &Caller, new: &file::File) -> Result<(), AppError> {
    let quota_bytes = settings(app)?.quota_bytes;
    let (no, row) = (caller.no, new.clone());
    let enter = move |c: &Connection| {
        let (files, used) = file::consumption(c, no)?;
        if files >= FILES_MAX {
            let max = usize::try_from(FILES_MAX).unwrap_or(usize::MAX);
            return Err(FileRefused::TooMany { what: "files of one person", max }.into());
        }
        let left_bytes = quota_bytes.saturating_sub(used);
        if row.size_bytes > left_bytes {
            return Err(FileRefused::QuotaFull { quota_bytes, left_bytes }.into());
        }
        Ok::<_, AppError>(file::insert(c, no, &row)?)
    };
    app.company(&caller.company).await?.write(enter).await
}

/// Files never take the last of the disk: messages need it more.
pub(super) async fn room_on_disk(app: &App, size_bytes: u64) -> Result<(), AppError> {
    let reserve_bytes = settings(app)?.reserve_bytes;
    super::open::on_disk(app, move |files| files.room_for(store::sealed_len(size_bytes), reserve_bytes)).await
}
