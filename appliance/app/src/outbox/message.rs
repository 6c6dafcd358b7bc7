//! 1:1 messages between companies (decision 9): the copy in the other participant's file, and what becomes of it.

use super::unreadable;
use crate::call::{Called, Entered};
use crate::live::{Live, LiveMessage, MessageType, Push};
use crate::message::{About, MarkKind};
use crate::web_push::{Due, News, Pager};
use crate::{App, AppError};
use domain::clock::Rng;
use domain::ids::{ArchiveId, CompanyId, ConversationId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::conversation::Noted;
use store::inbox::{self, Origin};
use store::message::NewMessage;
use store::outbox::Effect;
use store::person::PersonNo;
use store::push_subscription::PushSubscription;
use store::{Connection, Database, conversation, message, person, user};
use tokio::sync::oneshot;

/// The kind of its rows.
pub(super) const KIND: &str = "message";

/// What the other participant's file must follow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MessageEffect {
    /// A message was accepted.
    Sent(Copied),
    /// A message was corrected or deleted (C8).
    Changed(Copied),
    /// Something was said about a message that standard clients alone know.
    Remarked(Copied),
    /// The recipient received or read a message.
    Marked {
        reader: UserId,
        resource: String,
        sender: UserId,
        message_id: String,
        kind: MarkKind,
        id: Option<String>,
        payload: String,
        #[serde(default)]
        standard: String,
    },
    /// The recipient read everything up to a message.
    ReadAll { reader: UserId, sender: UserId, message_id: String },
    /// A call is over (J6).
    Called(Called),
}

/// A message as it crosses from file to file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Copied {
    pub(crate) sender: UserId,
    pub(crate) resource: String,
    pub(crate) recipient: UserId,
    pub(crate) stanza_id: String,
    pub(crate) payload: String,
    pub(crate) body: String,
    pub(crate) kept: bool,
    pub(crate) accepted_ms: i64,
    #[serde(default)]
    pub(crate) to_resource: Option<String>,
    #[serde(default)]
    pub(crate) kind: MessageType,
    #[serde(default)]
    pub(crate) private: bool,
    #[serde(default)]
    pub(crate) about: Option<About>,
}

/// What connected devices hear of an effect, after its commit.
enum Heard {
    Message { message: Arc<LiveMessage>, waits: bool, browsers: Vec<PushSubscription> },
    Change(Arc<LiveMessage>),
    AllRead { sender: UserId, reader: UserId, message_id: String },
    Call(Entered),
}

/// Applies a lot of effects in one transaction of the target, each once, and tells devices.
pub(super) async fn apply(app: &App, origin: Origin, target: &CompanyId, lot: Vec<Effect>) -> Result<(), AppError> {
    let database = app.company(target).await?;
    let read = |effect: &Effect| serde_json::from_str(&effect.payload).map(|read| (effect.seq, read));
    let effects: Vec<(i64, MessageEffect)> =
        lot.iter().map(read).collect::<Result<_, _>>().map_err(|e| unreadable(&e))?;
    let (of_change, pager, rng) = (Arc::clone(&app.live), Arc::clone(&app.pager), Arc::clone(&app.rng));
    let teller = Teller {
        live: Arc::clone(&app.live),
        pager: Arc::clone(&app.pager),
        company: target.clone(),
        database: Arc::clone(&database),
        runtime: tokio::runtime::Handle::current(),
    };
    let (answer, answered) = oneshot::channel();
    let now_ms = app.clock.now_ms();
    let change = move |c: &Connection| {
        let done = inbox::last(c, &origin)?;
        let mut heard = Vec::new();
        for (seq, effect) in effects.iter().filter(|(seq, _)| *seq > done) {
            let (live, rng) = (&of_change, rng.as_ref());
            let receiving = Receiving { content: c, origin: &origin, live, pager: &pager, rng, now_ms };
            heard.extend(receiving.apply(effect)?);
            inbox::advance(c, &origin, *seq)?;
        }
        Ok::<_, AppError>(heard)
    };
    let then = move |outcome: Result<Vec<Heard>, AppError>| {
        let outcome = outcome.map(|heard| heard.into_iter().for_each(|one| teller.tell(one)));
        // The courier may have been stopped with the box: the effects stand, and are known when they come again.
        drop(answer.send(outcome));
    };
    database.write_then(change, then).await?;
    answered.await.unwrap_or(Err(AppError::Busy))
}

