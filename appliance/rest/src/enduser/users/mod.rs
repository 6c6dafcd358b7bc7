//! Users: oneself, colleagues, the network.

pub(crate) mod by_emails;
pub(crate) mod by_ids;
pub(crate) mod by_jid;
pub(crate) mod by_jids;
pub(crate) mod change;
pub(crate) mod me;
pub(crate) mod networks;
pub(crate) mod presences;
pub(crate) mod read;
pub(crate) mod settings;

use crate::answer::{Answer, data, page_of};
use crate::edge::Edge;
use crate::user::{Home, View};
use app::Caller;
use app::people::{User, Window};

/// One user; the caller sees more of himself than of others.
async fn one(edge: &Edge, caller: &Caller, user: &User) -> Answer {
    let view = if user.id == caller.user { View::Private } else { View::Contact };
    data(&Home::of_caller(edge, caller).await?.user(user, view))
}

/// Users as contacts.
async fn several(edge: &Edge, caller: &Caller, users: Vec<User>, window: Window) -> Answer {
    let home = Home::of_caller(edge, caller).await?;
    page_of(users, window, |user| home.user(user, View::Contact))
}
