use super::step::take;
use super::{Step, look, permitted};
use crate::conversation::Peer;
use crate::live::{NoticeAction, PollEvent, Push};
use crate::{App, AppError, Caller, file};
use domain::bubble::Action;
use domain::file::Viewer;
use domain::ids::{BubbleId, UserId};
use std::sync::Arc;
use std::time::Duration;
use store::{Connection, bubble, file_grant, poll};

/// Deletes all that was said in a bubble and its polls, for everybody, and shows its files to their owners alone again (C8, D5). Only who may
/// delete the bubble itself may do so. Files go first: what a cut leaves is repeated by whoever asks again.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see it, [`AppError::Forbidden`] for everybody but its organizer.
pub async fn clear(app: &App, caller: &Caller, id: &BubbleId) -> Result<(), AppError> {
    let company = permitted(app, caller, id, Action::Delete)?;
    let viewer = Viewer::Room(id.clone());
    let hidden = app
        .store
        .directory()
        .write(move |c: &Connection| Ok::<_, AppError>(file_grant::remove_viewer_of_all(c, &viewer)?))
        .await?;
    let (of, cleared) = (id.clone(), Push::Cleared(Peer::Bubble(id.clone())));
    let members: Vec<UserId> = look(app, caller, id, |bubble| bubble.accepted().cloned().collect())?;
    let empty = move |c: &Connection| {
        let no = bubble::number(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        let polls = poll::of_bubble(c, no, None)?;
        bubble::empty(c, no)?;
        Ok(polls)
    };
    let live = Arc::clone(&app.live);
    let tell = move |_: &Vec<_>| members.iter().for_each(|member| live.push_all(member, &cleared));
    let polls = app.change_company(&company, empty, tell).await?;
    for gone in polls {
        super::poll::tell(app, (id, &gone.id), &gone.poll, PollEvent::Deleted);
    }
    for (file, access) in hidden {
        file::changed(app, &file, &access, NoticeAction::Update);
    }
    Ok(())
}

/// Hides from somebody what was said in a bubble until now; for the others nothing changes.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see it or is not in it; [`AppError::Forbidden`] for who hides it from somebody else
/// and is no organizer.
pub async fn hide(app: &App, caller: &Caller, id: &BubbleId, from: &UserId) -> Result<(), AppError> {
    let step = Step::Hide(from.clone());
    look(app, caller, id, |bubble| bubble.permits(&caller.user, &step))??;
    take(app, &caller.user, id, step).await?;
    // What somebody reads begins with a whole millisecond, the next one: what is said once this is answered comes after it.
    tokio::time::sleep(Duration::from_millis(1)).await;
    app.live.push_all(from, &Push::Cleared(Peer::Bubble(id.clone())));
    Ok(())
}
