use super::link::names_of;
use super::{Before, Bubble, BubblePage, Step, find, look, names};
use crate::live::{Gone, Incoming, Live, LobbyAction, LobbyNotice, Notice, Push, Standing};
use crate::{App, AppError, Caller, guest, relations};
use domain::bubble::{Action, Door, Refused, Status};
use domain::ids::{BubbleId, UserId};
use domain::rights::Right;
use std::sync::{Arc, PoisonError};
use store::bubble_members;

/// A bubble after a step.
pub(crate) struct Stepped {
    pub(crate) bubble: Bubble,
    pub(crate) before: Bubble,
    /// Whom the step changed.
    pub(crate) changed: Vec<UserId>,
}

/// Takes a step that changes who is in a bubble; everybody concerned hears of it. `reason`: what an inviter says.
///
/// # Errors
/// [`AppError::NotFound`] for who does not see the bubble, and for people whom the caller may not ask in (B3);
/// [`AppError::Forbidden`] and [`AppError::Bubble`] for what R2 and C3 do not allow.
pub async fn step(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    step: Step,
    reason: &str,
) -> Result<Option<BubblePage>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    if !leaves_lobby(app, caller, id, &step) {
        look(app, caller, id, |bubble| bubble.permits(&caller.user, &step))??;
    }
    let (step, asked) = invited(app, caller, step)?;
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(1024).collect();
    let asked = asked.map(|user| Asked { user, by: caller.user.clone(), reason });
    let stepped = take_steps(app, id, Some(caller.user.clone()), vec![step], asked).await?;
    if stepped.bubble.is_seen_by(&caller.user) { find(app, caller, id).await.map(Some) } else { Ok(None) }
}

/// Who waits does not see the bubble, and may go away again.
fn leaves_lobby(app: &App, caller: &Caller, id: &BubbleId, step: &Step) -> bool {
    let waits = |bubble: &Bubble| bubble.waits(&caller.user);
    *step == Step::Leave && app.relations().bubble(id).is_some_and(waits)
}

/// Somebody who hears that he is asked in.
pub(super) struct Asked {
    user: UserId,
    by: UserId,
    reason: String,
}

/// Takes a step of somebody, if what is committed permits it.
pub(super) async fn take(app: &App, by: &UserId, id: &BubbleId, step: Step) -> Result<Stepped, AppError> {
    take_steps(app, id, Some(by.clone()), vec![step], None).await
}

/// Takes steps one after the other, all or none of them. `by`: nobody stands for the company's administrator, who may what
/// the organizer may.
pub(super) async fn take_steps(
    app: &App,
    id: &BubbleId,
    by: Option<UserId>,
    steps: Vec<Step>,
    asked: Option<Asked>,
) -> Result<Stepped, AppError> {
    let (of, now_ms) = (id.clone(), app.clock.now_ms());
    let (told, live) = (id.clone(), Arc::clone(&app.live));
    let stepped = app.change_directory(
        move |c| {
            // Decided again on what is committed: others may have taken steps meanwhile.
            let before = bubble_members::find(c, &of)?.ok_or(AppError::NotFound(crate::BUBBLE))?;
            let (mut bubble, mut changed) = (before.clone(), Vec::new());
            for step in steps {
                let by = by.clone().unwrap_or_else(|| bubble.owner.clone());
                bubble.permits(&by, &step)?;
                changed.extend(bubble.take(&by, step, now_ms));
            }
            bubble_members::put(c, &of, &bubble, &changed)?;
            Ok(Stepped { bubble, before, changed })
        },
        move |relations, stepped| {
            tell(relations, &live, &told, stepped);
            if let Some(asked) = asked.filter(|asked| stepped.bubble.asks(&asked.user)) {
                let Asked { user, by, reason } = asked;
                live.push_all(&user, &Push::AskedIn { bubble: told, by, reason });
            }
        },
    );
    let stepped = stepped.await?;
    after(app, id, &stepped).await?;
    Ok(stepped)
}

/// A guest whose time is over leaves.
pub(crate) async fn put_out_guest(app: &App, guest: &UserId, id: &BubbleId) -> Result<(), AppError> {
    take(app, guest, id, Step::Leave).await.map(drop)
}

/// With the commit: the relations know it, and everybody concerned hears of it.
pub(super) fn tell(relations: &relations::Shared, live: &Live, id: &BubbleId, stepped: &Stepped) {
    relations.write().unwrap_or_else(PoisonError::into_inner).put_bubble(id, stepped.bubble.clone());
    tell_members(live, id, stepped);
    tell_lobby(live, id, stepped);
}

/// After the commit: who is new is let into it with his devices, who waits is announced, and the accounts of guests whose
/// time is over are closed.
pub(super) async fn after(app: &App, id: &BubbleId, stepped: &Stepped) -> Result<(), AppError> {
    let Stepped { bubble, before, changed } = stepped;
    for user in changed.iter().filter(|user| bubble.has(user) && !before.has(user)) {
        let name = names(app, vec![user.clone()]).await?.remove(user).unwrap_or_else(|| user.to_string());
        // Rainbow's clients are in every bubble of their user; one that looked in too early does not ask again.
        for device in app.live.rainbow_devices(user) {
            app.live.enter(&device, id, &name, Before::default());
        }
    }
    for user in changed {
        if bubble.waits(user) && !before.waits(user) {
            announce(app, id, bubble, user).await?;
        }
        if before.hosts(user) && !bubble.hosts(user) {
            guest::close(app, user).await?;
        }
    }
    Ok(())
}

