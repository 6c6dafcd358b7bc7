use super::give_back::hand_on;
use super::outgoing::{About, Keep, Kind, Outgoing, enter_about};
use crate::live::{Device, Live, LiveMessage, MessageType, Push, Refusal};
use crate::outbox::{self, Copied, Couriers, MessageEffect};
use crate::relations::{self, Shared};
use crate::web_push::{Due, News, Pager};
use crate::{App, AppError, Caller, Counters};
use aws_lc_rs::digest as hash;
use domain::clock::Rng;
use domain::ids::{ArchiveId, CompanyId, ConversationId};
use domain::rights::Right;
use std::sync::Arc;
use store::conversation::Noted;
use store::message::{self, NewMessage};
use store::person::{self, PersonNo};
use store::push_subscription::PushSubscription;
use store::{Connection, Database, StoreError, conversation, user};

/// What became of a stored message.
struct Sent {
    archive: ArchiveId,
    /// The id of the message that was changed.
    of: Option<String>,
    /// The entry of its own that a change has for standard clients.
    entry: Option<ArchiveId>,
    repeated: bool,
    waits: bool,
    /// When it was stored, by the registry's count, if it is not kept.
    turn: u64,
    /// The other company that holds the recipient's copy: a courier delivers it.
    crosses: Option<CompanyId>,
    /// Browsers of the recipient that may have to be told.
    browsers: Vec<PushSubscription>,
}

impl Sent {
    /// Something that the archive holds already.
    fn known(archive: ArchiveId, repeated: bool, crosses: Option<CompanyId>) -> Self {
        Self { archive, of: None, entry: None, repeated, waits: false, turn: 0, crosses, browsers: Vec::new() }
    }
}

/// Where the recipient's account is.
struct Recipient {
    no: PersonNo,
    /// The recipient's company, when it is not the sender's.
    foreign: Option<CompanyId>,
}

/// Sends a message. The answer (accepted or refused) is pushed to the device, after the commit and in its order; several
/// messages of a device may be on their way at once. Repetitions are answered again and delivered once (decision 10).
/// Messages go to people in the network only (B6).
///
/// # Errors
/// When the change could not even be queued.
pub async fn send(app: &App, caller: &Caller, device: &Device, out: Outgoing) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let sending = Arc::new(Sending {
        live: Arc::clone(&app.live),
        relations: Arc::clone(&app.relations),
        couriers: Arc::clone(&app.couriers),
        pager: Arc::clone(&app.pager),
        counters: Arc::clone(&app.counters),
        rng: Arc::clone(&app.rng),
        sender: caller.no,
        company: caller.company.clone(),
        device: device.clone(),
        out,
    });
    if sending.is_for_one_that_is_gone() {
        sending.refuse_unless_headline();
        return Ok(());
    }
    if sending.out.keep == Keep::Never {
        sending.pass_on();
        return Ok(());
    }
    let database = app.company(&caller.company).await?;
    let now_ms = app.clock.now_ms();
    let (change, finish) = (Arc::clone(&sending), Arc::clone(&database));
    let runtime = tokio::runtime::Handle::current();
    let queued = database
        .write_again_then(move |c| change.store(c, now_ms), move |outcome| sending.finish(outcome, &finish, &runtime));
    Ok(queued.await?)
}

struct Sending {
    live: Arc<Live>,
    relations: Shared,
    couriers: Arc<Couriers>,
    pager: Arc<Pager>,
    counters: Arc<Counters>,
    rng: Arc<dyn Rng>,
    sender: PersonNo,
    company: CompanyId,
    device: Device,
    out: Outgoing,
}

impl Sending {
    /// The transaction of a stored message: message, conversations, and the effect on another company's file.
    fn store(&self, content: &Connection, now_ms: i64) -> Result<Sent, AppError> {
        let recipient = self.recipient(content)?;
        let digest = digest(self.out.kind, self.out.to.as_str(), &self.out.payload);
        let mut named = message::find_named(content, self.sender, &self.out.id)?;
        if self.out.kind != Kind::Message
            && let Some(of) = named.as_ref().and_then(|named| named.about.clone())
        {
            // Some clients correct the last correction: what is changed is the message itself.
            named = message::find_named(content, self.sender, &of)?;
        }
        let crosses = recipient.foreign.clone();
        match (self.out.kind, named) {
            (Kind::Message, Some(same)) if same.digest == digest => Ok(Sent::known(same.archive, true, crosses)),
            (Kind::Message, _) => self.insert(content, &recipient, digest, now_ms),
            (Kind::Correction | Kind::Deletion, Some(original)) if original.recipient == recipient.no => {
                self.replace(content, &recipient, &original, &digest, now_ms)
            }
            (Kind::Correction | Kind::Deletion, _) => Err(AppError::NotFound("message")),
            (Kind::Remark, _) => self.remark(content, &recipient, now_ms),
        }
    }

