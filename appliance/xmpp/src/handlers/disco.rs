//! XEP-0030 and XEP-0115: what the box and an account can do, and the hash of it.

use super::{Answer, HANDLERS, Replies, Session, Supports, Xep, unavailable};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::file;
use app::node;
use app::{AppError, people};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::ids::UserId;
use std::collections::BTreeSet;

pub(super) const INFO: &str = ns::DISCO_INFO;
pub(super) const ITEMS: &str = ns::DISCO_ITEMS;
/// Where what the box can is explained; part of its hash.
const CAPS_NODE: &str = "https://github.com/rainbow-edge";

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[Xep::new(30, "2.5rc3", "Service Discovery"), Xep::new(115, "1.6.0", "Entity Capabilities")],
    server: &[INFO, ITEMS, ns::CAPS],
    account: &[INFO, ITEMS],
};

pub(super) fn server_info<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let node = iq.child("query", INFO).and_then(|query| query.attribute("node"));
        let own = format!("{CAPS_NODE}#{}", ver(&server()));
        if node.is_some_and(|node| node != own) {
            return Err(AppError::NotFound(node::NODE));
        }
        let mut query = server();
        if let Some(node) = node {
            query.set_attribute("node", node);
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

/// Of others only who may be known is told: whoever is hidden is answered like nobody (B3).
pub(super) fn account_info<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let owner = session.owner(iq)?;
        // Section 8: only to who may see the account's presence.
        let is_near = async || people::find(&session.app, &session.caller, &owner).await.is_ok_and(|seen| seen.near);
        if owner != session.caller.user && !is_near().await {
            return Ok(unavailable(iq));
        }
        if let Some(name) = iq.child("query", INFO).and_then(|query| query.attribute("node")) {
            return node_info(session, iq, &owner, name).await;
        }
        let identities = [("account", "registered", ""), ("pubsub", "pep", "")];
        let features = HANDLERS.iter().flat_map(|supports| supports.account);
        Ok(vec![iq_result(iq).with_child(info(&identities, features.copied()))])
    })
}

/// One of the nodes of an account (XEP-0060, 5.3).
async fn node_info(session: &Session, iq: &Element, owner: &UserId, name: &str) -> Result<Replies, AppError> {
    if !node::names(&session.app, &session.caller, owner).await?.iter().any(|known| known == name) {
        return Err(AppError::NotFound(node::NODE));
    }
    let query = info(&[("pubsub", "leaf", "")], [ns::PUBSUB, INFO].into_iter()).with_attribute("node", name);
    Ok(vec![iq_result(iq).with_child(query)])
}

