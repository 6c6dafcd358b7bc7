use crate::live::{Device, Live, LiveMessage, StandardForm};
use crate::outbox::{self, Couriers, MessageEffect};
use crate::relations::{self, Shared};
use crate::{App, AppError, Caller};
use domain::ids::{CompanyId, UserId};
use domain::rights::Right;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::person::PersonNo;
use store::{Connection, conversation, message, person};

/// What a device says about a message that it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// The children of the receipt's stanza, as XML, as Rainbow's clients read them.
    pub payload: Arc<str>,
    /// The same for standard clients (XEP-0184, XEP-0333).
    pub standard: Arc<str>,
}

/// Marks the archived message and passes the receipt on to all devices of its sender and the caller's other ones.
/// Receipts are not archived; one for a message that is not in the archive is only passed on.
///
/// # Errors
/// When the change could not even be queued.
pub async fn mark(app: &App, caller: &Caller, device: &Device, mark: Mark) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let marking = Arc::new(Marking {
        live: Arc::clone(&app.live),
        relations: Arc::clone(&app.relations),
        couriers: Arc::clone(&app.couriers),
        me: caller.no,
        company: caller.company.clone(),
        device: device.clone(),
        mark,
    });
    let (change, now_ms) = (Arc::clone(&marking), app.clock.now_ms());
    let queued = database.write_again_then(move |c| change.note(c, now_ms), move |outcome| marking.finish(outcome));
    Ok(queued.await?)
}

/// Who tells the message's sender.
enum Tell {
    /// Nobody: the sender is nobody to the caller.
    Nobody,
    /// This box, at once.
    Live,
    /// The courier to the sender's company.
    Courier(CompanyId),
}

struct Marking {
    live: Arc<Live>,
    relations: Shared,
    couriers: Arc<Couriers>,
    me: PersonNo,
    company: CompanyId,
    device: Device,
    mark: Mark,
}

impl Marking {
    fn note(&self, content: &Connection, now_ms: i64) -> Result<Tell, AppError> {
        let tell = self.tell();
        let unknown = if matches!(tell, Tell::Nobody) { Tell::Nobody } else { Tell::Live };
        let Some(sender) = person::find(content, &self.mark.sender)? else { return Ok(unknown) };
        let named = message::find_named(content, sender, &self.mark.message_id)?;
        let Some(named) = named.filter(|named| named.recipient == self.me) else { return Ok(unknown) };
        match self.mark.kind {
            MarkKind::Received => {
                message::mark_received(content, named.archive, now_ms)?;
            }
            MarkKind::Read => conversation::mark_read(content, self.me, sender, named.archive, now_ms)?,
        }
        if let Tell::Courier(company) = &tell {
            outbox::to_company(content, company, &self.effect(), now_ms)?;
        }
        Ok(tell)
    }

    /// Who parted with the sender still notes what he has read; only nobody is told.
    fn tell(&self) -> Tell {
        let relations = relations::read(&self.relations);
        let reached = relations.reaches(&self.device.user, &self.mark.sender);
        match relations.member(&self.mark.sender).filter(|_| reached) {
            None => Tell::Nobody,
            Some(sender) if sender.company == self.company => Tell::Live,
            Some(sender) => Tell::Courier(sender.company.clone()),
        }
    }

    fn effect(&self) -> MessageEffect {
        MessageEffect::Marked {
            reader: self.device.user.clone(),
            resource: self.device.resource.clone(),
            sender: self.mark.sender.clone(),
            message_id: self.mark.message_id.clone(),
            kind: self.mark.kind,
            id: self.mark.id.clone(),
            payload: self.mark.payload.to_string(),
            standard: self.mark.standard.to_string(),
        }
    }

    fn finish(&self, outcome: Result<Tell, AppError>) {
        let (mark, device) = (&self.mark, &self.device);
        let mut receipt = Arc::new(receipt(
            LiveMessage::new(&device.user, &device.resource, &mark.sender, Arc::clone(&mark.payload)),
            mark.id.clone(),
            Arc::clone(&mark.standard),
        ));
        match outcome {
            Ok(Tell::Nobody) => {}
            Ok(Tell::Live) => {
                self.live.deliver(&mut receipt);
            }
            Ok(Tell::Courier(to)) => self.couriers.wake(&self.company, &to),
            Err(failure) => return tracing::error!(%failure, "a receipt could not be noted"),
        }
        self.live.copy_to_senders(&receipt, &self.device);
    }
}

/// A receipt as devices get it.
pub(crate) fn receipt(live: LiveMessage, id: Option<String>, standard: Arc<str>) -> LiveMessage {
    let form = || StandardForm { id: id.clone(), archive: None, payload: Arc::clone(&standard) };
    let standard = (!standard.is_empty()).then(form);
    LiveMessage { id, standard, ..live }
}