    /// Who is not in the network is answered like nobody (decision 6).
    fn recipient(&self, content: &Connection) -> Result<Recipient, AppError> {
        let nobody = || AppError::NotFound("user");
        let company = {
            let relations = relations::read(&self.relations);
            let member = relations.member(&self.out.to).filter(|member| member.active);
            let reached = member.filter(|_| relations.reaches(&self.device.user, &self.out.to));
            reached.ok_or_else(|| self.parted(&relations))?.company.clone()
        };
        if company == self.company {
            let account = user::number(content, &self.out.to)?.filter(|(_, active)| *active);
            return Ok(Recipient { no: account.ok_or_else(nobody)?.0, foreign: None });
        }
        let no = person::enter(content, &self.out.to, &company)?;
        Ok(Recipient { no, foreign: Some(company) })
    }

    /// Why the recipient cannot be written to. Only one's own block is told.
    fn parted(&self, relations: &domain::relations::Relations) -> AppError {
        let own = relations.blocked(&self.device.user).contains(&self.out.to);
        if own { AppError::Exists("a block of this person") } else { AppError::NotFound("user") }
    }

    /// RFC 6121, 8.5.3.2.1: what is no part of a conversation is for the device that it names, or for none.
    fn is_for_one_that_is_gone(&self) -> bool {
        let named = self.out.to_resource.as_deref().filter(|_| self.out.stanza != MessageType::Chat);
        named.is_some_and(|resource| !self.live.is_there(&self.out.to, resource))
    }

    /// Whether nobody is there to take it.
    fn waits(&self, recipient: &Recipient) -> bool {
        let there = || self.live.takes_messages(&self.out.to, self.out.to_resource.as_deref());
        recipient.foreign.is_none() && !there()
    }

    fn insert(
        &self,
        content: &Connection,
        recipient: &Recipient,
        digest: Vec<u8>,
        now_ms: i64,
    ) -> Result<Sent, AppError> {
        let crosses = recipient.foreign.clone();
        let waits = self.waits(recipient);
        let kept = self.out.keep == Keep::Archive;
        let turn = if kept { 0 } else { self.live.turn() };
        if let Some(company) = &recipient.foreign {
            outbox::to_company(content, company, &MessageEffect::Sent(self.copy(now_ms)), now_ms)?;
        }
        if !kept && crosses.is_some() {
            let archive = ArchiveId(now_ms.saturating_mul(1000));
            return Ok(Sent::known(archive, false, crosses));
        }
        let new = NewMessage {
            sender: self.sender,
            recipient: recipient.no,
            sender_resource: &self.device.resource,
            stanza_id: &self.out.id,
            digest: &digest,
            payload: &self.out.payload,
            body: &self.out.body,
            kept,
            // What is not kept waits until a device really took it.
            pending: waits || !kept,
            kind: self.out.stanza.name(),
            about: None,
        };
        let archive = message::insert(content, &new, now_ms)?;
        let mut browsers = Vec::new();
        if kept {
            let own = Noted { archive, unread: false };
            // Most conversations have their id: drawing one costs a call of the system.
            let fresh = || ConversationId::random(self.rng.as_ref());
            conversation::note(content, self.sender, recipient.no, fresh, own)?;
            if crosses.is_none() && recipient.no != self.sender {
                let theirs = Noted { archive, unread: true };
                conversation::note(content, recipient.no, self.sender, fresh, theirs)?;
                browsers = self.pager.find(content, recipient.no, self.sender);
            }
        }
        Ok(Sent { waits, turn, browsers, ..Sent::known(archive, false, crosses) })
    }

