use super::open::on_disk;
use super::remove::erase;
use super::scan::refuse;
use crate::{App, AppError};
use domain::ids::{CompanyId, FileId};
use std::collections::HashSet;
use std::sync::Weak;
use std::time::Duration;
use store::{Connection, file, file_grant};

/// How often that is looked for.
const EVERY: Duration = Duration::from_secs(60);
/// An announced file whose bytes have not come by then is forgotten; one that was not scanned by then is refused (C6).
const PATIENCE_MS: i64 = 24 * 3600 * 1000;
/// An upload of which nothing comes for so long is begun anew.
const IDLE_MS: i64 = 3600 * 1000;
/// Announced files of a company that are forgotten in one round.
const AT_ONCE: u32 = 100;

/// After the start, for each company: what an earlier end left half done is taken back. Nothing of this start is touched.
pub(crate) async fn tidy(app: &App, company: &CompanyId, started_ms: i64) -> Result<(), AppError> {
    let database = app.company(company).await?;
    let given_back = database.write(move |c| Ok::<_, AppError>(file::give_back_held(c, started_ms)?)).await?;
    if given_back > 0 {
        tracing::info!(%company, files = given_back, "files that waited for the virus scan have to be uploaded again");
    }
    let rows = database.read(|c| Ok::<_, AppError>(file::all(c, u32::MAX, 0)?)).await?;
    let earlier: Vec<FileId> = rows.into_iter().filter(|f| f.announced_ms < started_ms).map(|f| f.id).collect();
    let unseen = move |c: &Connection| {
        let seen = |id: &FileId| file_grant::find(c, id).map(|found| found.is_some());
        let unseen = earlier.into_iter().filter_map(|id| match seen(&id) {
            Ok(true) => None,
            Ok(false) => Some(Ok(id)),
            Err(e) => Some(Err(e)),
        });
        Ok::<_, AppError>(unseen.collect::<Result<Vec<_>, _>>()?)
    };
    for id in app.store.directory().read(unseen).await? {
        erase(app, company, &id).await?;
    }
    let of = company.clone();
    let stored = on_disk(app, move |files| files.stored(&of)).await?;
    let clean = database.read(|c| Ok::<_, AppError>(file::clean(c)?)).await?;
    let known: HashSet<FileId> = clean.into_iter().collect();
    for id in stored.into_iter().filter(|id| !known.contains(id) && app.files.held(id).is_none()) {
        let of = company.clone();
        on_disk(app, move |files| files.remove(&of, &id)).await?;
    }
    Ok(())
}

/// From now on: uploads that nobody goes on with are begun anew, what is never scanned is refused.
pub(crate) async fn sweep(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if let Err(failure) = once(&app).await {
            tracing::error!(%failure, "files on their way could not be looked at");
        }
    }
}

async fn once(app: &App) -> Result<(), AppError> {
    let now_ms = app.clock.now_ms();
    for id in app.files.idle_since(now_ms - IDLE_MS) {
        app.files.forget_upload(&id);
        on_disk(app, move |files| files.discard(&id)).await?;
    }
    for id in app.files.held_since(now_ms - PATIENCE_MS) {
        if let Some(scan) = app.files.held(&id) {
            refuse(app, &scan, String::from("it was not scanned within 24 hours")).await?;
        }
    }
    Ok(())
}

/// Before somebody of a company announces a file: those that never came are forgotten.
pub(super) async fn forget_unfinished(app: &App, company: &CompanyId) -> Result<(), AppError> {
    let before_ms = app.clock.now_ms() - PATIENCE_MS;
    let read = move |c: &Connection| Ok::<_, AppError>(file::unfinished(c, before_ms, AT_ONCE)?);
    for id in app.company(company).await?.read(read).await? {
        erase(app, company, &id).await?;
    }
    Ok(())
}
