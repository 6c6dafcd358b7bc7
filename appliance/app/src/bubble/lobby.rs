use super::step::take;
use super::{BubblePage, Step, find, look, names, permitted};
use crate::{App, AppError, Caller};
use domain::bubble::{Action, Door, Refused};
use domain::ids::{BubbleId, UserId};

/// Somebody in a lobby, as an organizer sees him.
#[derive(Debug, Clone)]
pub struct Waiter {
    /// Who.
    pub user: UserId,
    /// How he is called.
    pub name: String,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
    /// Without an account of his own.
    pub guest: bool,
}

/// What became of those who waited.
#[derive(Debug, Default)]
pub struct Answered {
    /// Who was let in, or sent away.
    pub done: Vec<UserId>,
    /// Who did not wait, or for whom there was no room.
    pub not: Vec<UserId>,
}

/// Says whom the link of a bubble lets in from now on.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, [`AppError::Forbidden`] for everybody but its organizer.
pub async fn set_door(app: &App, caller: &Caller, id: &BubbleId, door: Door) -> Result<BubblePage, AppError> {
    let step = Step::SetDoor(door);
    look(app, caller, id, |bubble| bubble.permits(&caller.user, &step))??;
    take(app, &caller.user, id, step).await?;
    find(app, caller, id).await
}

/// Who waits in the lobby, the longest first.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, [`AppError::Forbidden`] for simple members.
pub async fn lobby(app: &App, caller: &Caller, id: &BubbleId) -> Result<Vec<Waiter>, AppError> {
    permitted(app, caller, id, Action::ChangeParticipants)?;
    let mut waiting: Vec<_> = look(app, caller, id, |bubble| {
        bubble.waiting.iter().map(|(user, waiting)| (user.clone(), *waiting)).collect()
    })?;
    waiting.sort_by_key(|(_, waiting)| waiting.since_ms);
    let names = names(app, waiting.iter().map(|(user, _)| user.clone()).collect()).await?;
    let waiter = |(user, waiting): (UserId, domain::bubble::Waiting)| {
        let name = names.get(&user).cloned().unwrap_or_default();
        Waiter { user, name, since_ms: waiting.since_ms, guest: waiting.guest }
    };
    Ok(waiting.into_iter().map(waiter).collect())
}

/// Lets people in who wait, or sends them away; `whom` is `None` for all.
///
/// # Errors
/// As [`lobby`].
pub async fn answer_lobby(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    whom: Option<Vec<UserId>>,
    let_in: bool,
) -> Result<Answered, AppError> {
    permitted(app, caller, id, Action::ChangeParticipants)?;
    let whom = match whom {
        Some(whom) => whom,
        None => look(app, caller, id, |bubble| bubble.waiting.keys().cloned().collect())?,
    };
    let mut answered = Answered::default();
    for user in whom {
        let step = if let_in { Step::LetIn(user.clone()) } else { Step::TurnAway(user.clone()) };
        match take(app, &caller.user, id, step).await {
            Ok(_) => answered.done.push(user),
            Err(AppError::NotFound(_) | AppError::Bubble(Refused::Full)) => answered.not.push(user),
            Err(refused) => return Err(refused),
        }
    }
    Ok(answered)
}

/// Whether the caller waits in the lobby of a bubble, or is in it.
///
/// # Errors
/// [`AppError::NotFound`] where he does neither.
pub fn place_at(app: &App, caller: &Caller) -> Result<(BubbleId, bool), AppError> {
    caller.needs(domain::rights::Right::TakePart, &caller.company)?;
    let relations = app.relations();
    let waits = relations.waits_at(&caller.user).next().map(|(id, _)| (id.clone(), true));
    let inside = || relations.bubbles_of(&caller.user).next().map(|(id, _)| (id.clone(), false));
    waits.or_else(inside).ok_or(AppError::NotFound(crate::BUBBLE))
}
