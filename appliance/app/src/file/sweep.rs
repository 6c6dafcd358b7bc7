use super::open::on_disk;
use super::remove::erase;
use super::scan::refuse;
use super::tell;
use super::thumbnail::{enter_more, enter_wanted};
use crate::live::NoticeAction;
use crate::{App, AppError};
use domain::company::CompanyKind;
use domain::ids::CompanyId;
use std::sync::Weak;
use std::time::Duration;
use store::person::PersonNo;
use store::{Connection, StoreError, file, file_grant};

/// How often that is looked for.
const EVERY: Duration = Duration::from_secs(60);
/// An announced file whose bytes have not come by then is forgotten; one that was not scanned by then is refused (C6).
const PATIENCE_MS: i64 = 24 * 3600 * 1000;
/// An upload of which nothing comes for so long is begun anew.
const IDLE_MS: i64 = 3600 * 1000;
/// Files of a company that are looked at in one go.
const AT_ONCE: u32 = 100;
/// How long files of a deleted account that belong to nobody else stay (D4).
const LEFT_FOR_MS: i64 = 30 * 24 * 3600 * 1000;

/// After the start, for each company: what an earlier end left half done is taken back, a few files at a time. Nothing of this
/// start is touched.
pub(crate) async fn tidy(app: &App, company: &CompanyId, started_ms: i64) -> Result<(), AppError> {
    give_back_held(app, company, started_ms).await?;
    finish_removals(app, company).await?;
    forget_unseen(app, company, started_ms).await?;
    enter_wanted(app, company).await
}

/// What was held went with its key, but for bytes that were moved into the company's folder just before the end.
async fn give_back_held(app: &App, company: &CompanyId, started_ms: i64) -> Result<(), AppError> {
    let database = app.company(company).await?;
    let mut files = 0;
    loop {
        let read = move |c: &Connection| Ok::<_, AppError>(file::held_before(c, started_ms, AT_ONCE)?);
        let held = database.read(read).await?;
        if held.is_empty() {
            break;
        }
        files += held.len();
        let (of, bytes_of) = (company.clone(), held.clone());
        on_disk(app, move |files| bytes_of.iter().try_for_each(|id| files.remove(&of, id))).await?;
        let give_back = move |c: &Connection| held.iter().try_for_each(|id| Ok::<_, AppError>(file::give_back(c, id)?));
        database.write(give_back).await?;
    }
    if files > 0 {
        tracing::info!(%company, files, "files that waited for the virus scan have to be uploaded again");
    }
    Ok(())
}

/// What was being deleted.
async fn finish_removals(app: &App, company: &CompanyId) -> Result<(), AppError> {
    loop {
        let of = company.clone();
        let read = move |c: &Connection| Ok::<_, AppError>(file_grant::gone(c, &of, AT_ONCE)?);
        let gone = app.store.directory().read(read).await?;
        if gone.is_empty() {
            return Ok(());
        }
        for id in gone {
            erase(app, company, &id).await?;
        }
    }
}

/// What was being announced, and what nobody was told of.
async fn forget_unseen(app: &App, company: &CompanyId, started_ms: i64) -> Result<(), AppError> {
    let mut after = file::Place::default();
    loop {
        let read = move |c: &Connection| Ok::<_, AppError>(file::unfinished(c, started_ms, &after, AT_ONCE)?);
        let some = app.company(company).await?.read(read).await?;
        let Some((last, _)) = some.last() else { return Ok(()) };
        after = *last;
        let unseen = move |c: &Connection| {
            let mut unseen = Vec::new();
            for (_, id) in some {
                if file_grant::find(c, &id)?.is_none() {
                    unseen.push(id);
                }
            }
            Ok::<_, AppError>(unseen)
        };
        for id in app.store.directory().read(unseen).await? {
            erase(app, company, &id).await?;
        }
    }
}

/// From now on: uploads that nobody goes on with are begun anew, what is never scanned is refused.
pub(crate) async fn sweep(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if let Err(failure) = look_after(&app).await {
            tracing::error!(%failure, "files on their way could not be looked at");
        }
    }
}

/// One round of what is done every minute.
///
/// # Errors
/// When disk or databases refuse.
pub async fn look_after(app: &App) -> Result<(), AppError> {
    let now_ms = app.clock.now_ms();
    for id in app.files.take_idle(now_ms - IDLE_MS) {
        on_disk(app, move |files| files.discard(&id)).await?;
    }
    for id in app.files.held_since(now_ms - PATIENCE_MS) {
        if let Some(scan) = app.files.held(&id) {
            refuse(app, &scan, String::from("it was not scanned within 24 hours")).await?;
        }
    }
    enter_more(app).await?;
    erase_left(app, now_ms).await
}

/// In the change that deletes an account: its files are its company's from now on, and those of a standalone account go in time (D4).
pub(crate) fn leave(content: &Connection, owner: PersonNo, kind: CompanyKind, now_ms: i64) -> Result<(), StoreError> {
    if kind == CompanyKind::Default {
        file::set_due(content, owner, now_ms.saturating_add(LEFT_FOR_MS))
    } else {
        Ok(())
    }
}

async fn erase_left(app: &App, now_ms: i64) -> Result<(), AppError> {
    let standalone: Vec<CompanyId> = {
        let relations = app.relations();
        relations
            .companies()
            .filter(|(_, facts)| facts.kind == CompanyKind::Default)
            .map(|(id, _)| id.clone())
            .collect()
    };
    for company in standalone {
        let read = move |c: &Connection| Ok::<_, AppError>(file::due(c, now_ms, AT_ONCE)?);
        let due = app.company(&company).await?.read(read).await?;
        if due.is_empty() {
            continue;
        }
        for id in due {
            let of = id.clone();
            let read = move |c: &Connection| Ok::<_, AppError>(file_grant::find(c, &of)?);
            let shared = app.store.directory().read(read).await?;
            erase(app, &company, &id).await?;
            if let Some(shared) = shared {
                tell::changed(app, &id, &shared.access, NoticeAction::Delete);
            }
        }
        let forget = move |c: &Connection| Ok::<_, AppError>(file::forget_due(c, now_ms)?);
        app.company(&company).await?.write(forget).await?;
    }
    Ok(())
}

/// Before somebody of a company announces a file: those that never came are forgotten.
pub(super) async fn forget_unfinished(app: &App, company: &CompanyId) -> Result<(), AppError> {
    let before_ms = app.clock.now_ms() - PATIENCE_MS;
    let first = file::Place::default();
    let read = move |c: &Connection| Ok::<_, AppError>(file::unfinished(c, before_ms, &first, AT_ONCE)?);
    for (_, id) in app.company(company).await?.read(read).await? {
        erase(app, company, &id).await?;
    }
    Ok(())
}
