//! Groups of contacts: lists of one's own, shown on all devices. Who can no longer be seen is not shown.

mod change;
mod list;
mod member;

pub use change::{Change, create, delete, update};
pub use list::{GroupPage, find, list};
pub use member::set_member;
pub use store::group::Group;

use crate::live::{Notice, Push};
use crate::{App, Caller};
use std::sync::Arc;

fn tell(app: &App, caller: &Caller, notice: Notice) {
    app.live.push_all(&caller.user, &Push::Notice(Arc::new(notice)));
}
