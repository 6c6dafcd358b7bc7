use super::desk::Received;
use super::open::on_disk;
use super::thumbnail::is_wanted;
use super::{FilePage, FileRefused, Progress, Scan, described, own, tell};
use crate::{App, AppError, Caller};
use domain::file::{State, kind};
use domain::ids::FileId;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::file_grant::SharedFile;
use store::{Connection, file};

/// Rainbow's SDK waits 30 s for the end of the scan and then calls the upload failed, so it is told something before.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);

/// Ends an upload of which all parts have come: the file is held for the scanner from now on.
///
/// # Errors
/// As [`super::receive`]; fewer bytes than were announced: what has come is kept, and may be gone on with.
pub async fn finish(app: &Arc<App>, caller: &Caller, id: &FileId) -> Result<FilePage, AppError> {
    finish_of(app, own(app, caller, id).await?, id).await
}

/// The same of a file of which whoever calls has asked whether it may come.
pub(super) async fn finish_of(app: &Arc<App>, shared: SharedFile, id: &FileId) -> Result<FilePage, AppError> {
    let mut file = described(app, &shared.company, id).await?;
    let (owner, grants) = (shared.access.owner, shared.access.grants);
    if matches!(file.state, State::Held | State::Clean) {
        // The client did not hear the answer and asks again.
        return Ok(FilePage { file, grants });
    }
    let upload = app.files.upload(id).ok_or(FileRefused::NotUploaded)?;
    let mut received = upload.received.lock().await;
    let place = app.files.place_in_queue()?;
    let taken = complete(&mut received, file.size_bytes)?;
    let kind = kind(&taken.head, &file.extension);
    let (writer, key) = taken.writer.zip(taken.key).ok_or(FileRefused::NotUploaded)?;
    let written = on_disk(app, move |_| Ok(writer.finish().map(drop)?)).await;
    let md5 = taken.md5.finish();
    app.files.forget_upload(id);
    if let Err(failure) = written {
        // Nothing can be added to it any more: it is uploaded anew.
        let of = id.clone();
        on_disk(app, move |files| files.discard(&of)).await?;
        return Err(failure);
    }
    let (of, sum, now_ms) = (id.clone(), md5.clone(), app.clock.now_ms());
    let hold = move |c: &Connection| Ok::<_, AppError>(file::set_held(c, &of, (kind, sum.as_deref()), now_ms)?);
    if !app.company(&shared.company).await?.write(hold).await? {
        // Deleted in this moment: whoever deleted it has removed what was there, or we do.
        on_disk(app, {
            let of = id.clone();
            move |files| files.discard(&of)
        })
        .await?;
        return Err(AppError::NotFound(super::FILE));
    }
    let picture = is_wanted(kind, file.size_bytes);
    let scan = Scan { id: id.clone(), company: shared.company, owner, key, held_ms: now_ms, picture };
    app.files.hold(scan.clone());
    place.send(scan);
    tokio::spawn(answer_in_time(Arc::downgrade(app), id.clone()));
    (file.state, file.kind, file.md5, file.uploaded_ms) = (State::Held, kind.to_owned(), md5, Some(now_ms));
    Ok(FilePage { file, grants })
}

/// All that was received, if it is all.
fn complete(received: &mut Received, announced_bytes: u64) -> Result<Received, AppError> {
    let Progress { next_part, received_bytes } = received.progress();
    if !received.whole {
        return Err(FileRefused::OutOfOrder { next: next_part, received_bytes }.into());
    }
    if received_bytes != announced_bytes {
        return Err(FileRefused::WrongSize { announced_bytes, received_bytes }.into());
    }
    Ok(std::mem::take(received))
}

/// Tells the uploader that his file is not passed on, if nobody knows more by then. When it is found clean after all, he is
/// told that.
async fn answer_in_time(app: Weak<App>, id: FileId) {
    tokio::time::sleep(ANSWER_WITHIN).await;
    let Some(app) = app.upgrade() else { return };
    if let Some(scan) = app.files.held(&id) {
        tell::scanned(&app, &scan.owner, &id, false);
    }
}
