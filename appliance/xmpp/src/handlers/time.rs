//! XEP-0202: what time it is at the box. It lives in UTC.

use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::Element;
use domain::clock::iso8601;

pub(super) const NAMESPACE: &str = "urn:xmpp:time";

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(202, "2.0", "Entity Time")], server: &[NAMESPACE], account: &[] };

pub(super) fn answer<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let time = Element::new("time", NAMESPACE)
            .with_child(Element::new("tzo", NAMESPACE).with_text("+00:00"))
            .with_child(Element::new("utc", NAMESPACE).with_text(&iso8601(session.app.now_ms())));
        Ok(vec![iq_result(iq).with_child(time)])
    })
}
