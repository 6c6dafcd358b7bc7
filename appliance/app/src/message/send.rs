use crate::live::{Device, Live, LiveMessage, Push, Refusal};
use crate::{App, AppError, Caller};
use aws_lc_rs::digest;
use domain::ids::{ArchiveId, ConversationId, UserId};
use domain::rights::Right;
use std::sync::Arc;
use store::conversation::Noted;
use store::message::{self, NewMessage};
use store::person::PersonNo;
use store::{Connection, Database, conversation, user};

/// What a message is to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new one.
    Message,
    /// New content for the message of the same id.
    Correction,
    /// The end of the message of the same id (C8).
    Deletion,
}

/// How long the box holds a message (XEP-0334 hints).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// In the archive.
    Archive,
    /// Until a device of the recipient took it.
    UntilTaken,
    /// Not at all: taken now or refused.
    Never,
}

/// A message that a device sends.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The sender's id for it.
    pub id: String,
    /// To whom.
    pub to: UserId,
    /// What it is.
    pub kind: Kind,
    /// How long it is held.
    pub keep: Keep,
    /// The sender's other devices get a copy.
    pub copied: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
    /// Text of the body.
    pub body: String,
}

/// What became of a stored message.
struct Sent {
    archive: ArchiveId,
    repeated: bool,
    waits: bool,
}

/// Sends a message. The answer (accepted or refused) is pushed to the device, after the commit and in its order; several
/// messages of a device may be on their way at once. Repetitions are answered again and delivered once (decision 10).
///
/// # Errors
/// When the change could not even be queued.
pub async fn send(app: &App, caller: &Caller, device: &Device, out: Outgoing) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let sending = Arc::new(Sending {
        live: Arc::clone(&app.live),
        sender: caller.no,
        company: caller.company.clone(),
        device: device.clone(),
        out,
    });
    if sending.out.keep == Keep::Never {
        sending.pass_on();
        return Ok(());
    }
    let database = app.company(&caller.company).await?;
    let (now_ms, rng) = (app.clock.now_ms(), Arc::clone(&app.rng));
    let fresh = [ConversationId::random(rng.as_ref()), ConversationId::random(rng.as_ref())];
    let (change, finish) = (Arc::clone(&sending), Arc::clone(&database));
    let runtime = tokio::runtime::Handle::current();
    let queued = database.write_then(
        move |c| change.store(c, &fresh, now_ms),
        move |outcome| sending.finish(outcome, &finish, &runtime),
    );
    Ok(queued.await?)
}

struct Sending {
    live: Arc<Live>,
    sender: PersonNo,
    company: domain::ids::CompanyId,
    device: Device,
    out: Outgoing,
}

impl Sending {
    /// The transaction of a stored message: message, both conversations.
    fn store(&self, content: &Connection, fresh: &[ConversationId; 2], now_ms: i64) -> Result<Sent, AppError> {
        let recipient = user::find(content, &self.out.to)?.filter(|user| user.active);
        let recipient = recipient.ok_or(AppError::NotFound("user"))?.no;
        let digest = self.digest();
        let named = message::find_named(content, self.sender, &self.out.id)?;
        match (self.out.kind, named) {
            (Kind::Message, Some(same)) if same.digest == digest => {
                Ok(Sent { archive: same.archive, repeated: true, waits: false })
            }
            (Kind::Message, _) => self.insert(content, recipient, digest, fresh, now_ms),
            (Kind::Correction | Kind::Deletion, Some(original)) if original.recipient == recipient => {
                let repeated = original.change_digest.as_ref() == Some(&digest);
                let payload = &self.out.payload;
                message::replace(content, original.archive, payload, &self.out.body, &digest, now_ms)?;
                Ok(Sent { archive: original.archive, repeated, waits: false })
            }
            (Kind::Correction | Kind::Deletion, _) => Err(AppError::NotFound("message")),
        }
    }

