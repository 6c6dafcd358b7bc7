use super::Listed;
use crate::people::{self, Window};
use crate::{App, AppError, Caller, group, network};
use domain::ids::UserId;
use domain::network::InvitationStatus;
use domain::rights::Right;
use std::collections::BTreeMap;
use store::roster_item::{self, Noted};
use store::user::User;

const ALL: Window = Window { offset: 0, limit: u32::MAX };

/// What a roster says about somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// The name that its owner noted, else that of the directory; empty when there is none to show.
    pub name: String,
    /// In the network: each sees the other's presence.
    pub both: bool,
    /// The owner asked to be let in and has no answer.
    pub asked: bool,
    /// Groups that the owner put the person into.
    pub groups: Vec<String>,
}

impl Item {
    /// With what its owner noted beside that.
    fn noted(&mut self, noted: Noted) {
        if !noted.name.is_empty() {
            self.name = noted.name;
        }
        self.asked = !self.both && (self.asked || noted.asked);
        for group in noted.groups {
            if !self.groups.contains(&group) {
                self.groups.push(group);
            }
        }
    }
}

/// The caller's whole roster, without himself.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller) -> Result<BTreeMap<Listed, Item>, AppError> {
    let mut items: BTreeMap<Listed, Item> = BTreeMap::new();
    for seen in people::network(app, caller).await? {
        let item = Item { name: name(&seen.user), both: true, ..Item::default() };
        items.insert(Listed::Person(seen.user.id), item);
    }
    for invited in asked(app, caller).await? {
        items.entry(Listed::Person(invited)).or_default().asked = true;
    }
    let me = caller.no;
    let noted = app.company(&caller.company).await?.read(move |c| Ok::<_, AppError>(roster_item::of(c, me)?)).await?;
    for (key, noted) in noted {
        if let Some(whom) = Listed::of_key(&key) {
            items.entry(whom).or_default().noted(noted);
        }
    }
    for page in group::list(app, caller, ALL).await?.items {
        for person in page.people {
            if let Some(item) = items.get_mut(&Listed::Person(person))
                && !item.groups.contains(&page.group.name)
            {
                item.groups.push(page.group.name.clone());
            }
        }
    }
    items.remove(&Listed::Person(caller.user.clone()));
    Ok(items)
}

/// What the caller's roster says about one entry; `None`: nothing.
///
/// # Errors
/// When the store fails.
pub async fn find(app: &App, caller: &Caller, whom: &Listed) -> Result<Option<Item>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let mut item = match whom.person() {
        Some(person) => of_person(app, caller, person).await?,
        None => Item::default(),
    };
    let (me, key) = (caller.no, whom.key());
    let database = app.company(&caller.company).await?;
    let noted = database.read(move |c| Ok::<_, AppError>(roster_item::find(c, me, &key)?)).await?;
    if !item.both && !item.asked && noted.is_none() {
        return Ok(None);
    }
    item.noted(noted.unwrap_or_default());
    Ok(Some(item))
}

/// What the roster says about somebody before anything is noted.
async fn of_person(app: &App, caller: &Caller, whom: &UserId) -> Result<Item, AppError> {
    let mut item = Item { both: app.relations().in_network(&caller.user, whom), ..Item::default() };
    if item.both {
        item.name = people::find(app, caller, whom).await.map(|seen| name(&seen.user)).unwrap_or_default();
    }
    item.asked = !item.both && asked(app, caller).await?.contains(whom);
    let groups = group::list(app, caller, ALL).await?.items;
    item.groups = groups.into_iter().filter(|page| page.people.contains(whom)).map(|page| page.group.name).collect();
    Ok(item)
}

/// Whom the caller has invited and who has not answered. Whoever was asked by address stays unnamed until the answer.
async fn asked(app: &App, caller: &Caller) -> Result<Vec<UserId>, AppError> {
    let waiting = [InvitationStatus::Pending];
    let sent = network::list(app, caller, network::Side::Sent, &waiting, ALL).await?.items;
    let by_id = sent.into_iter().filter(|invitation| invitation.address_hash.is_none());
    Ok(by_id.map(|invitation| invitation.invited).collect())
}

/// First and last name, or what stands before the `@` of the address: whoever is in the network knows it.
fn name(user: &User) -> String {
    let name = user.profile.full_name();
    if name.is_empty() { user.email.as_str().split('@').next().unwrap_or_default().to_owned() } else { name }
}
