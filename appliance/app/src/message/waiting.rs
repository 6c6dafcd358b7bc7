use crate::live::{Device, Live, LiveMessage, MessageType, Push};
use crate::{App, AppError, Caller};
use std::sync::Arc;
use store::Connection;
use store::message::{self, StoredMessage};
use store::person::PersonNo;
use tokio::sync::oneshot;

/// Messages of one lot.
const LOT: u32 = 500;

/// Delivers what waited for the caller to a device that has just become available, then lets messages through to it.
///
/// Runs on the company's writer between changes, so that a message sent meanwhile is either among those that waited or
/// comes after them, never both and never before.
pub(crate) async fn deliver_waiting(app: &App, caller: &Caller, device: &Device) -> Result<(), AppError> {
    let database = app.company(&caller.company).await?;
    loop {
        let (no, live, to) = (caller.no, Arc::clone(&app.live), device.clone());
        let (push_live, push_to) = (Arc::clone(&app.live), device.clone());
        let (answer, more) = oneshot::channel();
        let then = move |outcome: Result<Lot, AppError>| {
            let more = match outcome {
                Ok(lot) => {
                    if !lot.waited.is_empty() {
                        push_live.push_to(&push_to, Push::Waited(lot.waited));
                    }
                    lot.more
                }
                Err(failure) => {
                    tracing::error!(%failure, "messages that waited could not be read");
                    false
                }
            };
            // The device may have gone meanwhile: then nobody asks for the next lot.
            let _ = answer.send(more);
        };
        database.write_then(move |c| take_lot(c, no, &live, &to), then).await?;
        if !more.await.unwrap_or(false) {
            return Ok(());
        }
    }
}

struct Lot {
    waited: Vec<LiveMessage>,
    more: bool,
}

fn take_lot(content: &Connection, no: PersonNo, live: &Live, device: &Device) -> Result<Lot, AppError> {
    if !live.is_connected(device) {
        return Ok(Lot { waited: Vec::new(), more: false });
    }
    let waiting = message::pending(content, no, LOT)?;
    for message in &waiting {
        message::taken(content, message.archive)?;
    }
    let more = message::pending_count(content, no)? > 0;
    if !more {
        live.take_messages(device);
    }
    Ok(Lot { waited: waiting.into_iter().map(waited).collect(), more })
}

fn waited(message: StoredMessage) -> LiveMessage {
    LiveMessage {
        id: Some(message.stanza_id),
        kind: MessageType::parse(&message.kind).unwrap_or_default(),
        archive: message.kept.then_some(message.archive),
        held: (!message.kept).then_some(message.archive),
        delayed: true,
        standard_only: message.about.is_some(),
        ..LiveMessage::new(&message.sender, &message.sender_resource, &message.recipient, Arc::from(message.payload))
    }
}
