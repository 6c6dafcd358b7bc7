//! XEP-0092: which program the box runs. Told to who has signed in, never at the door.

use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::Element;

pub(super) const NAMESPACE: &str = "jabber:iq:version";

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(92, "1.1", "Software Version")], server: &[NAMESPACE], account: &[] };

pub(super) fn answer<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let query = Element::new("query", NAMESPACE)
            .with_child(Element::new("name", NAMESPACE).with_text("Rainbow Edge"))
            .with_child(Element::new("version", NAMESPACE).with_text(env!("CARGO_PKG_VERSION")));
        Ok(vec![iq_result(iq).with_child(query)])
    })
}
