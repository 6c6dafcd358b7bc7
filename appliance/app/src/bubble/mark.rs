use super::{BubbleMessage, look};
use crate::conversation::{self, Sight};
use crate::live::{BubbleRead, BubbleReceipt, Device, Live};
use crate::message::MarkKind;
use crate::relations::{self, Shared};
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId, UserId};
use std::sync::Arc;
use store::bubble::BubbleNo;
use store::{Connection, bubble, bubble_message, bubble_reader, person};

/// Notes that the caller received or read a message of a bubble, and those before it; his other devices hear of the latter. A
/// message is named by the id that its sender gave it, or by its place in the archive (XEP-0359), as standard clients do in
/// rooms. A mark for one that is not there, or of who reads nothing in the bubble, changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble.
pub async fn mark(
    app: &App,
    caller: &Caller,
    device: &Device,
    id: &BubbleId,
    message_id: String,
    kind: MarkKind,
) -> Result<(), AppError> {
    let place = move |c: &Connection, no| {
        if let Some(named) = bubble_message::find_named(c, no, None, &message_id)? {
            return Ok(Some(named.archive));
        }
        let Some(place) = ArchiveId::parse(&message_id) else { return Ok(None) };
        Ok(bubble_message::at(c, no, place)?.map(|message| message.archive))
    };
    let reader = |bubble: &super::Bubble| Sight::of(bubble, &caller.user).map(|sight| (bubble.company.clone(), sight));
    let Some((home, sight)) = look(app, caller, id, reader)? else { return Ok(()) };
    let marking = Marking { id: id.clone(), me: caller.user.clone(), company: caller.company.clone(), sight, kind };
    marking.write(app, &home, place, Some(device)).await
}

/// Notes that the caller has read a bubble up to a place; all his devices hear of it.
pub(crate) async fn mark_all(
    app: &App,
    caller: &Caller,
    (id, home): (&BubbleId, &CompanyId),
    newest: ArchiveId,
) -> Result<(), AppError> {
    let Some(sight) = look(app, caller, id, |bubble| Sight::of(bubble, &caller.user))? else { return Ok(()) };
    let (me, company, kind) = (caller.user.clone(), caller.company.clone(), MarkKind::Read);
    let marking = Marking { id: id.clone(), me, company, sight, kind };
    marking.write(app, home, move |_, _| Ok(Some(newest)), None).await
}

struct Marking {
    id: BubbleId,
    me: UserId,
    company: CompanyId,
    sight: Sight,
    kind: MarkKind,
}

impl Marking {
    async fn write(
        self,
        app: &App,
        home: &CompanyId,
        place: impl FnOnce(&Connection, BubbleNo) -> Result<Option<ArchiveId>, AppError> + Send + 'static,
        by: Option<&Device>,
    ) -> Result<(), AppError> {
        let telling = Telling {
            live: Arc::clone(&app.live),
            relations: Arc::clone(&app.relations),
            id: self.id.clone(),
            me: self.me.clone(),
            by: by.cloned(),
            read: self.kind == MarkKind::Read,
        };
        let read = telling.read;
        let change = move |c: &Connection| {
            let no = bubble::number(c, &self.id)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            let Some(up_to) = place(c, no)? else { return Ok(None) };
            let me = person::enter(c, &self.me, &self.company)?;
            if !bubble_reader::mark(c, no, me, up_to, read)? {
                return Ok(None);
            }
            let message = bubble_message::at(c, no, up_to)?;
            Ok(Some(Marked { up_to, message, unread: conversation::unread(c, no, Some(me), self.sight)? }))
        };
        app.change_company(home, change, move |marked| telling.tell(marked.as_ref())).await.map(drop)
    }
}

/// What a mark came to.
struct Marked {
    up_to: ArchiveId,
    message: Option<BubbleMessage>,
    unread: u32,
}

/// Who hears of a mark: after the commit, on the writer's thread.
struct Telling {
    live: Arc<Live>,
    relations: Shared,
    id: BubbleId,
    me: UserId,
    by: Option<Device>,
    read: bool,
}

/// In bubbles of more members nobody is told who of them received what he said: it would be as many stanzas as members.
const RECEIPTS_MEMBERS_MAX: usize = 100;

impl Telling {
    fn tell(&self, marked: Option<&Marked>) {
        let Some(Marked { up_to, message, unread }) = marked else { return };
        if let (Some(message), Some(by)) = (message, &self.by) {
            self.tell_author(by, message);
        }
        if self.read {
            let read = BubbleRead { bubble: self.id.clone(), up_to: *up_to, unread: *unread, nick: None };
            self.live.tell_read(&self.me, self.by.as_ref(), read);
        }
    }

    /// The author hears that his message was received or read; of his own devices he hears nothing here.
    fn tell_author(&self, by: &Device, message: &BubbleMessage) {
        let is_small = |bubble: &super::Bubble| bubble.accepted().count() <= RECEIPTS_MEMBERS_MAX;
        let few = relations::read(&self.relations).bubble(&self.id).is_some_and(is_small);
        if few && message.sender != by.user {
            let (bubble, by_resource) = (self.id.clone(), by.resource.clone());
            let (id, read) = (message.stanza_id.clone(), self.read);
            let receipt = BubbleReceipt { bubble, id, by: by.user.clone(), by_resource, read };
            self.live.tell_receipt(&message.sender, receipt);
        }
    }
}