/// The bubbles, and what takes files where files are taken.
pub(super) fn server_items<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let rooms =
            Element::new("item", ITEMS).with_attribute("jid", session.at.rooms()).with_attribute("name", "Bubbles");
        let mut query = Element::new("query", ITEMS).with_child(rooms);
        if file::size_limit_bytes(&session.app).is_some() {
            let files = Element::new("item", ITEMS).with_attribute("jid", session.at.files());
            query.push_child(files.with_attribute("name", "Files"));
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

/// The nodes of an account that the asker may read: of nobody, and of who is hidden, none (section 8).
pub(super) fn account_items<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let asked = iq.child("query", ITEMS).and_then(|query| query.attribute("node"));
        let mut query = Element::new("query", ITEMS);
        if let Some(node) = asked {
            query.set_attribute("node", node);
        }
        let Ok(owner) = session.owner(iq) else { return Ok(vec![iq_result(iq).with_child(query)]) };
        let names = match node::names(&session.app, &session.caller, &owner).await {
            Err(AppError::NotFound(_)) => Vec::new(),
            names => names?,
        };
        // Under a node stand its items, which are read in another way: what is listed is the nodes.
        for name in names.into_iter().filter(|_| asked.is_none()) {
            let item = Element::new("item", ITEMS).with_attribute("jid", session.at.bare(&owner));
            query.push_child(item.with_attribute("node", name));
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

fn server() -> Element {
    info(&[("server", "im", "Rainbow Edge")], HANDLERS.iter().flat_map(|supports| supports.server).copied())
}

pub(super) fn info(identities: &[(&str, &str, &str)], features: impl Iterator<Item = &'static str>) -> Element {
    let mut query = Element::new("query", INFO);
    for (category, kind, name) in identities {
        let mut identity =
            Element::new("identity", INFO).with_attribute("category", *category).with_attribute("type", *kind);
        if !name.is_empty() {
            identity.set_attribute("name", *name);
        }
        query.push_child(identity);
    }
    for feature in features.collect::<BTreeSet<_>>() {
        query.push_child(Element::new("feature", INFO).with_attribute("var", feature));
    }
    query
}

/// A field of a data form with one value (XEP-0004, 3.2).
pub(super) fn field(var: &str, value: &str) -> Element {
    let value = Element::new("value", ns::DATA_FORM).with_text(value);
    Element::new("field", ns::DATA_FORM).with_attribute("var", var).with_child(value)
}

/// What the box says of itself in stream features (XEP-0115, 6.3).
pub(crate) fn server_caps() -> Element {
    Element::new("c", ns::CAPS)
        .with_attribute("hash", "sha-1")
        .with_attribute("node", CAPS_NODE)
        .with_attribute("ver", ver(&server()))
}

fn ver(query: &Element) -> String {
    caps_hash("sha-1", query).unwrap_or_default()
}

/// The hash of an answer to disco#info (XEP-0115, 5.1); `None`: an algorithm that is not known here.
pub(super) fn caps_hash(algorithm: &str, query: &Element) -> Option<String> {
    let algorithm = match algorithm {
        "sha-1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "sha-256" => &digest::SHA256,
        _ => return None,
    };
    let attribute = |element: &Element, name: &str| element.attribute(name).unwrap_or_default().to_owned();
    let mut lines: Vec<String> = query
        .children()
        .filter(|child| child.is("identity", INFO))
        .map(|one| ["category", "type", "xml:lang", "name"].map(|name| attribute(one, name)).join("/"))
        .collect();
    lines.sort();
    let features = query.children().filter(|child| child.is("feature", INFO)).map(|one| attribute(one, "var"));
    let mut features: Vec<String> = features.collect();
    features.sort();
    lines.append(&mut features);
    let mut forms: Vec<Vec<String>> =
        query.children().filter(|child| child.is("x", ns::DATA_FORM)).map(form_lines).collect();
    forms.sort();
    lines.extend(forms.into_iter().flatten());
    let text: String = lines.into_iter().map(|line| line + "<").collect();
    Some(BASE64.encode(digest::digest(algorithm, text.as_bytes())))
}

/// FORM_TYPE first, then each field with its values, all sorted.
fn form_lines(form: &Element) -> Vec<String> {
    let values = |field: &Element| {
        let values = field.children().filter(|child| child.is("value", ns::DATA_FORM));
        let mut values: Vec<String> = values.map(|value| value.text().into_owned()).collect();
        values.sort();
        values
    };
    let fields = form.children().filter(|child| child.is("field", ns::DATA_FORM));
    let mut fields: Vec<(String, Vec<String>)> =
        fields.map(|field| (field.attribute("var").unwrap_or_default().to_owned(), values(field))).collect();
    fields.sort_by_key(|(var, _)| (var != "FORM_TYPE", var.clone()));
    let lines = fields.into_iter().flat_map(|(var, values)| {
        let name = (var != "FORM_TYPE").then_some(var);
        name.into_iter().chain(values)
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_has_its_hash_xep_0115() {
        let query = info(
            &[("client", "pc", "Exodus 0.9.1")],
            [ns::DISCO_INFO, ns::DISCO_ITEMS, "http://jabber.org/protocol/muc", ns::CAPS].into_iter(),
        );
        assert_eq!(caps_hash("sha-1", &query).as_deref(), Some("QgayPKawpkPSDYmwT/WM94uAlu0="));
    }
}
