//! XEP-0280: a device asks for copies of what the user's other devices send.

use super::{Answer, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::{Element, namespace};

pub(super) const NAMESPACE: &str = namespace::CARBONS;

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(280, "1.0.1", "Message Carbons")], server: &[NAMESPACE], account: &[] };

pub(super) fn enable<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    switch(session, iq, true)
}

pub(super) fn disable<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    switch(session, iq, false)
}

fn switch<'a>(session: &'a Session, iq: &'a Element, on: bool) -> Answer<'a> {
    Box::pin(async move {
        session.app.live().set_carbons(&session.device, on);
        Ok(vec![iq_result(iq)])
    })
}