/// Tells devices and browsers, after the commit, on the writer's thread.
struct Teller {
    live: Arc<Live>,
    pager: Arc<Pager>,
    company: CompanyId,
    database: Arc<Database>,
    runtime: tokio::runtime::Handle,
}

impl Teller {
    fn tell(&self, heard: Heard) {
        match heard {
            Heard::Message { mut message, waits, browsers } => {
                let (recipient, sender) = (message.to.clone(), message.from.clone());
                self.pager.page(Due {
                    company: self.company.clone(),
                    recipient,
                    sender,
                    news: News::Message,
                    browsers,
                });
                if !waits {
                    let taken = self.live.deliver(&mut message) > 0;
                    crate::message::settle(&self.database, &self.live, &message, taken, &self.runtime);
                }
            }
            Heard::Change(mut message) => {
                self.live.deliver(&mut message);
            }
            Heard::AllRead { sender, reader, message_id } => {
                let up_to = Some(message_id);
                self.live.push_all(&sender, &Push::AllRead { with: reader, received: false, up_to });
            }
            Heard::Call(entered) => entered.tell(&self.live, &self.pager, &self.company),
        }
    }
}

/// One transaction of the receiving file.
struct Receiving<'a> {
    content: &'a Connection,
    origin: &'a Origin,
    live: &'a Live,
    pager: &'a Pager,
    rng: &'a dyn Rng,
    now_ms: i64,
}

