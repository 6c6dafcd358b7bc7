use super::give_back::hand_on;
use crate::live::{Device, Live, LiveMessage, MessageType, Push};
use crate::{App, AppError, Caller};
use std::sync::Arc;
use store::message::{self, StoredMessage};
use store::person::PersonNo;
use store::{Connection, Database};
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
        let delivery = Delivery {
            live: Arc::clone(&app.live),
            device: device.clone(),
            database: Arc::clone(&database),
            runtime: tokio::runtime::Handle::current(),
        };
        let (answer, more) = oneshot::channel();
        let then = move |outcome: Result<Lot, AppError>| {
            let more = match outcome {
                Ok(lot) => {
                    delivery.push(lot.waited);
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

struct Delivery {
    live: Arc<Live>,
    device: Device,
    database: Arc<Database>,
    runtime: tokio::runtime::Handle,
}

impl Delivery {
    /// After the commit, on the writer's thread. The device may have gone since the change, and nobody may be left to notice it:
    /// then what waited waits again.
    fn push(self, waited: Vec<LiveMessage>) {
        let Self { live, device, database, runtime } = self;
        if waited.is_empty() || live.is_taken(&device, &Push::Waited(waited.clone())) {
            return;
        }
        runtime.spawn(async move {
            let unseen = waited.into_iter().map(Arc::new).collect();
            if let Err(failure) = hand_on(&database, &live, Some(&device), unseen).await {
                tracing::error!(%failure, "messages that a device did not take could not be made to wait again");
            }
        });
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
