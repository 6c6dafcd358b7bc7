//! RFC 6121, 2: who is in one's network, for standard clients, and what one noted about them. Rainbow's read it by REST. A
//! person comes into the network by an invitation (B6), which standard clients make by presence.

use super::{Answer, Recipient, Replies, Session, Supports, Xep};
use crate::stream::{Condition, ErrorType, iq_result, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::roster::{self, Item, NOT_LISTED};
use aws_lc_rs::digest;
use domain::ids::UserId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const NAMESPACE: &str = ns::ROSTER;

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(237, "1.3", "Roster Versioning")], server: &[], account: &[] };

/// The stream feature: rosters have versions (RFC 6121, 2.6.1).
pub(super) fn versions() -> Element {
    Element::new("ver", ns::ROSTER_VERSIONS)
}

/// All of it, or as much as one stanza may hold; nothing to who has this version already.
pub(super) fn list<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        session.app.live().reads_roster(&session.device);
        let (query, version) = whole(session).await?;
        let known = iq.child("query", NAMESPACE).and_then(|query| query.attribute("ver"));
        if known == Some(&version) {
            return Ok(vec![iq_result(iq)]);
        }
        let query = if known.is_some() { query.with_attribute("ver", version) } else { query };
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

/// The roster, and its version: the hash of what stands in it.
async fn whole(session: &Session) -> Result<(Element, String), AppError> {
    let mut query = Element::new("query", NAMESPACE);
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut bytes = 0;
    let items: BTreeMap<UserId, Item> = roster::list(&session.app, &session.caller).await?;
    for (user, item) in &items {
        let item = element(session, user, Some(item));
        let text = item.to_xml();
        bytes += text.len();
        if bytes > session.stanza_bytes_max {
            tracing::warn!("a network is too large for a roster: its end is left out");
            break;
        }
        hash.update(text.as_bytes());
        query.push_child(item);
    }
    let version = hash.finish().as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((query, version))
}

/// What the roster says about somebody; nothing any more without an item.
fn element(session: &Session, user: &UserId, item: Option<&Item>) -> Element {
    let mut element = Element::new("item", NAMESPACE).with_attribute("jid", session.at.bare(user));
    let Some(item) = item else { return element.with_attribute("subscription", "remove") };
    element.set_attribute("subscription", if item.both { "both" } else { "none" });
    if item.asked {
        element.set_attribute("ask", "subscribe");
    }
    if !item.name.is_empty() {
        element.set_attribute("name", item.name.as_str());
    }
    for group in &item.groups {
        element.push_child(Element::new("group", NAMESPACE).with_text(group));
    }
    element
}

/// The push of what the roster says now about somebody, to a device that asked for the roster (RFC 6121, 2.1.6).
pub(crate) async fn pushed(session: &Session, about: &UserId) -> Option<Element> {
    if !session.app.live().hears_roster(&session.device) {
        return None;
    }
    let read = async {
        let item = roster::find(&session.app, &session.caller, about).await?;
        let (_, version) = whole(session).await?;
        Ok::<_, AppError>((item, version))
    };
    match read.await {
        Ok((item, version)) => {
            let query = Element::new("query", NAMESPACE).with_attribute("ver", version);
            Some(query.with_child(element(session, about, item.as_ref())))
        }
        Err(failure) => {
            tracing::error!(%failure, "a change of a roster could not be read");
            None
        }
    }
}

/// One item is noted, or removed (RFC 6121, 2.3 to 2.5).
pub(super) fn set<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let invalid = |why: &str| AppError::Invalid { field: "item", why: why.to_owned() };
        let query = iq.child("query", NAMESPACE).ok_or_else(|| invalid("missing"))?;
        let mut items = query.children().filter(|child| child.is("item", NAMESPACE));
        let (Some(item), None) = (items.next(), items.next()) else { return Err(invalid("exactly one at once")) };
        let jid = item.attribute("jid").ok_or_else(|| invalid("it names a jid"))?;
        let user = match session.place(jid) {
            Recipient::User(user) => user,
            Recipient::Account => return Err(AppError::Forbidden),
            _ => return Err(AppError::NotFound(NOT_LISTED)),
        };
        if item.attribute("subscription") == Some("remove") {
            roster::remove(&session.app, &session.caller, &user).await?;
            return Ok(vec![iq_result(iq)]);
        }
        let mut groups = BTreeSet::new();
        for group in item.children().filter(|child| child.is("group", NAMESPACE)) {
            let name = group.text().trim().to_owned();
            if name.is_empty() {
                return Ok(not_acceptable(iq, "a group has a name"));
            }
            if !groups.insert(name) {
                return Err(invalid("the same group twice"));
            }
        }
        let name = item.attribute("name").unwrap_or_default().trim();
        match roster::set(&session.app, &session.caller, &user, name, groups).await {
            Err(AppError::Invalid { why, .. }) => return Ok(not_acceptable(iq, &why)),
            set => set?,
        }
        Ok(vec![iq_result(iq)])
    })
}

/// RFC 6121, 2.3.3.
fn not_acceptable(iq: &Element, why: &str) -> Replies {
    stanza_error(iq, ErrorType::Modify, Condition::NotAcceptable, why).into_iter().collect()
}
