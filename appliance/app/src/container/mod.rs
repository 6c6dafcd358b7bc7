//! Folders of bubbles in one person's list, shown on all his devices (C3). Bubbles that he no longer sees are not shown.

mod change;
mod fill;
mod list;

pub use change::{Change, create, delete, update};
pub use fill::{add, take_out};
pub(crate) use list::folders;
pub use list::{ContainerPage, find, list};
pub use store::container::Container;

use crate::live::{Notice, NoticeAction, Push};
use crate::{App, AppError, Caller};
use domain::ids::BubbleId;
use std::sync::Arc;

/// What is not found where a folder was looked for.
const CONTAINER: &str = "container";

/// Every device of the caller's hears what became of a folder.
fn tell(
    app: &App,
    caller: &Caller,
    container: &Container,
    action: NoticeAction,
    moved: (Vec<BubbleId>, Vec<BubbleId>),
) {
    let (added, removed) = moved;
    let notice = Notice::Container { container: container.clone(), action, added, removed };
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(notice)));
}

/// Refuses bubbles of which the caller sees one or another not.
fn seen(app: &App, caller: &Caller, bubbles: &[BubbleId]) -> Result<(), AppError> {
    let relations = app.relations();
    let sees = |id: &BubbleId| relations.bubble(id).is_some_and(|bubble| bubble.is_seen_by(&caller.user));
    if bubbles.iter().all(sees) { Ok(()) } else { Err(AppError::NotFound(crate::BUBBLE)) }
}