    /// Only the last message to somebody can be corrected or deleted (C8); a repetition of such a change always may come.
    fn replace(
        &self,
        content: &Connection,
        recipient: &Recipient,
        original: &message::Named,
        digest: &[u8],
        now_ms: i64,
    ) -> Result<Sent, AppError> {
        let (archive, crosses) = (original.archive, recipient.foreign.clone());
        if original.change_digest.as_deref() == Some(digest) {
            return Ok(Sent::known(archive, true, crosses));
        }
        if message::is_followed(content, self.sender, recipient.no, archive)? {
            return Err(AppError::Forbidden);
        }
        message::replace(content, archive, &self.out.payload, &self.out.body, digest, now_ms)?;
        // C8: no earlier wording stays, not even in the entries of earlier corrections.
        message::remove_about(content, self.sender, recipient.no, &original.stanza_id)?;
        let waits = self.waits(recipient);
        let entry = self.enter_about(content, recipient, &original.stanza_id, waits, now_ms)?;
        if let Some(company) = &recipient.foreign {
            let copied = Copied { stanza_id: original.stanza_id.clone(), ..self.copy(now_ms) };
            outbox::to_company(content, company, &MessageEffect::Changed(copied), now_ms)?;
        }
        let of = Some(original.stanza_id.clone());
        Ok(Sent { of, entry, waits, ..Sent::known(archive, false, crosses) })
    }

    /// A reaction and the like: an entry that most of Rainbow's clients do not see.
    fn remark(&self, content: &Connection, recipient: &Recipient, now_ms: i64) -> Result<Sent, AppError> {
        let named = self.out.about.as_ref().map(|about| message::find_named(content, self.sender, &about.id));
        if let Some(same) = named.transpose()?.flatten().filter(|named| named.about.is_some()) {
            return Ok(Sent::known(same.archive, true, recipient.foreign.clone()));
        }
        let waits = self.waits(recipient);
        message::remove_remarks(content, self.sender, recipient.no, &self.out.id)?;
        let entry = self.enter_about(content, recipient, &self.out.id, waits, now_ms)?;
        let archive = entry.ok_or_else(|| AppError::invalid("id", "of which message?"))?;
        if let Some(company) = &recipient.foreign {
            outbox::to_company(content, company, &MessageEffect::Remarked(self.copy(now_ms)), now_ms)?;
        }
        Ok(Sent { entry, waits, ..Sent::known(archive, false, recipient.foreign.clone()) })
    }

    fn enter_about(
        &self,
        content: &Connection,
        recipient: &Recipient,
        of: &str,
        waits: bool,
        now_ms: i64,
    ) -> Result<Option<ArchiveId>, AppError> {
        let Some(about) = &self.out.about else { return Ok(None) };
        let between = (self.sender, recipient.no);
        let entry = enter_about(content, between, &self.device.resource, about, of, waits, now_ms)?;
        Ok(Some(entry))
    }

    fn copy(&self, now_ms: i64) -> Copied {
        Copied {
            sender: self.device.user.clone(),
            resource: self.device.resource.clone(),
            recipient: self.out.to.clone(),
            stanza_id: self.out.id.clone(),
            payload: self.out.payload.to_string(),
            body: self.out.body.clone(),
            kept: self.out.keep == Keep::Archive,
            accepted_ms: now_ms,
            to_resource: self.out.to_resource.clone(),
            kind: self.out.stanza,
            private: !self.out.copied,
            about: self.out.about.clone(),
        }
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
        self.counters.messages_accepted.one();
        let archived = (self.out.keep == Keep::Archive).then_some(sent.archive);
        let mut message = self.live_message(archived, sent.entry);
        message.id = sent.of.or(message.id);
        message.held = (self.out.keep == Keep::UntilTaken).then_some(sent.archive);
        message.turn = sent.turn;
        let mut message = Arc::new(message);
        if self.out.copied {
            self.live.copy_to_senders(&message, &self.device);
        }
        if let Some(to) = &sent.crosses {
            return self.couriers.wake(&self.company, to);
        }
        let (recipient, sender) = (self.out.to.clone(), self.device.user.clone());
        self.pager.page(Due {
            company: self.company.clone(),
            recipient,
            sender,
            news: News::Message,
            browsers: sent.browsers,
        });
        if sent.waits {
            return;
        }
        let taken = self.live.deliver(&mut message) > 0;
        if self.out.kind == Kind::Message {
            settle(database, &self.live, &message, taken, runtime);
        }
    }

    /// A message that must not be stored: taken by a connected device now, or refused (decision 10).
    fn pass_on(&self) {
        let reached = relations::read(&self.relations).reaches(&self.device.user, &self.out.to);
        let mut message = Arc::new(self.live_message(None, None));
        if reached && self.live.deliver(&mut message) > 0 {
            self.counters.messages_accepted.one();
            self.accept();
            if self.out.copied {
                self.live.copy_to_senders(&message, &self.device);
            }
        } else {
            self.refuse_unless_headline();
        }
    }

