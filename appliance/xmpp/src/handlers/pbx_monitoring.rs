//! `urn:xmpp:pbxagent:monitoring:1`: state of a user's telephone. No PBX is connected, and the SDK wants to hear so: with a
//! text, which it reads without looking whether it is there.

use super::{Answer, Session};
use crate::stream::{Condition, ErrorType, stanza_error};
use crate::xml::Element;

pub(super) const NAMESPACE: &str = "urn:xmpp:pbxagent:monitoring:1";

pub(super) fn status<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let text = "no telephone system is connected to this box";
        Ok(stanza_error(iq, ErrorType::Cancel, Condition::ServiceUnavailable, text).into_iter().collect())
    })
}
