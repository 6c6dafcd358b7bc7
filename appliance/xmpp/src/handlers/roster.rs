//! RFC 6121, 2: who is in one's network, for standard clients, and what one noted about them. Rainbow's read it by REST. A
//! person comes into the network by an invitation (B6), which standard clients make by presence.

use super::{Answer, Recipient, Replies, Session, Supports, Xep};
use crate::jid::Jid;
use crate::render::iq_push;
use crate::stream::{Condition, ErrorType, iq_result, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::roster::{self, Item, Listed};
use aws_lc_rs::digest;
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
    let items: BTreeMap<Listed, Item> = roster::list(&session.app, &session.caller).await?;
    for (whom, item) in &items {
        let item = element(session, whom, Some(item));
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
fn element(session: &Session, whom: &Listed, item: Option<&Item>) -> Element {
    let jid = match whom {
        Listed::Person(user) => session.at.bare(user),
        Listed::Address(jid) => jid.clone(),
    };
    let mut element = Element::new("item", NAMESPACE).with_attribute("jid", jid);
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
pub(crate) async fn push(session: &Session, about: &Listed) -> Option<Element> {
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
            let query = query.with_child(element(session, about, item.as_ref()));
            let push = iq_push(query, &session.device, &session.at);
            // RFC 6120, 8.1.3: clients tell requests apart by it.
            Some(push.with_attribute("id", session.app.random_name()))
        }
        Err(failure) => {
            tracing::error!(%failure, "a change of a roster could not be read");
            None
        }
    }
}

/// Whom an address in a roster means. Anything that is an address may stand there.
pub(super) fn listed(session: &Session, jid: &str) -> Result<Listed, AppError> {
    let parsed = Jid::parse(jid).map_err(|fault| invalid(&fault.to_string()))?;
    match session.place(jid) {
        Recipient::User(user) => Ok(Listed::Person(user)),
        Recipient::Account => Err(AppError::Forbidden),
        _ => Ok(Listed::Address(parsed.to_bare().to_string())),
    }
}

fn invalid(why: &str) -> AppError {
    AppError::Invalid { field: "item", why: why.to_owned() }
}

/// One item is noted, or removed (RFC 6121, 2.3 to 2.5).
pub(super) fn set<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let query = iq.child("query", NAMESPACE).ok_or_else(|| invalid("missing"))?;
        let mut items = query.children().filter(|child| child.is("item", NAMESPACE));
        let (Some(item), None) = (items.next(), items.next()) else { return Err(invalid("exactly one at once")) };
        let jid = item.attribute("jid").ok_or_else(|| invalid("it names a jid"))?;
        let whom = listed(session, jid)?;
        if item.attribute("subscription") == Some("remove") {
            roster::remove(&session.app, &session.caller, &session.device, &whom).await?;
            return changed(session, iq, &whom).await;
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
        match roster::set(&session.app, &session.caller, &session.device, &whom, name, groups).await {
            Err(AppError::Invalid { why, .. }) => return Ok(not_acceptable(iq, &why)),
            set => set?,
        }
        changed(session, iq, &whom).await
    })
}

/// The push, then the answer: whoever has the answer knows the roster as it is (RFC 6121, 2.1.6).
async fn changed(session: &Session, iq: &Element, whom: &Listed) -> Result<Replies, AppError> {
    Ok(push(session, whom).await.into_iter().chain([iq_result(iq)]).collect())
}

/// Rosters of others are nobody's business (RFC 6121, 2.3.3), whether there are any.
pub(super) fn forbidden<'a>(_: &'a Session, _: &'a Element) -> Answer<'a> {
    Box::pin(async { Err(AppError::Forbidden) })
}

/// RFC 6121, 2.3.3.
fn not_acceptable(iq: &Element, why: &str) -> Replies {
    stanza_error(iq, ErrorType::Modify, Condition::NotAcceptable, why).into_iter().collect()
}
