use crate::live::{Device, Live, LiveMessage};
use crate::message::{Kind, digest};
use crate::{App, AppError, Caller};
use std::sync::Arc;
use store::message::{self, NewMessage};
use store::person;
use store::{Connection, Database};
use tokio::sync::oneshot;

/// Messages that a device of the caller was given and may never have seen: it has gone without a word. They wait again;
/// where other devices are there, those get them that they are for now and that had not had them.
///
/// Runs on the company's writer between changes, as what delivers does.
///
/// # Errors
/// When a change could not be made.
pub async fn give_back(
    app: &App,
    caller: &Caller,
    device: &Device,
    messages: Vec<Arc<LiveMessage>>,
) -> Result<(), AppError> {
    let unseen: Vec<_> = messages.into_iter().filter(|message| message.is_owed()).collect();
    if unseen.is_empty() {
        return Ok(());
    }
    hand_on(&*app.company(&caller.company).await?, &app.live, Some(device), unseen).await
}

/// The same of messages that no device was given, or that `first` alone was to get.
pub(super) async fn hand_on(
    database: &Database,
    live: &Arc<Live>,
    first: Option<&Device>,
    mut unseen: Vec<Arc<LiveMessage>>,
) -> Result<(), AppError> {
    // Who is there when it is decided may have gone when the change is on the disk: then it is decided anew.
    while !unseen.is_empty() {
        let (of_change, of_end, first) = (Arc::clone(live), Arc::clone(live), first.cloned());
        let (answer, left) = oneshot::channel();
        let change = move |content: &Connection| {
            let is_taken =
                |message: &LiveMessage| of_change.takes_messages(&message.to, message.to_resource.as_deref());
            let (taken, waiting): (Vec<_>, Vec<_>) = unseen.into_iter().partition(|message| is_taken(message));
            waiting.iter().try_for_each(|message| wait(content, message))?;
            Ok(taken)
        };
        let then = move |outcome: Result<Vec<Arc<LiveMessage>>, AppError>| {
            let is_left = |message: &Arc<LiveMessage>| !of_end.hand_on(message, first.as_ref());
            // Whoever asked has gone only with the whole box.
            drop(answer.send(outcome.map(|taken| taken.into_iter().filter(is_left).collect())));
        };
        database.write_then(change, then).await?;
        unseen = left.await.unwrap_or(Err(AppError::Busy))?;
    }
    Ok(())
}

fn wait(content: &Connection, message: &LiveMessage) -> Result<(), AppError> {
    if let Some(archive) = message.place() {
        return Ok(message::wait(content, archive)?);
    }
    let (Some(held), Some(id)) = (message.held, message.id.as_ref()) else { return Ok(()) };
    let between = person::find(content, &message.from)?.zip(person::find(content, &message.to)?);
    let Some((sender, recipient)) = between else { return Ok(()) };
    let digest = digest(Kind::Message, message.to.as_str(), &message.payload);
    let again = NewMessage {
        sender,
        recipient,
        sender_resource: message.from_resource.as_deref().unwrap_or_default(),
        stanza_id: id,
        digest: &digest,
        payload: &message.payload,
        body: "",
        kept: false,
        pending: true,
        kind: message.kind.name(),
        about: None,
    };
    // That the lost device took it may not have been noted yet. Then its row must not wait beside the new one, and the note that
    // comes later must not find the new one at the place of the old.
    message::insert(content, &again, held.0 / 1000 + 1)?;
    Ok(message::remove_held(content, held, sender, id)?)
}
