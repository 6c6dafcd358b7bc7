use crate::live::{Device, Live, LiveMessage, Push};
use crate::message::{Kind, digest};
use crate::{App, AppError, Caller};
use domain::ids::ArchiveId;
use std::sync::Arc;
use store::Connection;
use store::message::{self, NewMessage};
use store::person::{self, PersonNo};

/// What is still to be pushed, and to which device.
type Missing = Vec<(Device, Arc<LiveMessage>)>;

/// Messages that a device of the caller was given and may never have seen: it has gone without a word. They wait again;
/// where other devices are there, those get them that had not had them.
///
/// Runs on the company's writer between changes, as what delivers does.
///
/// # Errors
/// When the change could not be queued.
pub async fn give_back(app: &App, caller: &Caller, messages: Vec<Arc<LiveMessage>>) -> Result<(), AppError> {
    let unseen: Vec<_> = messages.into_iter().filter(|message| message.archive.is_some() || message.held).collect();
    if unseen.is_empty() {
        return Ok(());
    }
    let database = app.company(&caller.company).await?;
    let (of_change, live) = (Arc::clone(&app.live), Arc::clone(&app.live));
    let (no, user, now_ms) = (caller.no, caller.user.clone(), app.clock.now_ms());
    let change = move |content: &Connection| {
        let takers = of_change.takers(&user);
        if takers.is_empty() {
            unseen.iter().try_for_each(|message| wait(content, no, message, now_ms))?;
            return Ok(Vec::new());
        }
        Ok(missing(&takers, &unseen))
    };
    Ok(database.write_then(change, move |outcome| push(&live, outcome)).await?)
}

fn wait(content: &Connection, recipient: PersonNo, message: &LiveMessage, now_ms: i64) -> Result<(), AppError> {
    if let Some(archive) = message.archive {
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
    };
    message::insert(content, &again, now_ms)?;
    Ok(())
}

/// A device has had all messages after the place at which it began to take them. What is not in the archive has gone to
/// all that were there.
fn missing(takers: &[(Device, ArchiveId)], unseen: &[Arc<LiveMessage>]) -> Missing {
    let of_one = |(device, after): &(Device, ArchiveId)| -> Missing {
        let not_had = unseen.iter().filter(|message| message.archive.is_some_and(|archive| archive <= *after));
        let late = not_had.map(|message| LiveMessage { delayed: true, ..LiveMessage::clone(message) });
        late.map(|message| (device.clone(), Arc::new(message))).collect()
    };
    takers.iter().flat_map(of_one).collect()
}

fn push(live: &Live, outcome: Result<Missing, AppError>) {
    match outcome {
        Ok(missing) => missing.into_iter().for_each(|(device, message)| live.push_to(&device, Push::Message(message))),
        Err(failure) => tracing::error!(%failure, "messages that a device did not take could not be kept for the next"),
    }
}
