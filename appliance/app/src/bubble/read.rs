use super::{Bubble, Description};
use crate::people::{Page, Window};
use crate::{App, AppError, Caller, container};
use domain::ids::{ArchiveId, BubbleId, CompanyId, ContainerId, UserId};
use domain::rights::Right;
use std::collections::{BTreeMap, HashMap};
use store::{Connection, bubble, bubble_message, user};

/// A bubble as who sees it may see it.
#[derive(Debug, Clone)]
pub struct BubblePage {
    /// Its id.
    pub id: BubbleId,
    /// Whose it is and who is in it.
    pub bubble: Bubble,
    /// What it is called.
    pub description: Description,
    /// When something was said last in it, in milliseconds since 1970; only to who may read it.
    pub last_ms: Option<i64>,
    /// The caller's folder in which it is: id and name.
    pub folder: Option<(ContainerId, String)>,
}

/// One bubble that the caller sees.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else, whether there is such a bubble or not (decision 6).
pub async fn find(app: &App, caller: &Caller, id: &BubbleId) -> Result<BubblePage, AppError> {
    find_many(app, caller, vec![id.clone()]).await?.into_iter().next().ok_or(AppError::NotFound(crate::BUBBLE))
}

/// Bubbles that the caller sees, in the order asked; ids of others are passed over.
///
/// # Errors
/// When the store fails.
pub async fn find_many(app: &App, caller: &Caller, ids: Vec<BubbleId>) -> Result<Vec<BubblePage>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let of = {
        let relations = app.relations();
        let seen = |id: BubbleId| {
            let bubble = relations.bubble(&id).filter(|bubble| bubble.is_seen_by(&caller.user))?.clone();
            Some((id, bubble))
        };
        ids.into_iter().filter_map(seen).collect()
    };
    described(app, caller, of).await
}

/// The bubbles that the caller sees, in the order in which they were made; those that he has left with `left` only.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller, left: bool, window: Window) -> Result<Page<BubblePage>, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let all = {
        let relations = app.relations();
        let in_reach = |bubble: &Bubble| left || bubble.role(&caller.user).is_some() || bubble.asks(&caller.user);
        let mut all: Vec<(BubbleId, Bubble)> = relations
            .bubbles_of(&caller.user)
            .filter(|(_, bubble)| in_reach(bubble))
            .map(|(id, bubble)| (id.clone(), bubble.clone()))
            .collect();
        all.sort_by(|(one, a), (other, b)| (a.created_ms, one).cmp(&(b.created_ms, other)));
        all
    };
    let page = Page::cut(all, window);
    Ok(Page { items: described(app, caller, page.items).await?, total: page.total })
}

/// Reads what bubbles are called, one query a company.
pub(super) async fn described(
    app: &App,
    caller: &Caller,
    of: Vec<(BubbleId, Bubble)>,
) -> Result<Vec<BubblePage>, AppError> {
    let mut by_company: BTreeMap<CompanyId, Vec<Wanted>> = BTreeMap::new();
    for (id, bubble) in &of {
        let reads = bubble.reads(&caller.user);
        by_company.entry(bubble.company.clone()).or_default().push((id.clone(), reads));
    }
    let mut found: HashMap<BubbleId, (Description, Option<i64>)> = HashMap::new();
    for (company, wanted) in by_company {
        found.extend(app.company(&company).await?.read(move |c| descriptions(c, wanted)).await?);
    }
    let mut folders = container::folders(app, caller).await?;
    let page = |(id, bubble): (BubbleId, Bubble)| {
        let (description, last_ms) = found.remove(&id)?;
        let folder = folders.remove(&id);
        Some(BubblePage { id, bubble, description, last_ms, folder })
    };
    Ok(of.into_iter().filter_map(page).collect())
}

/// A bubble, and the times whose messages the caller may read of it.
type Wanted = (BubbleId, Option<(i64, Option<i64>)>);
type Found = Vec<(BubbleId, (Description, Option<i64>))>;

fn descriptions(c: &Connection, wanted: Vec<Wanted>) -> Result<Found, AppError> {
    let mut found = Vec::new();
    for (id, reads) in wanted {
        // A row that a cut left without its directory's, or the other way round, is passed over.
        let Some((no, description)) = bubble::find(c, &id)? else { continue };
        let last = match reads.map(super::history::places) {
            Some(places) => bubble_message::newest(c, no, places)?,
            None => None,
        };
        found.push((id, (description, last.map(|(archive, ..): (ArchiveId, _, _)| archive.stamp_ms()))));
    }
    Ok(found)
}

/// How people who are or were in a bubble are called, whatever company they are of.
///
/// # Errors
/// When the store fails.
pub async fn names(app: &App, people: Vec<UserId>) -> Result<HashMap<UserId, String>, AppError> {
    named(app, people, name_of).await
}

/// The same, first and last name.
pub(super) async fn full_names(app: &App, people: Vec<UserId>) -> Result<HashMap<UserId, (String, String)>, AppError> {
    named(app, people, |user| (user.profile.first_name.clone(), user.profile.last_name.clone())).await
}

async fn named<T: Send + 'static>(
    app: &App,
    people: Vec<UserId>,
    name: fn(&user::User) -> T,
) -> Result<HashMap<UserId, T>, AppError> {
    let mut by_company: BTreeMap<CompanyId, Vec<UserId>> = BTreeMap::new();
    {
        let relations = app.relations();
        for id in people {
            let Some(member) = relations.member(&id) else { continue };
            by_company.entry(member.company.clone()).or_default().push(id);
        }
    }
    let mut names = HashMap::new();
    for (company, wanted) in by_company {
        let read = move |c: &Connection| {
            let found = wanted.into_iter().map(|id| Ok(user::find(c, &id)?.map(|user| (id, name(&user)))));
            found.filter_map(Result::transpose).collect::<Result<Vec<_>, AppError>>()
        };
        names.extend(app.company(&company).await?.read(read).await?);
    }
    Ok(names)
}

/// First and last name; of an account without names the id, because an address is nobody's business.
pub(super) fn name_of(user: &user::User) -> String {
    let name = user.profile.full_name();
    if name.is_empty() { user.id.to_string() } else { name }
}
