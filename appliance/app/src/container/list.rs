use super::{CONTAINER, Container};
use crate::{App, AppError, Caller};
use domain::ids::{BubbleId, ContainerId};
use domain::rights::Right;
use std::collections::BTreeMap;
use store::container;

/// A folder and what is in it.
#[derive(Debug, Clone)]
pub struct ContainerPage {
    /// The folder.
    pub container: Container,
    /// Its bubbles, as far as the caller sees them.
    pub bubbles: Vec<BubbleId>,
}

/// The caller's folders, by name.
///
/// # Errors
/// When the store fails.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<ContainerPage>, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let me = caller.no;
    let read = move |c: &store::Connection| Ok::<_, AppError>((container::all(c, me)?, container::contained(c, me)?));
    let (all, contained) = app.company(&caller.company).await?.read(read).await?;
    let relations = app.relations();
    let sees = |id: &BubbleId| relations.bubble(id).is_some_and(|bubble| bubble.is_seen_by(&caller.user));
    let page = |container: Container| {
        let inside = contained.iter().filter(|(bubble, of)| **of == container.id && sees(bubble));
        let bubbles = inside.map(|(bubble, _)| bubble.clone()).collect();
        ContainerPage { container, bubbles }
    };
    Ok(all.into_iter().map(page).collect())
}

/// One folder of the caller.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn find(app: &App, caller: &Caller, id: &ContainerId) -> Result<ContainerPage, AppError> {
    let found = list(app, caller).await?.into_iter().find(|page| page.container.id == *id);
    found.ok_or(AppError::NotFound(CONTAINER))
}

/// In which folder each of the caller's bubbles is: id and name.
pub(crate) async fn folders(app: &App, caller: &Caller) -> Result<BTreeMap<BubbleId, (ContainerId, String)>, AppError> {
    let me = caller.no;
    let read = move |c: &store::Connection| {
        let contained = container::contained(c, me)?;
        let names = if contained.is_empty() { Vec::new() } else { container::all(c, me)? };
        Ok::<_, AppError>((contained, names))
    };
    let (contained, all) = app.company(&caller.company).await?.read(read).await?;
    let names: BTreeMap<ContainerId, String> = all.into_iter().map(|one| (one.id, one.name)).collect();
    let named = |(bubble, id): (BubbleId, ContainerId)| {
        let name = names.get(&id)?.clone();
        Some((bubble, (id, name)))
    };
    Ok(contained.into_iter().filter_map(named).collect())
}
