use super::Group;
use crate::people::{Page, Window};
use crate::{App, AppError, Caller};
use domain::ids::{GroupId, UserId};
use domain::rights::Right;
use store::{Connection, group};

/// A group and who is in it.
#[derive(Debug, Clone)]
pub struct GroupPage {
    /// The group.
    pub group: Group,
    /// Its people, as far as the caller may know of them.
    pub people: Vec<UserId>,
}

fn whole(c: &Connection, group: Group) -> Result<GroupPage, AppError> {
    let people = group::members(c, &group.id)?;
    Ok(GroupPage { group, people })
}

fn shown(app: &App, caller: &Caller, mut page: GroupPage) -> GroupPage {
    let relations = app.relations();
    page.people.retain(|user| relations.knows(&caller.user, user));
    page
}

/// The caller's groups, by name.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller, window: Window) -> Result<Page<GroupPage>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let me = caller.no;
    let read = move |c: &Connection| {
        let Page { items, total } = Page::cut(group::all(c, me)?, window);
        let items = items.into_iter().map(|group| whole(c, group)).collect::<Result<Vec<_>, AppError>>()?;
        Ok::<_, AppError>(Page { items, total })
    };
    let page = database.read(read).await?;
    let items = page.items.into_iter().map(|group| shown(app, caller, group)).collect();
    Ok(Page { items, total: page.total })
}

/// One group of the caller.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn find(app: &App, caller: &Caller, id: &GroupId) -> Result<GroupPage, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, wanted) = (caller.no, id.clone());
    let found = database
        .read(move |c| group::find(c, me, &wanted)?.map(|group| whole(c, group)).transpose())
        .await?
        .ok_or(AppError::NotFound("group"))?;
    Ok(shown(app, caller, found))
}
