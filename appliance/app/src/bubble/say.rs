use crate::live::{Device, Live, Push, Said};
use crate::message::{About, Kind, digest, own_id, reason};
use crate::relations::{self, Shared};
use crate::web_push::{News, Pager};
use crate::{App, AppError, Caller, Counters};
use domain::bubble::Bubble;
use domain::ids::{ArchiveId, BubbleId, CompanyId};
use domain::rights::Right;
use std::sync::Arc;
use store::bubble::BubbleNo;
use store::bubble_message::{self, Named, NewMessage};
use store::person::PersonNo;
use store::{Connection, bubble, bubble_reader, person};

/// What a device says in a bubble.
#[derive(Debug, Clone)]
pub struct Utterance {
    /// Where.
    pub bubble: BubbleId,
    /// The sender's id for it; that of the message which it changes, because Rainbow's clients use it twice.
    pub id: String,
    /// What it is to the archive.
    pub kind: Kind,
    /// It stands in the archive; else it is for who is there now.
    pub kept: bool,
    /// The children of the stanza, as XML.
    pub payload: Arc<str>,
    /// How standard clients read a change of a message, or a remark on one.
    pub about: Option<About>,
    /// Text of the body.
    pub body: String,
}

/// Says something in a bubble that the device is in. What is kept is told to everybody there after the commit, in its order;
/// that the sender's device gets it too is the box's receipt for it (sheet section 9.4).
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, [`AppError::NotInside`] for who has not entered it; when the change
/// could not even be queued. Everything else is pushed.
pub async fn say(app: &App, caller: &Caller, device: &Device, out: Utterance) -> Result<(), AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let (home, nick) = inside(app, device, &out.bubble)?;
    let saying = Arc::new(Saying {
        live: Arc::clone(&app.live),
        relations: Arc::clone(&app.relations),
        pager: Arc::clone(&app.pager),
        counters: Arc::clone(&app.counters),
        company: caller.company.clone(),
        device: device.clone(),
        nick,
        out,
    });
    if !saying.out.kept && saying.out.kind == Kind::Message {
        saying.tell(None, None, None);
        return Ok(());
    }
    let database = app.company(&home).await?;
    let (change, now_ms) = (Arc::clone(&saying), app.clock.now_ms());
    let queued = database.write_again_then(move |c| change.store(c, now_ms), move |outcome| saying.finish(outcome));
    Ok(queued.await?)
}

/// Says something that is never kept: typing and the like.
///
/// # Errors
/// As [`say`].
pub fn say_transient(
    app: &App,
    caller: &Caller,
    device: &Device,
    (id, name): (&BubbleId, Option<String>),
    payload: Arc<str>,
) -> Result<(), AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let (_, nick) = inside(app, device, id)?;
    app.live.say(&Arc::new(Said {
        bubble: id.clone(),
        id: name,
        from: device.user.clone(),
        from_resource: device.resource.clone(),
        nick,
        archive: None,
        payload,
        standard: None,
        standard_only: false,
        remark: false,
        acknowledged: false,
    }));
    Ok(())
}

/// Whose file a bubble's content is in, and how the device is known there.
fn inside(app: &App, device: &Device, id: &BubbleId) -> Result<(CompanyId, Arc<str>), AppError> {
    let home = {
        let relations = app.relations();
        let bubble = relations.bubble(id).filter(|bubble| bubble.is_seen_by(&device.user));
        bubble.ok_or(AppError::NotFound(crate::BUBBLE))?.company.clone()
    };
    Ok((home, app.live.known_as(device, id).ok_or(AppError::NotInside)?))
}

/// What became of something that was said.
struct Kept {
    archive: ArchiveId,
    /// The id of the message that was changed.
    of: Option<String>,
    /// The entry of its own that a change has for standard clients.
    entry: Option<ArchiveId>,
    repeated: bool,
}

struct Saying {
    live: Arc<Live>,
    relations: Shared,
    pager: Arc<Pager>,
    counters: Arc<Counters>,
    company: CompanyId,
    device: Device,
    nick: Arc<str>,
    out: Utterance,
}

impl Saying {
    fn store(&self, content: &Connection, now_ms: i64) -> Result<Kept, AppError> {
        // Decided on the writer: who was put out before this is said says it no more.
        let is_member = |bubble: &Bubble| bubble.has(&self.device.user);
        if !relations::read(&self.relations).bubble(&self.out.bubble).is_some_and(is_member) {
            return Err(AppError::NotFound(crate::BUBBLE));
        }
        let no = bubble::number(content, &self.out.bubble)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        let sender = person::enter(content, &self.device.user, &self.company)?;
        let digest = digest(self.out.kind, self.out.bubble.as_str(), &self.out.payload);
        let mut named = bubble_message::find_named(content, no, Some(sender), &self.out.id)?;
        if self.out.kind != Kind::Message
            && let Some(of) = named.as_ref().and_then(|named| named.about.clone())
        {
            // Some clients correct the last correction: what is changed is the message itself.
            named = bubble_message::find_named(content, no, Some(sender), &of)?;
        }
        match (self.out.kind, named) {
            (Kind::Message, Some(same)) if same.digest == digest => {
                Ok(Kept { archive: same.archive, of: None, entry: None, repeated: true })
            }
            (Kind::Message, _) => self.insert(content, (no, sender), &digest, now_ms),
            (Kind::Correction | Kind::Deletion, Some(original)) => {
                self.replace(content, (no, sender), &original, &digest, now_ms)
            }
            (Kind::Correction | Kind::Deletion, None) => Err(AppError::NotFound("message")),
            (Kind::Remark, _) => self.remark(content, (no, sender), now_ms),
        }
    }