    fn insert(
        &self,
        content: &Connection,
        recipient: PersonNo,
        digest: Vec<u8>,
        fresh: &[ConversationId; 2],
        now_ms: i64,
    ) -> Result<Sent, AppError> {
        let waits = !self.live.takes_messages(&self.out.to);
        let kept = self.out.keep == Keep::Archive;
        let new = NewMessage {
            sender: self.sender,
            recipient,
            sender_resource: self.device.resource.clone(),
            stanza_id: self.out.id.clone(),
            digest,
            payload: self.out.payload.to_string(),
            body: self.out.body.clone(),
            kept,
            pending: waits,
        };
        if !kept && !waits {
            let archive = ArchiveId(now_ms.saturating_mul(1000));
            return Ok(Sent { archive, repeated: false, waits });
        }
        let archive = message::insert(content, &new, now_ms)?;
        if kept {
            let own = Noted { archive, unread: false };
            conversation::note(content, self.sender, recipient, &fresh[0], own)?;
            if recipient != self.sender {
                let theirs = Noted { archive, unread: true };
                conversation::note(content, recipient, self.sender, &fresh[1], theirs)?;
            }
        }
        Ok(Sent { archive, repeated: false, waits })
    }

    fn digest(&self) -> Vec<u8> {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&[self.out.kind as u8]);
        hash.update(self.out.to.as_str().as_bytes());
        hash.update(self.out.payload.as_bytes());
        hash.finish().as_ref()[..16].to_vec()
    }

    /// After the commit, on the writer's thread: tells the sender, delivers.
    fn finish(&self, outcome: Result<Sent, AppError>, database: &Arc<Database>, runtime: &tokio::runtime::Handle) {
        let sent = match outcome {
            Ok(sent) => sent,
            Err(refused) => return self.refuse(&refused),
        };
        self.accept();
        if sent.repeated {
            return;
        }
        let archived = (self.out.keep == Keep::Archive).then_some(sent.archive);
        let message = Arc::new(self.live_message(archived));
        if self.out.copied {
            self.live.copy_to_senders(&message, &self.device);
        }
        if sent.waits || self.live.deliver(&message) > 0 || self.out.kind != Kind::Message {
            return;
        }
        // The device that was there when the change ran has gone since: the message waits for the next one.
        let database = Arc::clone(database);
        let archive = sent.archive;
        runtime.spawn(async move {
            let waits = database.write(move |c| message::wait(c, archive)).await;
            if let Err(failure) = waits {
                tracing::error!(%failure, "a message stands in the archive but waits for nobody");
            }
        });
    }

    /// A message that must not be stored: taken by a connected device now, or refused (decision 10).
    fn pass_on(&self) {
        let same_company = self.live.company_of(&self.out.to).as_ref() == Some(&self.company);
        let message = Arc::new(self.live_message(None));
        if same_company && self.live.deliver(&message) > 0 {
            self.accept();
            if self.out.copied {
                self.live.copy_to_senders(&message, &self.device);
            }
        } else {
            self.refuse(&AppError::NotFound("device"));
        }
    }

    fn live_message(&self, archive: Option<ArchiveId>) -> LiveMessage {
        LiveMessage {
            id: Some(self.out.id.clone()),
            from: self.device.user.clone(),
            from_resource: Some(self.device.resource.clone()),
            to: self.out.to.clone(),
            archive,
            delayed: false,
            payload: Arc::clone(&self.out.payload),
        }
    }

    fn accept(&self) {
        let (id, peer) = (self.out.id.clone(), self.out.to.clone());
        self.live.push_to(&self.device, Push::Accepted { id, peer });
    }

    fn refuse(&self, refused: &AppError) {
        let reason = match refused {
            AppError::NotFound("message") => Refusal::NoSuchMessage,
            AppError::NotFound(_) => Refusal::Unavailable,
            other => {
                tracing::error!(failure = %other, "a message could not be stored");
                Refusal::NotStored
            }
        };
        let (id, peer) = (self.out.id.clone(), self.out.to.clone());
        self.live.push_to(&self.device, Push::Refused { id, peer, reason });
    }
}
