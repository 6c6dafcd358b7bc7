//! RFC 6121, 8.5.3: requests to another device by its full JID, and their answers.

use super::{Replies, Session, unavailable};
use crate::xml::Element;
use app::AppError;
use app::live::LiveIq;
use app::message::{self, Request, route};
use domain::ids::UserId;
use std::sync::Arc;

/// An answer that cannot be passed on is dropped: errors and results are never answered (RFC 6120, 8.2.3).
pub(super) fn pass(session: &Session, iq: &Element, to: &UserId, resource: &str) -> Result<Replies, AppError> {
    let attribute = |name| iq.attribute(name).unwrap_or_default().to_owned();
    let request = Request { kind: attribute("type"), id: attribute("id"), payload: Arc::from(iq.children_to_xml()) };
    route(&session.app, &session.caller, &session.device, (to, resource), request)?;
    Ok(Vec::new())
}

/// Answers a request that was passed on to this session's device and that it will never answer, because it has gone.
pub(crate) fn refuse(session: &Session, request: &LiveIq) {
    let asked = Element::client("iq").with_attribute("type", request.kind.as_str());
    for answer in unavailable(&asked) {
        message::refuse(&session.app, &session.device, request, Arc::from(answer.children_to_xml()));
    }
}
