use super::list;
use crate::people::Window;
use crate::{App, AppError, Caller, group, network};
use domain::ids::UserId;
use domain::rights::Right;
use std::collections::BTreeSet;
use store::{Connection, roster_item};

/// People whom one person may note.
const NOTED_MAX: usize = 1000;
/// Most characters of a name or of a group's.
const NAME_LENGTH_MAX: usize = 255;
/// Groups of one person.
const GROUPS_MAX: usize = 32;

/// Notes somebody in the caller's roster, with a name and in these groups and no others. It tells nothing of whether there is
/// such a person: anybody can be noted. Groups are Rainbow's, and hold people whom the caller may know of.
///
/// # Errors
/// Names that break a rule; too many of them.
pub async fn set(
    app: &App,
    caller: &Caller,
    whom: &UserId,
    name: &str,
    groups: BTreeSet<String>,
) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    if name.chars().count() > NAME_LENGTH_MAX || name.chars().any(char::is_control) {
        let why = format!("at most {NAME_LENGTH_MAX} characters, no control characters");
        return Err(AppError::invalid("name", why));
    }
    if groups.len() > GROUPS_MAX {
        return Err(AppError::invalid("group", format!("at most {GROUPS_MAX} groups of one person")));
    }
    if *whom == caller.user {
        return Err(AppError::Forbidden);
    }
    let (me, noted, name) = (caller.no, whom.clone(), name.to_owned());
    let change = move |c: &Connection| {
        let fresh = roster_item::name(c, me, &noted)?.is_none();
        if fresh && roster_item::of(c, me)?.len() >= NOTED_MAX {
            return Err(AppError::invalid("item", format!("at most {NOTED_MAX} people can be noted")));
        }
        Ok::<_, AppError>(roster_item::put(c, me, &noted, &name)?)
    };
    app.company(&caller.company).await?.write(change).await?;
    set_groups(app, caller, whom, groups).await?;
    app.live.push_roster(&caller.user, whom);
    Ok(())
}

async fn set_groups(app: &App, caller: &Caller, whom: &UserId, mut wanted: BTreeSet<String>) -> Result<(), AppError> {
    if !app.relations().knows(&caller.user, whom) {
        return Ok(());
    }
    let all = Window { offset: 0, limit: u32::MAX };
    for page in group::list(app, caller, all).await?.items {
        let (on, was) = (wanted.remove(&page.group.name), page.people.contains(whom));
        if on != was {
            group::set_member(app, caller, &page.group.id, whom, on).await?;
        }
    }
    for name in wanted {
        let new = group::Change { name: Some(name), ..group::Change::default() };
        let made = group::create(app, caller, new).await?.group.id;
        group::set_member(app, caller, &made, whom, true).await?;
    }
    Ok(())
}

/// Takes somebody out of the caller's roster: out of the network and of the groups, and an invitation that waits is taken back.
///
/// # Errors
/// [`AppError::NotFound`] for who is not in it; [`AppError::Forbidden`] for colleagues, who stay in it.
pub async fn remove(app: &App, caller: &Caller, whom: &UserId) -> Result<(), AppError> {
    let item = list::find(app, caller, whom).await?.ok_or(AppError::NotFound(NOT_LISTED))?;
    let joined = app.relations().joined(&caller.user, whom);
    if item.both && !joined {
        return Err(AppError::Forbidden);
    }
    if joined {
        network::leave(app, caller, whom).await?;
    }
    if item.asked {
        super::request(app, caller, whom, super::Request::Unsubscribe).await?;
    }
    set_groups(app, caller, whom, BTreeSet::new()).await?;
    let (me, noted) = (caller.no, whom.clone());
    let change = move |c: &Connection| Ok::<_, AppError>(roster_item::remove(c, me, &noted)?);
    app.company(&caller.company).await?.write(change).await?;
    app.live.push_roster(&caller.user, whom);
    Ok(())
}

/// What is not found of a roster.
pub const NOT_LISTED: &str = "this person in the roster";
