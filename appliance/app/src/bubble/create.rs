use super::describe::{Change, checked};
use super::{BubblePage, Description};
use crate::live::{Notice, Push, Standing};
use crate::{App, AppError, Caller};
use domain::bubble::{Bubble, Door, Status};
use domain::ids::{BubbleId, CompanyId, UserId};
use domain::rights::Right;
use std::sync::{Arc, PoisonError};
use store::{bubble, bubble_members};

/// Bubbles of which somebody is the organizer.
const BUBBLES_MAX: usize = 1000;

/// A bubble about to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// What it is called and the like; the name must be there.
    pub description: Change,
    /// Who comes later reads what was written before.
    pub shares_history: bool,
    /// Whom its link lets in, once it has one.
    pub door: Door,
}

/// Makes a bubble; the caller is its organizer and in it.
///
/// # Errors
/// A text that breaks a rule; too many bubbles.
pub async fn create(app: &App, caller: &Caller, new: New) -> Result<BubblePage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let made = make(app, &caller.user, &caller.company, new).await?;
    // The client that made it enters it by itself; told so as well, it would enter twice.
    app.live.push_other_sign_ins(&caller.user, &caller.signed_in_by, &entered(&made.id, &caller.user));
    Ok(made)
}

/// What the other devices of an organizer hear of his new bubble.
pub(super) fn entered(bubble: &BubbleId, user: &UserId) -> Push {
    let status = Some(Standing::Listed(Status::Accepted));
    let notice = Notice::Member { bubble: bubble.clone(), user: user.clone(), status, role: None };
    Push::Notice(Arc::new(notice))
}

/// A bubble of this organizer, in the file of his company.
pub(super) async fn make(app: &App, organizer: &UserId, company: &CompanyId, new: New) -> Result<BubblePage, AppError> {
    let empty = Description {
        name: String::new(),
        topic: String::new(),
        custom_data: String::from("{}"),
        tags: String::from("[]"),
        wishes: String::from("{}"),
        avatar_ms: None,
    };
    let named = Change { name: Some(new.description.name.unwrap_or_default()), ..new.description };
    let description = checked(named, empty)?;
    if owned(app, organizer) >= BUBBLES_MAX {
        return Err(AppError::invalid("name", format!("at most {BUBBLES_MAX} bubbles of one organizer")));
    }
    let (id, now_ms) = (BubbleId::random(app.rng.as_ref()), app.clock.now_ms());
    // What a cut here leaves is a row that nobody sees: whoever is in a bubble stands in the directory alone.
    let (row, of) = (description.clone(), id.clone());
    let content = move |c: &store::Connection| Ok::<_, AppError>(bubble::insert(c, &of, &row, now_ms)?);
    app.company(company).await?.write(content).await?;
    let made = Bubble::new(company.clone(), organizer.clone(), new.shares_history, now_ms);
    let made = Bubble { door: new.door, ..made };
    let (row, known, of) = (made.clone(), made.clone(), id.clone());
    let known_as = id.clone();
    app.change_directory(
        move |c| Ok(bubble_members::put(c, &of, &row, row.members.keys())?),
        move |relations, ()| {
            relations.write().unwrap_or_else(PoisonError::into_inner).put_bubble(&known_as, known);
        },
    )
    .await?;
    Ok(BubblePage { id, bubble: made, description, last_ms: None, folder: None })
}

fn owned(app: &App, organizer: &UserId) -> usize {
    app.relations().bubbles_of(organizer).filter(|(_, bubble)| bubble.owner == *organizer).count()
}

/// How many bubbles the caller is the organizer of, and of how many he may be.
///
/// # Errors
/// Missing right.
pub fn consumption(app: &App, caller: &Caller) -> Result<(usize, usize), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    Ok((owned(app, &caller.user), BUBBLES_MAX))
}
