use super::{Listed, list};
use crate::live::Device;
use crate::people::Window;
use crate::{App, AppError, Caller, group, network};
use domain::ids::UserId;
use domain::rights::Right;
use std::collections::BTreeSet;
use store::Connection;
use store::roster_item::{self, Noted};

/// Entries that one person may note.
const NOTED_MAX: usize = 1000;
/// Most characters of a name or of a group's.
const NAME_LENGTH_MAX: usize = 255;
/// Groups of one person.
const GROUPS_MAX: usize = 32;

/// Notes somebody in the caller's roster, with a name and in these groups and no others. It tells nothing of whether there is
/// such a person: anybody can be noted. Groups of people whom the caller may know of are Rainbow's, others are noted beside them.
/// Every other device that reads the roster hears of it: this one has its answer.
///
/// # Errors
/// Names that break a rule; too many of them.
pub async fn set(
    app: &App,
    caller: &Caller,
    device: &Device,
    whom: &Listed,
    name: &str,
    groups: BTreeSet<String>,
) -> Result<(), AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    check("name", name)?;
    groups.iter().try_for_each(|group| check("group", group))?;
    if groups.len() > GROUPS_MAX {
        return Err(AppError::invalid("group", format!("at most {GROUPS_MAX} groups of one person")));
    }
    if whom.person() == Some(&caller.user) {
        return Err(AppError::Forbidden);
    }
    let (noted, of_company) = match whom.person() {
        Some(person) if app.relations().knows(&caller.user, person) => (BTreeSet::new(), Some((person, groups))),
        _ => (groups, None),
    };
    let name = name.to_owned();
    let new = move |old: Noted| Noted { name, groups: noted.into_iter().collect(), ..old };
    change(app, caller, whom, new).await?;
    if let Some((person, groups)) = of_company {
        set_groups(app, caller, person, groups).await?;
    }
    app.live.push_roster(&caller.user, whom, Some(device));
    Ok(())
}

fn check(field: &'static str, name: &str) -> Result<(), AppError> {
    if name.chars().count() > NAME_LENGTH_MAX || name.chars().any(char::is_control) {
        let why = format!("at most {NAME_LENGTH_MAX} characters, no control characters");
        return Err(AppError::invalid(field, why));
    }
    Ok(())
}

/// Changes what is noted of an entry, which may be new.
pub(super) async fn change(
    app: &App,
    caller: &Caller,
    whom: &Listed,
    new: impl FnOnce(Noted) -> Noted + Send + 'static,
) -> Result<(), AppError> {
    let (me, key) = (caller.no, whom.key());
    let change = move |c: &Connection| {
        let old = roster_item::find(c, me, &key)?;
        if old.is_none() && roster_item::count(c, me)? >= NOTED_MAX {
            return Err(AppError::invalid("item", format!("at most {NOTED_MAX} entries can be noted")));
        }
        Ok::<_, AppError>(roster_item::put(c, me, &key, &new(old.unwrap_or_default()))?)
    };
    app.company(&caller.company).await?.write(change).await
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
pub async fn remove(app: &App, caller: &Caller, device: &Device, whom: &Listed) -> Result<(), AppError> {
    let item = list::find(app, caller, whom).await?.ok_or(AppError::NotFound(NOT_LISTED))?;
    if let Some(person) = whom.person() {
        let joined = app.relations().joined(&caller.user, person);
        if item.both && !joined {
            return Err(AppError::Forbidden);
        }
        if joined {
            network::leave(app, caller, person).await?;
        }
        if item.asked {
            super::request(app, caller, person, super::Request::Unsubscribe, "").await?;
        }
        set_groups(app, caller, person, BTreeSet::new()).await?;
    }
    forget(app, caller, whom).await?;
    app.live.push_roster(&caller.user, whom, Some(device));
    Ok(())
}

/// Takes away what is noted of an entry.
pub(super) async fn forget(app: &App, caller: &Caller, whom: &Listed) -> Result<(), AppError> {
    let (me, key) = (caller.no, whom.key());
    let change = move |c: &Connection| Ok::<_, AppError>(roster_item::remove(c, me, &key)?);
    app.company(&caller.company).await?.write(change).await?;
    Ok(())
}

/// What is not found of a roster.
pub const NOT_LISTED: &str = "this person in the roster";