impl Receiving<'_> {
    fn apply(&self, effect: &MessageEffect) -> Result<Option<Heard>, AppError> {
        match effect {
            MessageEffect::Sent(copied) => self.enter(copied),
            MessageEffect::Changed(copied) => self.replace(copied),
            MessageEffect::Remarked(copied) => self.remark(copied),
            MessageEffect::Marked { .. } => self.mark(effect),
            MessageEffect::Called(called) => {
                let browsers = |owner, peer| self.pager.find(self.content, owner, peer);
                Ok(called.enter(self.content, (false, &self.origin.company), browsers)?.map(Heard::Call))
            }
            MessageEffect::ReadAll { reader, sender, message_id } => {
                self.note_mark(reader, sender, message_id, MarkKind::Read)?;
                let (sender, reader, message_id) = (sender.clone(), reader.clone(), message_id.clone());
                Ok(Some(Heard::AllRead { sender, reader, message_id }))
            }
        }
    }

    /// The recipient's copy. Whoever has gone since the message was accepted gets none.
    fn enter(&self, copied: &Copied) -> Result<Option<Heard>, AppError> {
        let c = self.content;
        let Some((recipient, _)) = user::number(c, &copied.recipient)? else {
            tracing::info!(recipient = %copied.recipient, "a message came for somebody who has gone");
            return Ok(None);
        };
        let sender = person::enter(c, &copied.sender, &self.origin.company)?;
        let waits = self.waits(copied);
        let digest = crate::message::digest(crate::message::Kind::Message, copied.recipient.as_str(), &copied.payload);
        // The sender's file does not know what it does not keep: a repetition is recognised here.
        let known = message::find_named(c, sender, &copied.stanza_id)?;
        if known.is_some_and(|known| known.digest == digest) {
            return Ok(None);
        }
        let new = NewMessage {
            sender,
            recipient,
            sender_resource: &copied.resource,
            stanza_id: &copied.stanza_id,
            digest: &digest,
            payload: &copied.payload,
            body: &copied.body,
            kept: copied.kept,
            // What is not kept waits until a device really took it.
            pending: waits || !copied.kept,
            kind: copied.kind.name(),
            about: None,
        };
        let archive = message::insert(c, &new, copied.accepted_ms)?;
        let mut browsers = Vec::new();
        if copied.kept {
            let fresh = || ConversationId::random(self.rng);
            conversation::note(c, recipient, sender, fresh, Noted { archive, unread: true })?;
            browsers = self.pager.find(c, recipient, sender);
        }
        let held = (!copied.kept).then_some(archive);
        let turn = if copied.kept { 0 } else { self.live.turn() };
        let message = LiveMessage { held, turn, ..live_message(copied, copied.kept.then_some(archive), None) };
        let message = Arc::new(message);
        Ok(Some(Heard::Message { message, waits, browsers }))
    }

    fn replace(&self, copied: &Copied) -> Result<Option<Heard>, AppError> {
        let c = self.content;
        let (sender, recipient) = (person::find(c, &copied.sender)?, person::find(c, &copied.recipient)?);
        let Some((sender, recipient)) = sender.zip(recipient) else { return Ok(None) };
        let named = message::find_named(c, sender, &copied.stanza_id)?;
        let Some(named) = named.filter(|named| named.recipient == recipient) else { return Ok(None) };
        let digest =
            crate::message::digest(crate::message::Kind::Correction, copied.recipient.as_str(), &copied.payload);
        message::replace(c, named.archive, &copied.payload, &copied.body, &digest, self.now_ms)?;
        message::remove_about(c, sender, recipient, &copied.stanza_id)?;
        let entry = self.enter_about(copied, (sender, recipient))?;
        let waits = self.waits(copied);
        let change = live_message(copied, Some(named.archive), entry);
        Ok((!waits).then(|| Heard::Change(Arc::new(change))))
    }

    fn remark(&self, copied: &Copied) -> Result<Option<Heard>, AppError> {
        let c = self.content;
        let Some((recipient, _)) = user::number(c, &copied.recipient)? else { return Ok(None) };
        let sender = person::enter(c, &copied.sender, &self.origin.company)?;
        message::remove_remarks(c, sender, recipient, &copied.stanza_id)?;
        let entry = self.enter_about(copied, (sender, recipient))?;
        let waits = self.waits(copied);
        let remark = LiveMessage { standard_only: true, remark: true, ..live_message(copied, None, entry) };
        Ok((!waits).then(|| Heard::Change(Arc::new(remark))))
    }

    fn waits(&self, copied: &Copied) -> bool {
        !self.live.takes_messages(&copied.recipient, copied.to_resource.as_deref())
    }

    fn enter_about(&self, copied: &Copied, between: (PersonNo, PersonNo)) -> Result<Option<ArchiveId>, AppError> {
        let Some(about) = &copied.about else { return Ok(None) };
        let (waits, of) = (self.waits(copied), &copied.stanza_id);
        let entered =
            crate::message::enter_about(self.content, between, &copied.resource, about, of, waits, self.now_ms);
        Ok(Some(entered?))
    }

    fn mark(&self, effect: &MessageEffect) -> Result<Option<Heard>, AppError> {
        let MessageEffect::Marked { reader, resource, sender, message_id, kind, id, payload, standard } = effect else {
            return Ok(None);
        };
        self.note_mark(reader, sender, message_id, *kind)?;
        let live = LiveMessage::new(reader, resource, sender, Arc::from(payload.as_str()));
        let receipt = crate::message::receipt(live, id.clone(), Arc::from(standard.as_str()));
        Ok(Some(Heard::Change(Arc::new(receipt))))
    }

    /// Marks the sender's copy.
    fn note_mark(&self, reader: &UserId, sender: &UserId, message_id: &str, kind: MarkKind) -> Result<(), AppError> {
        let c = self.content;
        let Some((reader, sender)) = person::find(c, reader)?.zip(person::find(c, sender)?) else { return Ok(()) };
        let named = message::find_named(c, sender, message_id)?;
        let Some(named) = named.filter(|named| named.recipient == reader) else { return Ok(()) };
        match kind {
            MarkKind::Received => message::mark_received(c, named.archive, self.now_ms).map(|_| ())?,
            MarkKind::Read => message::mark_read(c, reader, sender, named.archive, self.now_ms).map(|_| ())?,
        }
        Ok(())
    }
}

fn live_message(copied: &Copied, archive: Option<ArchiveId>, entry: Option<ArchiveId>) -> LiveMessage {
    LiveMessage {
        id: Some(copied.stanza_id.clone()),
        to_resource: copied.to_resource.clone(),
        kind: copied.kind,
        archive,
        private: copied.private,
        standard: copied.about.as_ref().map(|about| about.form(entry)),
        ..LiveMessage::new(&copied.sender, &copied.resource, &copied.recipient, Arc::from(copied.payload.as_str()))
    }
}
