//! Calls: XEP-0353 rings, XEP-0166 agrees on the session; the box passes both on and notes what becomes of the call (J6).

use super::chat::is_copied;
use super::message::To;
use super::{Answer, Replies, Session, Supports, Xep, fresh_payload};
use crate::jingle;
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::call::{self, Signal};
use app::message::Request;
use domain::ids::UserId;
use std::sync::Arc;

pub(super) const MESSAGE: &str = ns::JINGLE_MESSAGE;

pub(super) const SUPPORTS: Supports = Supports::passed_on(&[
    Xep::new(166, "1.1.2", "Jingle"),
    Xep::new(167, "1.2.3", "Jingle RTP Sessions"),
    Xep::new(176, "1.1.1", "Jingle ICE-UDP Transport Method"),
    Xep::new(293, "1.0.1", "Jingle RTP Feedback Negotiation"),
    Xep::new(294, "1.1.1", "Jingle RTP Header Extensions Negotiation"),
    Xep::new(320, "1.0.0", "Use of DTLS-SRTP in Jingle Sessions"),
    Xep::new(338, "1.0.0", "Jingle Grouping Framework"),
    Xep::new(339, "1.0.1", "Source-Specific Media Attributes in Jingle"),
    Xep::new(353, "0.7.0", "Jingle Message Initiation"),
]);

/// Longest signal and longest step of a session, in bytes: a browser's offer of every codec that it knows has some 20 kB.
const SIGNAL_BYTES_MAX: usize = 8_192;
const STEP_BYTES_MAX: usize = 65_536;

/// One of Rainbow's clients takes calls: from now on it hears of them, and answers requests of other devices.
pub(super) fn enable<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        session.app.live().take_calls(&session.device);
        call::ring_here(&session.app, &session.device);
        Ok(vec![iq_result(iq)])
    })
}

/// Whom a signal is for hears it on all devices that take calls, or on one; the sender's own hear it too.
pub(super) async fn signal(
    session: &Session,
    stanza: &Element,
    said: &Element,
    to: To<'_>,
) -> Result<Replies, AppError> {
    let payload = bounded(fresh_payload(stanza), SIGNAL_BYTES_MAX)?;
    let out = Signal {
        to_resource: to.resource(),
        to: to.user,
        stanza: to.kind,
        id: stanza.attribute("id").map(str::to_owned),
        act: jingle::act(stanza, said)?,
        sid: said.attribute("id").unwrap_or_default().to_owned(),
        copied: is_copied(stanza),
        payload,
    };
    call::signal(&session.app, &session.caller, &session.device, out).await?;
    Ok(Vec::new())
}

fn bounded(payload: Arc<str>, bytes_max: usize) -> Result<Arc<str>, AppError> {
    if payload.len() > bytes_max {
        return Err(AppError::Invalid { field: "jingle", why: format!("at most {bytes_max} bytes") });
    }
    Ok(payload)
}

/// Passes a step of a session on to the one device that it is for.
pub(super) async fn session(
    session: &Session,
    iq: &Element,
    asked: &Element,
    (to, resource): (&UserId, &str),
) -> Result<Replies, AppError> {
    let attribute = |name| iq.attribute(name).unwrap_or_default().to_owned();
    let payload = bounded(Arc::from(iq.children_to_xml()), STEP_BYTES_MAX)?;
    let request = Request { kind: attribute("type"), id: attribute("id"), payload };
    let sid = asked.attribute("sid").unwrap_or_default();
    let step = jingle::step(iq, asked)?;
    call::session(&session.app, &session.caller, &session.device, (to, resource), (sid, step), request).await?;
    Ok(Vec::new())
}
