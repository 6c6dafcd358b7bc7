//! Bubbles (C3): making them, who is in them (R2), what they are called, what is said in them.
//!
//! Who is in a bubble stands in the directory and, in memory, among the relations; what it is called and what is said in it
//! in the file of its company (decisions 8, 9). Members of other companies read and write there too: every verb asks the
//! relations first.

pub mod administer;
mod avatar;
mod clear;
mod create;
mod describe;
mod enter;
mod history;
pub mod link;
mod lobby;
mod mark;
pub mod poll;
mod read;
mod readers;
mod remove;
mod say;
mod step;
mod tags;

pub use avatar::{Picture, avatar, set_avatar};
pub use clear::{clear, hide};
pub use create::{New, consumption, create};
pub use describe::{Change, describe};
pub use domain::bubble::{Bubble, Door, MEMBERS_MAX, Membership, Role, Status, Step};
pub(crate) use enter::Before;
pub use enter::{Discussion, enter, enter_all, occupants, own_name, quit};
pub(crate) use history::places;
pub use history::{BubbleHistory, history, messages};
pub use lobby::{Answered, Waiter, answer_lobby, lobby, place_at, set_door};
pub use mark::mark;
pub(crate) use mark::mark_all;
pub use read::{BubblePage, find, find_many, list, names};
pub use readers::{Came, REACHES_MAX, Reach, reaches};
pub(crate) use remove::finish_removals;
pub use remove::remove;
pub use say::{Utterance, say, say_transient};
pub(crate) use step::put_out_guest;
pub use step::step;
pub(crate) use step::{Stepped, tell_members};
pub use store::bubble::Description;
pub use store::bubble_message::BubbleMessage;
pub use tags::{Tag, tagged, untag};

use crate::{App, AppError, Caller};
use domain::bubble::Action;
use domain::ids::{BubbleId, CompanyId};
use domain::rights::Right;

/// What there is to know of a bubble, for who sees it. Looked at where it is: a bubble may have a thousand members.
fn look<T>(app: &App, caller: &Caller, id: &BubbleId, at: impl FnOnce(&Bubble) -> T) -> Result<T, AppError> {
    caller.needs(Right::TakePart, &caller.company)?;
    let relations = app.relations();
    let bubble = relations.bubble(id).filter(|bubble| bubble.is_seen_by(&caller.user));
    bubble.map(at).ok_or(AppError::NotFound(crate::BUBBLE))
}

/// The file of a bubble, for who may do something in it (R2).
fn permitted(app: &App, caller: &Caller, id: &BubbleId, action: Action) -> Result<CompanyId, AppError> {
    let asked = |bubble: &Bubble| bubble.needs(&caller.user, action).map(|()| bubble.company.clone());
    Ok(look(app, caller, id, asked)??)
}