    fn insert(
        &self,
        content: &Connection,
        (bubble, sender): (BubbleNo, PersonNo),
        digest: &[u8],
        now_ms: i64,
    ) -> Result<Kept, AppError> {
        let new = NewMessage {
            bubble,
            sender,
            sender_resource: &self.device.resource,
            stanza_id: &self.out.id,
            digest,
            payload: &self.out.payload,
            body: &self.out.body,
            about: None,
        };
        let archive = bubble_message::insert(content, &new, now_ms)?;
        // What one says oneself one has read, and all before it.
        bubble_reader::mark(content, bubble, sender, archive, true)?;
        Ok(Kept { archive, of: None, entry: None, repeated: false })
    }

    /// Only the last message can be corrected or deleted (C8); a repetition of such a change always may come.
    fn replace(
        &self,
        content: &Connection,
        (bubble, sender): (BubbleNo, PersonNo),
        original: &Named,
        digest: &[u8],
        now_ms: i64,
    ) -> Result<Kept, AppError> {
        let archive = original.archive;
        if original.change_digest.as_deref() == Some(digest) {
            return Ok(Kept { archive, of: None, entry: None, repeated: true });
        }
        if bubble_message::is_followed(content, bubble, sender, archive)? {
            return Err(AppError::Forbidden);
        }
        bubble_message::replace(content, archive, (&self.out.payload, &self.out.body), digest, now_ms)?;
        bubble_message::remove_about(content, bubble, sender, &self.out.id)?;
        let entry = self.enter_about(content, (bubble, sender), &self.out.id, now_ms)?;
        Ok(Kept { archive, of: Some(self.out.id.clone()), entry, repeated: false })
    }

    /// A reaction and the like: an entry that most of Rainbow's clients do not see.
    fn remark(
        &self,
        content: &Connection,
        (bubble, sender): (BubbleNo, PersonNo),
        now_ms: i64,
    ) -> Result<Kept, AppError> {
        let own = self.out.about.as_ref().map(|about| about.id.as_str()).unwrap_or_default();
        if let Some(same) = bubble_message::find_named(content, bubble, Some(sender), own)? {
            return Ok(Kept { archive: same.archive, of: None, entry: None, repeated: true });
        }
        bubble_message::remove_remarks(content, bubble, sender, &self.out.id)?;
        let entry = self.enter_about(content, (bubble, sender), &self.out.id, now_ms)?;
        let archive = entry.ok_or_else(|| AppError::invalid("id", "of which message?"))?;
        Ok(Kept { archive, of: None, entry, repeated: false })
    }

    fn enter_about(
        &self,
        content: &Connection,
        (bubble, sender): (BubbleNo, PersonNo),
        of: &str,
        now_ms: i64,
    ) -> Result<Option<ArchiveId>, AppError> {
        let Some(about) = &self.out.about else { return Ok(None) };
        let new = NewMessage {
            bubble,
            sender,
            sender_resource: &self.device.resource,
            stanza_id: &about.id,
            digest: &[],
            payload: &about.payload,
            body: "",
            about: Some(of),
        };
        Ok(Some(bubble_message::insert(content, &new, now_ms)?))
    }

    /// After the commit, on the writer's thread: everybody who is there gets it, or the sender alone why not.
    fn finish(&self, outcome: Result<Kept, AppError>) {
        match outcome {
            // Whoever says it again missed the box's receipt, and nobody else missed anything.
            Ok(kept) if kept.repeated => {
                let said = self.said(Some(kept.archive), None, None);
                self.live.push_to(&self.device, Push::Said(Arc::new(said)));
            }
            Ok(kept) => {
                self.tell(Some(kept.archive), kept.of, kept.entry);
                if self.out.kind == Kind::Message {
                    self.pager.page_members(&self.out.bubble, &self.device.user, News::Message);
                }
            }
            Err(refused) => {
                let id = own_id(&self.device, &self.out.id, self.out.about.as_ref());
                let (bubble, reason) = (self.out.bubble.clone(), reason(&refused));
                self.live.push_to(&self.device, Push::Unsaid { bubble, id, reason });
            }
        }
    }

    fn tell(&self, archive: Option<ArchiveId>, of: Option<String>, entry: Option<ArchiveId>) {
        self.counters.messages_accepted.one();
        self.live.say(&Arc::new(self.said(archive, of, entry)));
    }

    fn said(&self, archive: Option<ArchiveId>, of: Option<String>, entry: Option<ArchiveId>) -> Said {
        Said {
            bubble: self.out.bubble.clone(),
            id: Some(of.unwrap_or_else(|| self.out.id.clone())),
            from: self.device.user.clone(),
            from_resource: self.device.resource.clone(),
            nick: Arc::clone(&self.nick),
            archive,
            payload: Arc::clone(&self.out.payload),
            standard: self.out.about.as_ref().map(|about| about.form(entry)),
            standard_only: self.out.kind == Kind::Remark,
            remark: self.out.kind == Kind::Remark,
            acknowledged: self.out.kind != Kind::Remark,
        }
    }
}
