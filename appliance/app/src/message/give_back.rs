use crate::live::{Device, Live, LiveMessage, Push};
use crate::message::{Kind, digest};
use crate::{App, AppError, Caller};
use std::sync::Arc;
use store::Connection;
use store::message::{self, NewMessage};
use store::person::{self, PersonNo};

/// What is still to be pushed, and to which device.
type Missing = Vec<(Device, Arc<LiveMessage>)>;

/// Messages that a device of the caller was given and may never have seen: it has gone without a word. They wait again;
/// where other devices are there, those get them that they are for now and that had not had them.
///
/// Runs on the company's writer between changes, as what delivers does.
///
/// # Errors
/// When the change could not be queued.
pub async fn give_back(
    app: &App,
    caller: &Caller,
    device: &Device,
    messages: Vec<Arc<LiveMessage>>,
) -> Result<(), AppError> {
    let is_owed = |message: &Arc<LiveMessage>| message.place().is_some() || message.held;
    let unseen: Vec<_> = messages.into_iter().filter(is_owed).collect();
    if unseen.is_empty() {
        return Ok(());
    }
    let database = app.company(&caller.company).await?;
    let (of_change, live) = (Arc::clone(&app.live), Arc::clone(&app.live));
    let (no, first, now_ms) = (caller.no, device.clone(), app.clock.now_ms());
    let change = move |content: &Connection| {
        let mut missing = Missing::new();
        for message in &unseen {
            match of_change.not_had(message, &first) {
                None => wait(content, no, message, now_ms)?,
                Some(devices) => missing.extend(late(message, devices)),
            }
        }
        Ok(missing)
    };
    Ok(database.write_then(change, move |outcome| push(&live, outcome)).await?)
}

fn wait(content: &Connection, recipient: PersonNo, message: &LiveMessage, now_ms: i64) -> Result<(), AppError> {
    if let Some(archive) = message.place() {
        return Ok(message::wait(content, archive)?);
    }
    let Some((sender, id)) = person::find(content, &message.from)?.zip(message.id.as_ref()) else { return Ok(()) };
    let again = NewMessage {
        sender,
        recipient,
        sender_resource: message.from_resource.clone().unwrap_or_default(),
        stanza_id: id.clone(),
        digest: digest(Kind::Message, &message.to, &message.payload),
        payload: message.payload.to_string(),
        body: String::new(),
        kept: false,
        pending: true,
        kind: message.kind.name(),
        about: None,
    };
    message::insert(content, &again, now_ms)?;
    Ok(())
}

fn late(message: &LiveMessage, devices: Vec<Device>) -> Missing {
    let late = Arc::new(LiveMessage { delayed: true, ..message.clone() });
    devices.into_iter().map(|device| (device, Arc::clone(&late))).collect()
}

fn push(live: &Live, outcome: Result<Missing, AppError>) {
    match outcome {
        Ok(missing) => missing.into_iter().for_each(|(device, message)| live.push_to(&device, Push::Message(message))),
        Err(failure) => tracing::error!(%failure, "messages that a device did not take could not be kept for the next"),
    }
}
