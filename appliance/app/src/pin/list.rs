use super::{PIN, Pin, of};
use crate::conversation::{Peer, texts};
use crate::{App, AppError, Caller};
use domain::ids::PinId;
use domain::rights::Right;
use store::pin;

/// The caller's pins of a conversation, the newest message first, without those that he may not read any more.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller, peer: &Peer) -> Result<Vec<Pin>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let (me, wanted) = (caller.no, of(peer));
    let database = app.company(&caller.company).await?;
    let pins = database.read(move |c| Ok::<_, AppError>(pin::all(c, me, &wanted)?)).await?;
    let texts = texts(app, caller, peer, pins.iter().map(|pin| pin.archive).collect()).await?;
    let whole = pins.into_iter().zip(texts).filter_map(|(pin, text)| {
        let (message_id, text) = text?;
        let pin::Pin { id, archive, created_ms } = pin;
        Some(Pin { id, peer: peer.clone(), archive, message_id, text, created_ms })
    });
    Ok(whole.collect())
}

/// One pin of the caller.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of that id in this conversation.
pub async fn find(app: &App, caller: &Caller, peer: &Peer, id: &PinId) -> Result<Pin, AppError> {
    let all = list(app, caller, peer).await?;
    all.into_iter().find(|pin| pin.id == *id).ok_or(AppError::NotFound(PIN))
}
