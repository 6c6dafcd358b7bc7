use super::look;
use crate::live::Push;
use crate::message::MarkKind;
use crate::{App, AppError, Caller};
use domain::ids::BubbleId;
use store::{bubble, bubble_message, bubble_reader, person};

/// Notes that the caller received or read a message of a bubble, and those before it; the caller's devices hear of the
/// latter. A mark for a message that is not there, or of who reads nothing in the bubble, changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble.
pub async fn mark(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    message_id: String,
    kind: MarkKind,
) -> Result<(), AppError> {
    let read = kind == MarkKind::Read;
    let reader = |bubble: &super::Bubble| bubble.reads(&caller.user).map(|_| bubble.company.clone());
    let Some(home) = look(app, caller, id, reader)? else { return Ok(()) };
    let (of, me, company) = (id.clone(), caller.user.clone(), caller.company.clone());
    let change = move |c: &store::Connection| {
        let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        let Some(named) = bubble_message::find_named(c, no, None, &message_id)? else { return Ok(false) };
        Ok::<_, AppError>(bubble_reader::mark(c, no, person::enter(c, &me, &company)?, named.archive, read)?)
    };
    let changed = app.company(&home).await?.write(change).await?;
    if changed && read {
        app.live.push_all(&caller.user, &Push::BubbleRead(id.clone()));
    }
    Ok(())
}
