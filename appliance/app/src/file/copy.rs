use super::announce::{enter, may_share_now, room_on_disk};
use super::open::on_disk;
use super::thumbnail::is_wanted;
use super::{FilePage, Picture, open};
use crate::{App, AppError, Caller};
use domain::file::State;
use domain::ids::FileId;
use store::{Connection, FileKey, SealedReader, SealedWriter, VaultError, file, file_grant, thumbnail};

/// Copies a file that the caller sees among his own. It was scanned already.
///
/// # Errors
/// As [`open`]; no room for it.
pub async fn copy(app: &App, caller: &Caller, id: &FileId) -> Result<FilePage, AppError> {
    may_share_now(app, caller).await?;
    let from = open(app, caller, id).await?;
    room_on_disk(app, from.len()).await?;
    let now_ms = app.clock.now_ms();
    let copied = file::File {
        id: FileId::random(app.rng.as_ref()),
        owner: caller.user.clone(),
        // Held while it is written: a cut leaves nothing that anybody takes for a file.
        state: State::Held,
        announced_ms: now_ms,
        uploaded_ms: Some(now_ms),
        thumbnails: None,
        ..from.file.clone()
    };
    enter(app, caller, &copied).await?;
    let key = FileKey::generate().map_err(|e| AppError::Store(e.into()))?;
    let wrapping = app.store.file_wrapping(&caller.company).await?;
    let kept = key.clone();
    let (id, company, reader) = (copied.id.clone(), caller.company.clone(), from.into_reading().into_reader());
    let written = on_disk(app, move |files| {
        let outcome = files.receive(&id, key).and_then(|to| Ok(write(reader, to)?));
        outcome.and_then(|()| files.publish(&company, &id)).inspect_err(|_| drop(files.discard(&id)))
    });
    let outcome = written.await;
    let (id, row_id) = (copied.id.clone(), copied.id.clone());
    if let Err(failure) = outcome {
        app.company(&caller.company).await?.write(move |c| Ok::<_, AppError>(file::delete(c, &id)?)).await?;
        return Err(failure);
    }
    let picture = is_wanted(&copied.kind, copied.size_bytes);
    let clean = move |c: &Connection| {
        file::set_clean(c, &row_id, &wrapping.wrap(&kept, row_id.as_str())?)?;
        if picture {
            thumbnail::want(c, &row_id, now_ms)?;
        }
        Ok::<_, AppError>(())
    };
    app.company(&caller.company).await?.write(clean).await?;
    let (id, company, owner) = (copied.id.clone(), caller.company.clone(), caller.user.clone());
    app.store.directory().write(move |c| Ok::<_, AppError>(file_grant::insert(c, &id, &company, &owner)?)).await?;
    if picture {
        app.files.pictures.enter(Picture { id: copied.id.clone(), company: caller.company.clone() });
    }
    Ok(FilePage { file: file::File { state: State::Clean, ..copied }, grants: Vec::new() })
}

fn write(mut from: SealedReader, mut to: SealedWriter) -> Result<(), VaultError> {
    let mut at = 0;
    while at < from.len() {
        let bytes = from.read_at(at)?;
        to.append(bytes)?;
        at = to.len();
    }
    to.finish().map(drop)
}
