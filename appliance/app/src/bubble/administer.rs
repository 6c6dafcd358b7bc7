//! What a company's administrator does with its bubbles (R1): whose they are, what they are called, who is in them. He may what
//! their organizers may but put somebody in, himself least of all: nothing here shows what is said in them.

use super::avatar::change_avatar;
use super::create::{entered, make};
use super::describe::rewrite;
use super::read::described;
use super::step::take_steps;
use super::{Bubble, BubblePage, Change, New, Step, remove};
use crate::people::{Page, Window};
use crate::{App, AppError, Caller};
use domain::ids::{BubbleId, CompanyId, UserId};
use domain::rights::{Area, Right};

const RIGHT: Right = Right::In(Area::CompanyAndMembers);

/// Members of a bubble, for a step that is taken with each of them.
#[derive(Debug, Clone)]
pub enum Among {
    /// Everybody whom the step fits.
    All,
    /// These.
    Some(Vec<UserId>),
}

/// A bubble of a company that the caller administers. What he does not administer he is told of only where he is in it.
fn administered(app: &App, caller: &Caller, id: &BubbleId) -> Result<Bubble, AppError> {
    let bubble = app.relations().bubble(id).cloned().ok_or(AppError::NotFound(crate::BUBBLE))?;
    match app.permit(caller, RIGHT, &bubble.company) {
        Ok(()) => Ok(bubble),
        Err(_) if bubble.is_seen_by(&caller.user) => Err(AppError::Forbidden),
        Err(_) => Err(AppError::NotFound(crate::BUBBLE)),
    }
}

async fn page(app: &App, caller: &Caller, id: &BubbleId) -> Result<BubblePage, AppError> {
    let bubble = administered(app, caller, id)?;
    let found = described(app, caller, vec![(id.clone(), bubble)]).await?.into_iter().next();
    Ok(hushed(found.ok_or(AppError::NotFound(crate::BUBBLE))?))
}

/// Without what tells of its messages, of which the administrator has no business.
fn hushed(page: BubblePage) -> BubblePage {
    BubblePage { last_ms: None, folder: None, ..page }
}

/// The bubbles of the caller's company, oldest first; of those only that hold `name`, whatever the case.
///
/// # Errors
/// Missing right.
pub async fn list(app: &App, caller: &Caller, name: &str, window: Window) -> Result<Page<BubblePage>, AppError> {
    app.permit(caller, RIGHT, &caller.company)?;
    let mut of: Vec<(BubbleId, Bubble)> = {
        let relations = app.relations();
        let own = relations.bubbles().filter(|(_, bubble)| bubble.company == caller.company);
        own.map(|(id, bubble)| (id.clone(), bubble.clone())).collect()
    };
    of.sort_by(|(one, a), (other, b)| (a.created_ms, one).cmp(&(b.created_ms, other)));
    if name.is_empty() {
        let cut = Page::cut(of, window);
        let items = described(app, caller, cut.items).await?.into_iter().map(hushed).collect();
        return Ok(Page { items, total: cut.total });
    }
    let wanted = name.to_lowercase();
    let mut all = described(app, caller, of).await?;
    all.retain(|page| page.description.name.to_lowercase().contains(&wanted));
    Ok(Page::cut(all.into_iter().map(hushed).collect(), window))
}

/// One bubble.
///
/// # Errors
/// [`AppError::NotFound`] for bubbles of other companies, [`AppError::Forbidden`] for who is in it and no administrator.
pub async fn find(app: &App, caller: &Caller, id: &BubbleId) -> Result<BubblePage, AppError> {
    page(app, caller, id).await
}

/// Makes a bubble whose organizer is a member of the company, or the caller himself.
///
/// # Errors
/// As [`super::create`]; [`AppError::NotFound`] and [`AppError::Forbidden`] for people whom the caller does not administer.
pub async fn create(app: &App, caller: &Caller, owner: Option<UserId>, new: New) -> Result<BubblePage, AppError> {
    let owner = owner.unwrap_or_else(|| caller.user.clone());
    let company = app.permit_on(caller, RIGHT, &owner)?;
    let made = make(app, &owner, &company, new).await?;
    app.live.push_all(&owner, &entered(&made.id, &owner));
    Ok(made)
}

/// Changes what a bubble is called and the like.
///
/// # Errors
/// As [`find`]; a text that breaks a rule.
pub async fn describe(app: &App, caller: &Caller, id: &BubbleId, change: Change) -> Result<BubblePage, AppError> {
    let company = administered(app, caller, id)?.company;
    rewrite(app, caller, (id, &company), change).await?;
    page(app, caller, id).await
}

/// Gives a bubble a picture, or takes it off.
///
/// # Errors
/// As [`super::set_avatar`], for who administers it.
pub async fn set_avatar(app: &App, caller: &Caller, id: &BubbleId, bytes: Option<Vec<u8>>) -> Result<(), AppError> {
    let company: CompanyId = administered(app, caller, id)?.company;
    change_avatar(app, (id, &company), bytes).await
}

/// Deletes a bubble for everybody, with all that was said in it (D5).
///
/// # Errors
/// As [`find`].
pub async fn delete(app: &App, caller: &Caller, id: &BubbleId) -> Result<(), AppError> {
    let company = administered(app, caller, id)?.company;
    remove::end(app, id, &company, None).await
}

/// Makes a co-organizer the organizer (C3: nobody else can be).
///
/// # Errors
/// As [`find`]; who is no co-organizer.
pub async fn rehost(app: &App, caller: &Caller, id: &BubbleId, to: UserId) -> Result<BubblePage, AppError> {
    administered(app, caller, id)?;
    take_steps(app, id, None, vec![Step::Transfer(to)], None).await?;
    page(app, caller, id).await
}

/// Takes a step with each of these members, or with none of them: [`Step::Promote`], [`Step::Demote`] or [`Step::Exclude`].
///
/// # Errors
/// As [`find`]; what R2 and C3 do not allow the organizer.
pub async fn members(
    app: &App,
    caller: &Caller,
    id: &BubbleId,
    among: Among,
    step: fn(UserId) -> Step,
) -> Result<BubblePage, AppError> {
    let bubble = administered(app, caller, id)?;
    let organizer = bubble.owner.clone();
    let users = match among {
        Among::Some(users) => users,
        // Whom the step does not fit, the organizer always, is passed over where nobody is named.
        Among::All => {
            let fits = |user: &&UserId| bubble.permits(&organizer, &step((*user).clone())).is_ok();
            bubble.members.keys().filter(fits).cloned().collect()
        }
    };
    take_steps(app, id, None, users.into_iter().map(step).collect(), None).await?;
    page(app, caller, id).await
}
