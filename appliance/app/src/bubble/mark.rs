use super::{history, seen};
use crate::live::Push;
use crate::message::MarkKind;
use crate::{App, AppError, Caller};
use domain::ids::{ArchiveId, BubbleId, CompanyId};
use store::person::PersonNo;
use store::{Connection, bubble, bubble_conversation, bubble_message, person};

/// Notes that the caller received or read a message of a bubble, and those before it. Nobody else is told: how far each
/// member has read is asked for where it is wanted.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble; marks for messages that are not there change nothing.
pub async fn mark(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    message_id: String,
    kind: MarkKind,
) -> Result<(), AppError> {
    let read = kind == MarkKind::Read;
    let place =
        move |c: &Connection, no| Ok(bubble_message::find_named(c, no, None, &message_id)?.map(|named| named.archive));
    let changed = note(app, caller, id, read, place).await?;
    if changed && read {
        app.live.push_all(&caller.user, &Push::BubbleRead(id.clone()));
    }
    Ok(())
}

/// Notes that the caller has read everything in a bubble.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see it.
pub async fn read_all(app: &App, caller: &Caller, id: &BubbleId) -> Result<(), AppError> {
    let all = history::places((0, None));
    let newest = move |c: &Connection, no| Ok(bubble_message::newest(c, no, all)?.map(|(archive, ..)| archive));
    note(app, caller, id, true, newest).await?;
    app.live.push_all(&caller.user, &Push::BubbleRead(id.clone()));
    Ok(())
}

async fn note(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    read: bool,
    place: impl FnOnce(&Connection, bubble::BubbleNo) -> Result<Option<ArchiveId>, AppError> + Send + 'static,
) -> Result<bool, AppError> {
    let home = seen(app, caller, id)?.company;
    let (of, me) = (id.clone(), Me { user: caller.user.clone(), company: caller.company.clone() });
    app.company(&home)
        .await?
        .write(move |c| {
            let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            let Some(place) = place(c, no)? else { return Ok(false) };
            Ok::<_, AppError>(bubble_conversation::mark(c, no, me.number(c)?, place, read)?)
        })
        .await
}

struct Me {
    user: domain::ids::UserId,
    company: CompanyId,
}

impl Me {
    fn number(&self, c: &Connection) -> Result<PersonNo, AppError> {
        Ok(person::enter(c, &self.user, &self.company)?)
    }
}
