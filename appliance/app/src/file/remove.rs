use super::open::on_disk;
use super::{decided_by, tell};
use crate::freeing::freeing;
use crate::live::NoticeAction;
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, FileId};
use store::{Connection, file, file_grant};

/// Deletes a file everywhere: for all who saw it, its key, its bytes (C8).
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Forbidden`] for a file of another whose account is not deleted.
pub async fn remove(app: &App, caller: &Caller, id: &FileId) -> Result<(), AppError> {
    let shared = decided_by(app, caller, id).await?;
    erase(app, &shared.company, id).await?;
    tell::changed(app, id, &shared.access, NoticeAction::Delete);
    Ok(())
}

/// First nobody sees it, then its key goes, then its bytes. What a cut leaves is finished at the next start.
pub(super) async fn erase(app: &App, company: &CompanyId, id: &FileId) -> Result<(), AppError> {
    freeing(app, || steps(app, company, id)).await
}

async fn steps(app: &App, company: &CompanyId, id: &FileId) -> Result<(), AppError> {
    let (of, home) = (id.clone(), company.clone());
    let hide = move |c: &Connection| Ok::<_, AppError>(file_grant::remove(c, &home, &of)?);
    app.store.directory().write(hide).await?;
    app.files.forget_upload(id);
    app.files.release(id);
    let of = id.clone();
    let delete = move |c: &Connection| Ok::<_, AppError>(file::delete(c, &of)?);
    app.company(company).await?.write(delete).await?;
    let (company, of) = (company.clone(), id.clone());
    on_disk(app, move |files| files.discard(&of).and(files.remove(&company, &of))).await?;
    let of = id.clone();
    app.store.directory().write(move |c| Ok::<_, AppError>(file_grant::forget_gone(c, &of)?)).await
}
