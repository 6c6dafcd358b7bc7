//! XEP-0085 typing and other messages without content: passed on to who is there, never stored.

use super::{Replies, Session, fresh_payload};
use crate::xml::Element;
use app::AppError;
use app::message::send_transient;
use domain::ids::UserId;

pub(super) fn handle(session: &Session, stanza: &Element, to: &UserId) -> Result<Replies, AppError> {
    let id = stanza.attribute("id").map(str::to_owned);
    send_transient(&session.app, &session.caller, &session.device, to, id, &fresh_payload(stanza))?;
    Ok(Vec::new())
}
