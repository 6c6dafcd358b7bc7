use super::{CONTAINER, Container, ContainerPage, find, seen, tell};
use crate::live::NoticeAction;
use crate::{App, AppError, Caller};
use domain::ids::{BubbleId, ContainerId};
use domain::rights::Right;
use store::container;

/// Folders of one person.
const CONTAINERS_MAX: usize = 200;
/// Most characters of a name, and of a description.
const NAME_LENGTH_MAX: usize = 64;
const DESCRIPTION_LENGTH_MAX: usize = 255;

/// What of a folder is to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name, 1 to 64 characters.
    pub name: Option<String>,
    /// What it is for, at most 255 characters.
    pub description: Option<String>,
}

impl Change {
    fn apply(self, container: &mut Container) -> Result<(), AppError> {
        let fits = |field, text: String, least: usize, most: usize| {
            let text = text.trim().to_owned();
            if (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
                return Ok(text);
            }
            Err(AppError::invalid(field, format!("expected {least} to {most} characters, no control characters")))
        };
        if let Some(name) = self.name {
            container.name = fits("name", name, 1, NAME_LENGTH_MAX)?;
        }
        if let Some(description) = self.description {
            container.description = fits("description", description, 0, DESCRIPTION_LENGTH_MAX)?;
        }
        Ok(())
    }
}

/// Makes a folder with these bubbles in it.
///
/// # Errors
/// [`AppError::NotFound`] for a bubble that the caller does not see; a text that breaks a rule; too many folders.
pub async fn create(
    app: &App,
    caller: &Caller,
    new: Change,
    bubbles: Vec<BubbleId>,
) -> Result<ContainerPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    seen(app, caller, &bubbles)?;
    let mut made = Container {
        id: ContainerId::random(app.rng.as_ref()),
        name: String::new(),
        description: String::new(),
        created_ms: app.clock.now_ms(),
    };
    Change { name: Some(new.name.unwrap_or_default()), ..new }.apply(&mut made)?;
    let (me, row, inside) = (caller.no, made.clone(), bubbles.clone());
    app.company(&caller.company)
        .await?
        .write(move |c| {
            if container::all(c, me)?.len() >= CONTAINERS_MAX {
                return Err(AppError::invalid("name", format!("at most {CONTAINERS_MAX} containers")));
            }
            container::insert(c, me, &row)?;
            inside.iter().try_for_each(|bubble| container::put(c, me, &row.id, bubble).map(drop))?;
            Ok(())
        })
        .await?;
    tell(app, caller, &made, NoticeAction::Create, (bubbles, Vec::new()));
    find(app, caller, &made.id).await
}

/// Changes a folder's name or description.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id; a text that breaks a rule.
pub async fn update(app: &App, caller: &Caller, id: &ContainerId, change: Change) -> Result<ContainerPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, wanted) = (caller.no, id.clone());
    let changed = app
        .company(&caller.company)
        .await?
        .write(move |c| {
            let mut changed = container::find(c, me, &wanted)?.ok_or(AppError::NotFound(CONTAINER))?;
            change.apply(&mut changed)?;
            container::update(c, me, &changed)?;
            Ok::<_, AppError>(changed)
        })
        .await?;
    tell(app, caller, &changed, NoticeAction::Update, (Vec::new(), Vec::new()));
    find(app, caller, id).await
}

/// Deletes a folder; its bubbles stay, in none.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn delete(app: &App, caller: &Caller, id: &ContainerId) -> Result<ContainerPage, AppError> {
    let found = find(app, caller, id).await?;
    let (me, gone) = (caller.no, id.clone());
    app.company(&caller.company).await?.write(move |c| Ok::<_, AppError>(container::delete(c, me, &gone)?)).await?;
    tell(app, caller, &found.container, NoticeAction::Delete, (Vec::new(), found.bubbles.clone()));
    Ok(found)
}
