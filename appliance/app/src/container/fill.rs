use super::{CONTAINER, Container, ContainerPage, find, seen, tell};
use crate::live::NoticeAction;
use crate::{App, AppError, Caller};
use domain::ids::{BubbleId, ContainerId};
use domain::rights::Right;
use std::collections::BTreeSet;
use store::{Connection, container};

/// Puts bubbles into a folder, out of those in which they were.
///
/// # Errors
/// [`AppError::NotFound`] for a folder that is not the caller's, or a bubble that he does not see.
pub async fn add(
    app: &App,
    caller: &Caller,
    id: &ContainerId,
    bubbles: Vec<BubbleId>,
) -> Result<ContainerPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    seen(app, caller, &bubbles)?;
    // Rows of bubbles that are gone would add up.
    let visible: BTreeSet<BubbleId> = app.relations().bubbles_of(&caller.user).map(|(id, _)| id.clone()).collect();
    let (me, wanted) = (caller.no, id.clone());
    let put = move |c: &Connection| {
        let container = container::find(c, me, &wanted)?.ok_or(AppError::NotFound(CONTAINER))?;
        for gone in container::contained(c, me)?.keys().filter(|bubble| !visible.contains(bubble)) {
            container::take_out(c, me, gone)?;
        }
        let mut added = Vec::new();
        for bubble in bubbles {
            if container::put(c, me, &wanted, &bubble)? {
                added.push(bubble);
            }
        }
        Ok::<_, AppError>((container, added))
    };
    let (container, added) = app.company(&caller.company).await?.write(put).await?;
    told(app, caller, &container, (added, Vec::new()));
    find(app, caller, id).await
}

/// Takes bubbles out of a folder; those that are not in it are passed over.
///
/// # Errors
/// [`AppError::NotFound`] for a folder that is not the caller's.
pub async fn take_out(
    app: &App,
    caller: &Caller,
    id: &ContainerId,
    bubbles: Vec<BubbleId>,
) -> Result<ContainerPage, AppError> {
    caller.needs(Right::UseService, &caller.company)?;
    let (me, wanted) = (caller.no, id.clone());
    let take = move |c: &Connection| {
        let container = container::find(c, me, &wanted)?.ok_or(AppError::NotFound(CONTAINER))?;
        let contained = container::contained(c, me)?;
        let inside = |bubble: &BubbleId| contained.get(bubble) == Some(&wanted);
        let removed: Vec<BubbleId> = bubbles.into_iter().filter(inside).collect();
        removed.iter().try_for_each(|bubble| container::take_out(c, me, bubble).map(drop))?;
        Ok::<_, AppError>((container, removed))
    };
    let (container, removed) = app.company(&caller.company).await?.write(take).await?;
    told(app, caller, &container, (Vec::new(), removed));
    find(app, caller, id).await
}

fn told(app: &App, caller: &Caller, container: &Container, moved: (Vec<BubbleId>, Vec<BubbleId>)) {
    if !(moved.0.is_empty() && moved.1.is_empty()) {
        tell(app, caller, container, NoticeAction::Update, moved);
    }
}
