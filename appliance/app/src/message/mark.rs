use crate::live::{Device, LiveMessage};
use crate::{App, AppError, Caller};
use domain::ids::UserId;
use domain::rights::Right;
use std::sync::Arc;
use store::{Connection, conversation, message, person};

/// What a device says about a message that it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// It is on the device.
    Received,
    /// It was read, and so were those before it.
    Read,
}

/// A receipt of a client.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Who sent the message.
    pub sender: UserId,
    /// The sender's id for it.
    pub message_id: String,
    /// What happened to it.
    pub kind: MarkKind,
    /// The receipt's own id.
    pub id: Option<String>,
    /// The children of the receipt's stanza, as XML.
    pub payload: Arc<str>,
}

/// Marks the archived message and passes the receipt on to all devices of its sender and the caller's other ones.
/// Receipts are not archived; one for a message that is not in the archive is only passed on.
///
/// # Errors
/// When the change could not even be queued.
pub async fn mark(app: &App, caller: &Caller, device: &Device, mark: Mark) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (live, me, device, now_ms) = (Arc::clone(&app.live), caller.no, device.clone(), app.clock.now_ms());
    let receipt = Arc::new(LiveMessage {
        id: mark.id.clone(),
        from: caller.user.clone(),
        from_resource: Some(device.resource.clone()),
        to: mark.sender.clone(),
        archive: None,
        delayed: false,
        payload: Arc::clone(&mark.payload),
    });
    let then = move |outcome: Result<bool, AppError>| match outcome {
        Ok(known) => {
            if known {
                live.deliver(&receipt);
                live.copy_to_senders(&receipt, &device);
            }
        }
        Err(failure) => tracing::error!(%failure, "a receipt could not be noted"),
    };
    Ok(database.write_then(move |c| note(c, me, &mark, now_ms), then).await?)
}

/// `false`: the sender is nobody in this company, so there is nobody to tell.
fn note(content: &Connection, me: person::PersonNo, mark: &Mark, now_ms: i64) -> Result<bool, AppError> {
    let Some(sender) = person::find(content, &mark.sender)? else { return Ok(false) };
    let named = message::find_named(content, sender, &mark.message_id)?;
    let Some(named) = named.filter(|named| named.recipient == me) else { return Ok(true) };
    match mark.kind {
        MarkKind::Received => {
            message::mark_received(content, named.archive, now_ms)?;
        }
        MarkKind::Read => {
            let read = message::mark_read(content, me, sender, named.archive, now_ms)?;
            conversation::count_read(content, me, sender, read)?;
        }
    }
    Ok(true)
}
