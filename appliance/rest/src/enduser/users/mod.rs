//! Users: oneself, colleagues, the network.

pub(crate) mod by_emails;
pub(crate) mod by_ids;
pub(crate) mod by_jid;
pub(crate) mod by_jids;
pub(crate) mod change;
pub(crate) mod custom_status;
pub(crate) mod leave;
pub(crate) mod me;
pub(crate) mod networks;
pub(crate) mod presences;
pub(crate) mod read;
pub(crate) mod self_register;
pub(crate) mod settings;

use crate::answer::{Answer, data, page_of};
use crate::edge::Edge;
use crate::user::{View, person};
use app::Caller;
use app::people::{Seen, Window};

/// One person; the caller sees more of himself than of others.
fn one(edge: &Edge, caller: &Caller, seen: &Seen) -> Answer {
    let view = if seen.user.id == caller.user { View::Private } else { View::Contact };
    data(&person(seen, &edge.app.domain(), view))
}

/// People as contacts.
fn several(edge: &Edge, people: Vec<Seen>, window: Window) -> Answer {
    let domain = edge.app.domain();
    page_of(people, window, |seen| person(seen, &domain, View::Contact))
}
