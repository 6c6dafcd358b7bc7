use super::{Group, GroupPage, find, tell};
use crate::live::{Notice, NoticeAction};
use crate::{App, AppError, Caller};
use domain::ids::GroupId;
use domain::rights::Right;
use store::group;

/// Groups of one person.
const GROUPS_MAX: usize = 200;
/// Most characters of a name or comment.
const TEXT_LENGTH_MAX: usize = 255;

/// What of a group is to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub comment: Option<String>,
    /// Shown first.
    pub favorite: Option<bool>,
}

impl Change {
    fn apply(self, group: &mut Group) -> Result<(), AppError> {
        let fits = |field, text: String, least: usize| {
            let text = text.trim().to_owned();
            let length = text.chars().count();
            if (least..=TEXT_LENGTH_MAX).contains(&length) && !text.chars().any(char::is_control) {
                return Ok(text);
            }
            let why = format!("expected {least} to {TEXT_LENGTH_MAX} characters, no control characters");
            Err(AppError::invalid(field, why))
        };
        if let Some(name) = self.name {
            group.name = fits("name", name, 1)?;
        }
        if let Some(comment) = self.comment {
            group.comment = fits("comment", comment, 0)?;
        }
        group.favorite = self.favorite.unwrap_or(group.favorite);
        Ok(())
    }
}

/// Makes a group.
///
/// # Errors
/// A text that breaks a rule; too many groups.
pub async fn create(app: &App, caller: &Caller, new: Change) -> Result<GroupPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let mut made = Group {
        id: GroupId::random(app.rng.as_ref()),
        name: String::new(),
        comment: String::new(),
        favorite: false,
        created_ms: app.clock.now_ms(),
    };
    Change { name: Some(new.name.unwrap_or_default()), ..new }.apply(&mut made)?;
    let database = app.company(&caller.company).await?;
    let (me, row) = (caller.no, made.clone());
    database
        .write(move |c| {
            if group::all(c, me)?.len() >= GROUPS_MAX {
                return Err(AppError::invalid("name", format!("at most {GROUPS_MAX} groups")));
            }
            Ok(group::insert(c, me, &row)?)
        })
        .await?;
    tell(app, caller, Notice::Group { group: made.clone(), action: NoticeAction::Create });
    Ok(GroupPage { group: made, people: Vec::new() })
}

/// Changes a group.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id; a text that breaks a rule.
pub async fn update(app: &App, caller: &Caller, id: &GroupId, change: Change) -> Result<GroupPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let database = app.company(&caller.company).await?;
    let (me, wanted) = (caller.no, id.clone());
    database
        .write(move |c| {
            let mut group = group::find(c, me, &wanted)?.ok_or(AppError::NotFound("group"))?;
            change.apply(&mut group)?;
            Ok::<_, AppError>(group::update(c, me, &group)?)
        })
        .await?;
    let page = find(app, caller, id).await?;
    tell(app, caller, Notice::Group { group: page.group.clone(), action: NoticeAction::Update });
    Ok(page)
}

/// Deletes a group; its people stay where they are.
///
/// # Errors
/// [`AppError::NotFound`] when the caller has none of that id.
pub async fn delete(app: &App, caller: &Caller, id: &GroupId) -> Result<GroupPage, AppError> {
    let found = find(app, caller, id).await?;
    let wanted = id.clone();
    let database = app.company(&caller.company).await?;
    database.write(move |c| Ok::<_, AppError>(group::delete(c, &wanted)?)).await?;
    tell(app, caller, Notice::Group { group: found.group.clone(), action: NoticeAction::Delete });
    Ok(found)
}
