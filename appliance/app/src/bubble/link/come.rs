use super::find::{held, no_link};
use super::secrets::is_password;
use crate::bubble::{Step, step::take};
use crate::guest::Bound;
use crate::sign_in::lock_out::{self, Claim};
use crate::sign_in::pace;
use crate::{App, AppError, Caller, Source, Unauthenticated};
use domain::bubble::Bubble;
use domain::ids::{BubbleId, UserId};
use domain::rights::Right;
use store::{Connection, bubble_link};
use zeroize::Zeroizing;

/// Somebody comes by a link.
pub struct Knock {
    /// The link's token.
    pub token: Zeroizing<String>,
    /// The bubble's password, if he knows one.
    pub password: Option<Zeroizing<String>>,
    /// From where.
    pub source: Source,
}

/// Where somebody came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Which bubble.
    pub bubble: BubbleId,
    /// He was in it before.
    pub already: bool,
    /// He waits in its lobby; else he is in it.
    pub waiting: bool,
}

/// Somebody with an account comes to a bubble by its link: where its organizer might have asked him in (B3).
///
/// # Errors
/// [`AppError::NotFound`] for what leads nowhere, for him; [`AppError::WrongRoomPassword`]; [`AppError::Bubble`] where the
/// bubble is locked or full.
pub async fn come(app: &App, caller: &Caller, by: Knock) -> Result<Arrival, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    app.doorstep.pass(Bound::Look, by.source, app.clock.now_ms())?;
    let id = pace::in_step(async {
        let id = held(app, &by.token).await?;
        may_come(app, caller, &id)?;
        Ok(id)
    })
    .await?;
    let (known, already) = {
        let relations = app.relations();
        let bubble = relations.bubble(&id).ok_or_else(no_link)?;
        (expects(bubble, &caller.user), bubble.has(&caller.user))
    };
    if !known {
        // Whoever has an account is counted by it, not by where he is.
        let who = caller.user.to_string();
        check_password(app, &id, (&who, by.source), by.password.as_ref()).await?;
    }
    let waiting = knock(app, &caller.user, caller.roles.is_guest(), &id).await?;
    Ok(Arrival { bubble: id, already, waiting })
}

/// Whoever is in it, waits, or was asked by name shows no password.
fn expects(bubble: &Bubble, user: &UserId) -> bool {
    bubble.has(user) || bubble.asks(user) || bubble.waits(user)
}

fn may_come(app: &App, caller: &Caller, id: &BubbleId) -> Result<(), AppError> {
    let relations = app.relations();
    let bubble = relations.bubble(id).filter(|bubble| !bubble.archived).ok_or_else(no_link)?;
    let hosted = |of: &BubbleId| of != id && relations.bubble(of).is_some_and(|bubble| bubble.hosts(&caller.user));
    let mut elsewhere = relations.bubbles_of(&caller.user).chain(relations.waits_at(&caller.user));
    if caller.roles.is_guest() && elsewhere.any(|(of, _)| hosted(of)) {
        return Err(no_link());
    }
    let may = expects(bubble, &caller.user) || relations.may_come_in(bubble, &caller.user);
    if may { Ok(()) } else { Err(no_link()) }
}

/// Steps to the door of a bubble. Answers whether he has to wait there.
pub(crate) async fn knock(app: &App, user: &UserId, guest: bool, id: &BubbleId) -> Result<bool, AppError> {
    let stepped = take(app, user, id, Step::Knock { guest }).await?;
    Ok(stepped.bubble.waits(user))
}

/// Checks the password of a bubble that has one. Guesses are counted by who guesses, as those of passwords are (A5).
pub(crate) async fn check_password(
    app: &App,
    id: &BubbleId,
    (who, source): (&str, Source),
    shown: Option<&Zeroizing<String>>,
) -> Result<(), AppError> {
    let of = id.clone();
    let seed = move |c: &Connection| Ok::<_, AppError>(bubble_link::password_seed(c, &of)?);
    let Some(seed) = app.store.directory().read(seed).await? else { return Ok(()) };
    let shown = shown.filter(|shown| !shown.is_empty()).ok_or(AppError::WrongRoomPassword)?;
    let login = format!("bubble {id} {who}");
    let claim = Claim { login: &login, source, known: false, salt: &seed, password: shown, application: None };
    let trial = match lock_out::begin(app, &claim) {
        Ok(trial) => trial,
        Err(Unauthenticated::WrongCredentials) => return Err(AppError::WrongRoomPassword),
        Err(locked) => return Err(locked.into()),
    };
    if is_password(app, id, &seed, shown) {
        trial.right();
        return Ok(());
    }
    trial.wrong(Unauthenticated::WrongCredentials);
    Err(AppError::WrongRoomPassword)
}
