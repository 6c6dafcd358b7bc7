//! XEP-0030: what the box and an account can do.

use super::{Answer, FEATURES, Session};
use crate::stream::iq_result;
use crate::xml::Element;

pub(super) const INFO: &str = "http://jabber.org/protocol/disco#info";
pub(super) const ITEMS: &str = "http://jabber.org/protocol/disco#items";

pub(super) fn server_info<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![info(iq, "server", "im", "Rainbow Edge")]) })
}

pub(super) fn account_info<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![info(iq, "account", "registered", "")]) })
}

/// There are no items yet: no rooms, no other services.
pub(super) fn items<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![iq_result(iq).with_child(Element::new("query", ITEMS))]) })
}

fn info(iq: &Element, category: &str, kind: &str, name: &str) -> Element {
    let mut identity = Element::new("identity", INFO).with_attribute("category", category).with_attribute("type", kind);
    if !name.is_empty() {
        identity.set_attribute("name", name);
    }
    let mut query = Element::new("query", INFO).with_child(identity);
    for feature in [INFO, ITEMS].into_iter().chain(FEATURES) {
        query.push_child(Element::new("feature", INFO).with_attribute("var", feature));
    }
    iq_result(iq).with_child(query)
}
