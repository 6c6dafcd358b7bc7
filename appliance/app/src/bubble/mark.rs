use super::{BubbleMessage, look};
use crate::conversation::{self, Sight};
use crate::live::{BubbleRead, BubbleReceipt, Device};
use crate::message::MarkKind;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId, UserId};
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
        let (id, me) = (self.id.clone(), self.me.clone());
        let read = self.kind == MarkKind::Read;
        let change = move |c: &Connection| {
            let no = bubble::number(c, &self.id)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            let Some(up_to) = place(c, no)? else { return Ok(None) };
            let me = person::enter(c, &self.me, &self.company)?;
            if !bubble_reader::mark(c, no, me, up_to, read)? {
                return Ok(None);
            }
            let message = bubble_message::at(c, no, up_to)?;
            Ok::<_, AppError>(Some((up_to, message, conversation::unread(c, no, Some(me), self.sight)?)))
        };
        let Some((up_to, message, unread)) = app.company(home).await?.write(change).await? else { return Ok(()) };
        if let (Some(message), Some(by)) = (message, by) {
            tell_author(app, by, &id, message, read);
        }
        if read {
            app.live.tell_read(&me, by, BubbleRead { bubble: id, up_to, unread, nick: None });
        }
        Ok(())
    }
}

/// In bubbles of more members nobody is told who of them received what he said: it would be as many stanzas as members.
const RECEIPTS_MEMBERS_MAX: usize = 100;

/// The author hears that his message was received or read; of his own devices he hears nothing here.
fn tell_author(app: &App, by: &Device, id: &BubbleId, message: BubbleMessage, read: bool) {
    let few = app.relations().bubble(id).is_some_and(|bubble| bubble.accepted().count() <= RECEIPTS_MEMBERS_MAX);
    if few && message.sender != by.user {
        let (bubble, by_resource) = (id.clone(), by.resource.clone());
        let receipt = BubbleReceipt { bubble, id: message.stanza_id, by: by.user.clone(), by_resource, read };
        app.live.tell_receipt(&message.sender, receipt);
    }
}