    /// RFC 6121, 8.5.2.2.1: headlines that nobody takes are dropped without a word.
    fn refuse_unless_headline(&self) {
        if self.out.stanza != MessageType::Headline {
            let refused = self.parted(&relations::read(&self.relations));
            self.refuse(&refused);
        }
    }

    fn live_message(&self, archive: Option<ArchiveId>, entry: Option<ArchiveId>) -> LiveMessage {
        let out = &self.out;
        LiveMessage {
            id: Some(out.id.clone()),
            to_resource: out.to_resource.clone(),
            kind: out.stanza,
            archive,
            private: !out.copied,
            standard: out.about.as_ref().map(|about| about.form(entry)),
            standard_only: out.kind == Kind::Remark || out.stanza.is_fleeting(),
            remark: out.kind == Kind::Remark,
            ..LiveMessage::new(&self.device.user, &self.device.resource, &out.to, Arc::clone(&out.payload))
        }
    }

    fn answered(&self) -> String {
        own_id(&self.device, &self.out.id, self.out.about.as_ref())
    }

    /// Standard clients hear of it by stream management alone: they are not woken for nothing.
    fn accept(&self) {
        if self.device.standard {
            return;
        }
        let (id, peer) = (self.answered(), self.out.to.clone());
        self.live.push_to(&self.device, Push::Accepted { id, peer });
    }

    fn refuse(&self, refused: &AppError) {
        let reason = reason(refused);
        let (id, peer) = (self.answered(), self.out.to.clone());
        self.live.push_to(&self.device, Push::Refused { id, peer, reason });
    }
}

/// The id by which a device knows what it sent.
pub(crate) fn own_id(device: &Device, id: &str, about: Option<&About>) -> String {
    about.filter(|_| device.standard).map_or(id, |about| about.id.as_str()).to_owned()
}

/// Why a message was not accepted, for its sender.
pub(crate) fn reason(refused: &AppError) -> Refusal {
    match refused {
        AppError::NotFound("message") => Refusal::NoSuchMessage,
        AppError::NotFound(_) => Refusal::Unavailable,
        AppError::Forbidden => Refusal::NotTheLast,
        AppError::Exists(_) => Refusal::Blocked,
        other => {
            tracing::error!(failure = %other, "a message could not be stored");
            let full = matches!(other, AppError::Store(failure) if failure.is_full_disk());
            if full { Refusal::NoRoom } else { Refusal::NotStored }
        }
    }
}

/// Tells a repetition of a message to somebody, or into a bubble, from another use of its id (decision 10).
pub(crate) fn digest(kind: Kind, to: &str, payload: &str) -> Vec<u8> {
    let mut hash = hash::Context::new(&hash::SHA256);
    hash.update(&[kind as u8]);
    hash.update(to.as_bytes());
    hash.update(payload.as_bytes());
    hash.finish().as_ref()[..16].to_vec()
}

/// What was to be delivered now: the device that was there may have gone since, then the message waits for the next one, or
/// goes to the one that has come meanwhile; what is not kept goes once a device took it.
pub(crate) fn settle(
    database: &Arc<Database>,
    live: &Arc<Live>,
    message: &Arc<LiveMessage>,
    taken: bool,
    runtime: &tokio::runtime::Handle,
) {
    if message.held.is_some() != taken {
        return;
    }
    let (database, live, message) = (Arc::clone(database), Arc::clone(live), Arc::clone(message));
    runtime.spawn(async move {
        let noted = if taken {
            database.write(move |c| Ok::<_, AppError>(remove_held(c, &message)?)).await
        } else {
            hand_on(&database, &live, None, vec![message]).await
        };
        if let Err(failure) = noted {
            tracing::error!(%failure, "it could not be noted whether a message waits");
        }
    });
}

/// A device took a message that is not kept. Its place may have been given again meanwhile: then its row has gone before.
fn remove_held(content: &Connection, message: &LiveMessage) -> Result<(), StoreError> {
    match (person::find(content, &message.from)?, message.held, &message.id) {
        (Some(sender), Some(held), Some(id)) => message::remove_held(content, held, sender, id),
        _ => Ok(()),
    }
}
