//! XEP-0199: a client asks whether the box is there. Rainbow's SDK reconnects when the answer is late.

use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::Element;

pub(super) const NAMESPACE: &str = "urn:xmpp:ping";

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(199, "2.0.1", "XMPP Ping")], server: &[NAMESPACE], account: &[NAMESPACE] };

pub(super) fn answer<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![iq_result(iq)]) })
}
