//! RFC 6121, 2: who is in one's network, for standard clients. Rainbow's read it by REST. Who comes in or leaves is pushed
//! (`render.rs`); it is changed by invitations, not here (B6).

use super::{Answer, Session};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::people::{self, User};

pub(super) const NAMESPACE: &str = ns::ROSTER;

/// Without versions (RFC 6121, 2.6): always all of it, or as much as one stanza may hold.
pub(super) fn list<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut query = Element::new("query", NAMESPACE);
        let mut bytes = 0;
        for seen in people::network(&session.app, &session.caller).await? {
            if seen.user.id == session.caller.user {
                continue;
            }
            let item = Element::new("item", NAMESPACE)
                .with_attribute("jid", session.at.bare(&seen.user.id))
                .with_attribute("name", name(&seen.user))
                .with_attribute("subscription", "both");
            bytes += item.to_xml().len();
            if bytes > session.stanza_bytes_max {
                tracing::warn!("a network is too large for a roster: its end is left out");
                break;
            }
            query.push_child(item);
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

/// First and last name, or what stands before the `@` of the address: whoever is in the network knows it.
fn name(user: &User) -> String {
    let name = format!("{} {}", user.profile.first_name, user.profile.last_name);
    let name = name.trim();
    if name.is_empty() { user.email.as_str().split('@').next().unwrap_or_default().to_owned() } else { name.to_owned() }
}
