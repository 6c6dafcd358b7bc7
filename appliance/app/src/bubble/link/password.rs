use super::SEED_BYTES;
use super::secrets::password;
use crate::bubble::permitted;
use crate::live::{Notice, NoticeAction, Push};
use crate::{App, AppError, Caller};
use domain::bubble::{Action, Refused};
use domain::ids::BubbleId;
use std::sync::{Arc, PoisonError};
use store::{Connection, bubble_link, bubble_members};
use zeroize::Zeroizing;

/// The password that the link of a bubble asks for; `None`: none.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, [`AppError::Forbidden`] for everybody but its organizer.
pub async fn find_password(app: &App, caller: &Caller, id: &BubbleId) -> Result<Option<Zeroizing<String>>, AppError> {
    permitted(app, caller, id, Action::ConferenceLink)?;
    let of = id.clone();
    let seed = move |c: &Connection| Ok::<_, AppError>(bubble_link::password_seed(c, &of)?);
    let seed = app.store.directory().read(seed).await?;
    Ok(seed.map(|seed| password(app, id, &seed)))
}

/// Gives a bubble a new password, or takes it off. Who is in it stays.
///
/// # Errors
/// As [`find_password`]; [`AppError::Bubble`] for one that is archived.
pub async fn set_password(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    on: bool,
) -> Result<Option<Zeroizing<String>>, AppError> {
    permitted(app, caller, id, Action::ConferenceLink)?;
    let seed = on.then(|| {
        let mut seed = Zeroizing::new([0_u8; SEED_BYTES]);
        app.rng.fill(seed.as_mut_slice());
        seed
    });
    let new = seed.as_ref().map(|seed| password(app, id, seed.as_slice()));
    let (of, by, told, live) = (id.clone(), caller.user.clone(), id.clone(), Arc::clone(&app.live));
    let change = move |c: &Connection| {
        let before = bubble_members::find(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
        before.needs(&by, Action::ConferenceLink)?;
        if before.archived {
            return Err(AppError::Bubble(Refused::Archived));
        }
        bubble_link::put_password(c, &of, seed.as_ref().map(|seed| seed.as_slice()))?;
        Ok(bubble_members::find(c, &of)?.unwrap_or(before))
    };
    app.change_directory(change, move |relations, bubble| {
        relations.write().unwrap_or_else(PoisonError::into_inner).put_bubble(&told, bubble.clone());
        let action = if bubble.asks_password { NoticeAction::Update } else { NoticeAction::Delete };
        let notice = Notice::RoomPassword { bubble: told, action };
        live.push_all(&bubble.owner, &Push::Notice(Arc::new(notice)));
    })
    .await?;
    Ok(new)
}
