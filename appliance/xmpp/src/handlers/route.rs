//! RFC 6121, 8.5.3: requests to another device by its full JID, and their answers.

use super::{Replies, Session};
use crate::xml::Element;
use app::AppError;
use app::message::{Request, route};
use domain::ids::UserId;
use std::sync::Arc;

/// An answer that cannot be passed on is dropped: errors and results are never answered (RFC 6120, 8.2.3).
pub(super) fn pass(session: &Session, iq: &Element, to: &UserId, resource: &str) -> Result<Replies, AppError> {
    let attribute = |name| iq.attribute(name).unwrap_or_default().to_owned();
    let request = Request { kind: attribute("type"), id: attribute("id"), payload: Arc::from(iq.children_to_xml()) };
    route(&session.app, &session.caller, &session.device, (to, resource), request)?;
    Ok(Vec::new())
}
