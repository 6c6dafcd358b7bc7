use super::{PIN, Pin, list, of};
use crate::conversation::{Peer, named};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, PinId};
use store::{Connection, pin};

/// Pins of one person in one conversation.
const PINS_MAX: usize = 100;

/// Pins a message of a conversation; one that is pinned already stays as it is.
///
/// # Errors
/// [`AppError::NotFound`] when the caller reads no such message there; too many pins.
pub async fn add(app: &App, caller: &Caller, peer: &Peer, message_id: String) -> Result<Pin, AppError> {
    let archive = place(app, caller, peer, message_id).await?;
    let fresh = PinId::random(app.rng.as_ref());
    let (me, wanted, now_ms) = (caller.no, of(peer), app.clock.now_ms());
    let put = move |c: &Connection| {
        let all = pin::all(c, me, &wanted)?;
        if all.len() >= PINS_MAX && all.iter().all(|pin| pin.archive != archive) {
            return Err(AppError::invalid("messageId", format!("at most {PINS_MAX} pins of one conversation")));
        }
        Ok(pin::put(c, me, &wanted, &pin::Pin { id: fresh, archive, created_ms: now_ms })?)
    };
    app.company(&caller.company).await?.write(put).await?;
    let all = list(app, caller, peer).await?;
    all.into_iter().find(|pin| pin.archive == archive).ok_or(AppError::NotFound(PIN))
}

/// Pins another message in the place of one.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such pin, or the caller reads no such message there.
pub async fn move_to(app: &App, caller: &Caller, peer: &Peer, id: &PinId, message_id: String) -> Result<Pin, AppError> {
    let archive = place(app, caller, peer, message_id).await?;
    let (me, wanted, pin) = (caller.no, of(peer), id.clone());
    let database = app.company(&caller.company).await?;
    let moved = database.write(move |c| Ok::<_, AppError>(pin::move_to(c, me, &wanted, &pin, archive)?)).await?;
    if moved { super::find(app, caller, peer, id).await } else { Err(AppError::NotFound(PIN)) }
}

/// Takes a pin off.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of that id in this conversation.
pub async fn remove(app: &App, caller: &Caller, peer: &Peer, id: &PinId) -> Result<Pin, AppError> {
    let pin = super::find(app, caller, peer, id).await?;
    let (me, wanted, gone) = (caller.no, of(peer), id.clone());
    let database = app.company(&caller.company).await?;
    let removed = database.write(move |c| Ok::<_, AppError>(pin::remove(c, me, &wanted, &gone)?)).await?;
    if removed { Ok(pin) } else { Err(AppError::NotFound(PIN)) }
}

async fn place(app: &App, caller: &Caller, peer: &Peer, message_id: String) -> Result<ArchiveId, AppError> {
    let found = named(app, caller, vec![(peer.clone(), message_id)]).await?.pop().flatten();
    Ok(found.ok_or(AppError::NotFound("message"))?.archive())
}
