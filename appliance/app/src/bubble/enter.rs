use super::history::readable;
use super::read::name_of;
use super::{Step, look, names, step};
use crate::live::{Device, Live, Occupant, Said};
use crate::message::PAGE_MAX;
use crate::{App, AppError, Caller};
use domain::bubble::{Bubble, Refused};
use domain::ids::{ArchiveId, BubbleId, CompanyId, UserId};
use domain::rights::Right;
use std::collections::HashMap;
use std::sync::Arc;
use store::bubble_message::BubbleMessage;
use store::message::Range;
use store::{Connection, bubble, bubble_message, user};
use tokio::sync::oneshot;

/// What a standard client wants to hear of what was said before it came (XEP-0045, 7.2.13).
#[derive(Debug, Clone, Copy)]
pub struct Discussion {
    /// Most messages.
    pub max: u32,
    /// None that are older, in milliseconds since 1970.
    pub since_ms: i64,
}

/// The device enters a bubble. A standard client hears of who is there, of what was said before and of the topic; Rainbow's
/// ask for these by themselves. To a standard client entering is its answer to an invitation.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble; [`AppError::Forbidden`] for who is no member.
pub async fn enter(
    app: &App,
    caller: &Caller,
    device: &Device,
    id: &BubbleId,
    discussion: Option<Discussion>,
) -> Result<(), AppError> {
    let (archived, asked) = look(app, caller, id, |bubble| (bubble.archived, bubble.asks(&caller.user)))?;
    match (archived, asked, discussion.is_some()) {
        (true, ..) => return Err(AppError::Bubble(Refused::Archived)),
        // Rainbow's SDK enters what it only looks at: it is let in when its user accepts.
        (false, true, false) => return Ok(()),
        (false, true, true) => drop(step(app, caller, id, Step::Accept, "").await?),
        (false, false, _) => {}
    }
    let name = name_of_caller(app, caller).await?;
    let Some(discussion) = discussion else {
        return if app.live.enter(device, id, &name, Before::default()) { Ok(()) } else { Err(AppError::Forbidden) };
    };
    let (home, reads) = readable(app, caller, id)?;
    let telling = Telling {
        live: Arc::clone(&app.live),
        device: device.clone(),
        id: id.clone(),
        name,
        reads,
        discussion,
        names: HashMap::new(),
    };
    telling.enter(app, &home).await
}

/// What a device is told when it enters, after who is there.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// What was said before, oldest first.
    pub(crate) said: Vec<Said>,
    /// The topic, to standard clients.
    pub(crate) topic: Option<String>,
}

struct Telling {
    live: Arc<Live>,
    device: Device,
    id: BubbleId,
    name: String,
    reads: (ArchiveId, ArchiveId),
    discussion: Discussion,
    names: HashMap<UserId, String>,
}

impl Telling {
    /// Read and entered on the writer, between two messages: what is not among those said before comes after.
    async fn enter(mut self, app: &App, home: &CompanyId) -> Result<(), AppError> {
        let database = app.company(home).await?;
        let (early, of) = (self.wanted(), self.id.clone());
        let senders = database.read(move |c| Ok::<_, AppError>(early.read(c, &of)?.0)).await?;
        self.names = names(app, senders.into_iter().map(|message| message.sender).collect()).await?;
        let (wanted, of) = (self.wanted(), self.id.clone());
        let (answer, answered) = oneshot::channel();
        let finish = move |outcome: Result<(Vec<BubbleMessage>, String), AppError>| {
            let entered = outcome.and_then(|(messages, topic)| {
                let said = messages.into_iter().map(|message| self.said(message)).collect();
                let before = Before { said, topic: Some(topic) };
                if self.live.enter(&self.device, &self.id, &self.name, before) {
                    Ok(())
                } else {
                    Err(AppError::Forbidden)
                }
            });
            // Whoever asked may have gone.
            drop(answer.send(entered));
        };
        database.write_then(move |c| wanted.read(c, &of), finish).await?;
        answered.await.unwrap_or(Err(AppError::Busy))
    }

    fn wanted(&self) -> Wanted {
        let since = ArchiveId(self.discussion.since_ms.saturating_mul(1000).saturating_sub(1));
        Wanted { after: self.reads.0.max(since), before: self.reads.1, max: self.discussion.max.min(PAGE_MAX) }
    }

    fn said(&self, message: BubbleMessage) -> Said {
        let nick = self.names.get(&message.sender).cloned().unwrap_or_else(|| message.sender.to_string());
        Said {
            bubble: self.id.clone(),
            id: Some(message.stanza_id),
            from: message.sender,
            from_resource: message.sender_resource,
            nick: Arc::from(nick),
            archive: Some(message.archive),
            payload: Arc::from(message.payload),
            standard: None,
            standard_only: false,
            remark: false,
            acknowledged: false,
        }
    }
}

#[derive(Clone, Copy)]
struct Wanted {
    after: ArchiveId,
    before: ArchiveId,
    max: u32,
}

impl Wanted {
    fn read(self, c: &Connection, id: &BubbleId) -> Result<(Vec<BubbleMessage>, String), AppError> {
        let (no, description) = bubble::find(c, id)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        let range = Range { after: self.after, before: self.before, limit: self.max, newest: true, every_kind: false };
        let messages = if self.max == 0 { Vec::new() } else { bubble_message::page(c, no, range)? };
        Ok((messages, description.topic))
    }
}

/// The device enters every bubble that its user is in (sheet section 9.2).
///
/// # Errors
/// When the store fails.
pub async fn enter_all(app: &App, caller: &Caller, device: &Device) -> Result<(), AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let of: Vec<BubbleId> = {
        let relations = app.relations();
        let in_it = |bubble: &Bubble| bubble.has(&caller.user);
        relations.bubbles_of(&caller.user).filter(|(_, bubble)| in_it(bubble)).map(|(id, _)| id.clone()).collect()
    };
    let name = name_of_caller(app, caller).await?;
    for id in of {
        app.live.enter(device, &id, &name, Before::default());
    }
    Ok(())
}

async fn name_of_caller(app: &App, caller: &Caller) -> Result<String, AppError> {
    let me = caller.user.clone();
    let own = app.company(&caller.company).await?.read(move |c| Ok::<_, AppError>(user::find(c, &me)?)).await?;
    Ok(name_of(&own.ok_or(AppError::NotFound("user"))?))
}

/// The device leaves a bubble; its user stays a member.
pub fn quit(app: &App, device: &Device, id: &BubbleId) {
    app.live.quit(device, id);
}

/// Who is in a bubble now, for its members.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see it; [`AppError::Forbidden`] for who is no member.
pub fn occupants(app: &App, caller: &Caller, id: &BubbleId) -> Result<Vec<Occupant>, AppError> {
    if !look(app, caller, id, |bubble| bubble.has(&caller.user))? {
        return Err(AppError::Forbidden);
    }
    Ok(app.live.occupants(id))
}

/// The name under which the device is in a bubble now; `None`: it is not.
#[must_use]
pub fn own_name(app: &App, device: &Device, id: &BubbleId) -> Option<Arc<str>> {
    app.live.known_as(device, id)
}