/// The organizers hear who it is that waits.
async fn announce(app: &App, id: &BubbleId, bubble: &Bubble, user: &UserId) -> Result<(), AppError> {
    let company = app.relations().member(user).map(|member| member.company.clone());
    let Some(company) = company else { return Ok(()) };
    let (first_name, last_name) = names_of(app, &company, user).await?;
    let since_ms = bubble.waiting.get(user).map_or(0, |waiting| waiting.since_ms);
    let incoming = Incoming { bubble: id.clone(), user: user.clone(), first_name, last_name, since_ms };
    let push = Push::Notice(Arc::new(Notice::Incoming(incoming)));
    organizers(bubble).for_each(|organizer| app.live.push_all(organizer, &push));
    Ok(())
}

fn organizers(bubble: &Bubble) -> impl Iterator<Item = &UserId> {
    bubble.accepted().filter(|member| {
        bubble.role(member).is_some_and(|role| domain::bubble::allows(role, Action::ChangeParticipants))
    })
}

/// Organizers hear that somebody waits, or no longer, and that there is a lobby, or none; who waited in vain hears so.
fn tell_lobby(live: &Live, id: &BubbleId, stepped: &Stepped) {
    let Stepped { bubble, before, changed } = stepped;
    let has_lobby = bubble.door == Door::Lobby;
    let news = |action, user: Option<&UserId>| {
        let (waiting, user) = (bubble.waiting.len(), user.cloned());
        Push::Notice(Arc::new(Notice::Lobby(LobbyNotice { bubble: id.clone(), action, has_lobby, waiting, user })))
    };
    let mut all = Vec::new();
    if has_lobby != (before.door == Door::Lobby) {
        all.push(news(if has_lobby { LobbyAction::On } else { LobbyAction::Off }, None));
    }
    for user in changed {
        match (before.waits(user), bubble.waits(user)) {
            (false, true) => all.push(news(LobbyAction::Waits, Some(user))),
            (true, false) if bubble.has(user) => all.push(news(LobbyAction::LetIn, Some(user))),
            (true, false) => {
                all.push(news(LobbyAction::Gone, Some(user)));
                live.push_all(user, &news(LobbyAction::Gone, Some(user)));
            }
            (true, true) | (false, false) => {}
        }
    }
    for push in &all {
        organizers(bubble).for_each(|organizer| live.push_all(organizer, push));
    }
}

/// Only who may be asked into one's network is asked into a bubble (B3), and only colleagues are put in without being asked.
fn invited(app: &App, caller: &Caller, step: Step) -> Result<(Step, Option<UserId>), AppError> {
    let Step::Add { user, moderator, accepted } = step else { return Ok((step, None)) };
    let relations = relations::read(&app.relations);
    if !relations.may_ask_in(&caller.user, &user) {
        let known = relations.knows(&caller.user, &user);
        return Err(if known { AppError::Forbidden } else { AppError::from(Refused::NobodyThere) });
    }
    let accepted = accepted && relations.colleagues(&caller.user, &user);
    Ok((Step::Add { user: user.clone(), moderator, accepted }, Some(user)))
}

/// Tells members what a step changed, and puts out who is in no longer. The one whom it is about hears of it whatever he is
/// now; of an archived bubble everybody hears for himself alone.
pub(crate) fn tell_members(live: &Live, id: &BubbleId, stepped: &Stepped) {
    let Stepped { bubble, before, changed } = stepped;
    let ended = bubble.archived && !before.archived;
    for user in changed {
        let standing = |of: &Bubble| of.members.get(user).map_or(Standing::Nothing, |own| Standing::Listed(own.status));
        let status = Some(standing(bubble)).filter(|status| *status != standing(before));
        let role = bubble.role(user).filter(|role| before.role(user).is_some_and(|was| was != *role));
        // Who waits in the lobby is nothing to the members yet.
        let listed = |of: &Bubble| of.members.contains_key(user);
        if !listed(bubble) && !listed(before) {
            continue;
        }
        let notice = Notice::Member { bubble: id.clone(), user: user.clone(), status, role };
        let push = Push::Notice(Arc::new(notice));
        // Who is asked hears the invitation: told of it by a notice, Rainbow's SDK would enter at once, in vain.
        if status != Some(Standing::Listed(Status::Invited)) {
            live.push_all(user, &push);
        }
        if !ended {
            bubble.accepted().filter(|member| *member != user).for_each(|member| live.push_all(member, &push));
        }
        if before.has(user) && !bubble.has(user) {
            live.put_out(id, user, if ended { Gone::Ended } else { Gone::Removed });
        } else {
            live.tell_role(id, user);
        }
    }
}
