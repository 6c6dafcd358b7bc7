//! XEP-0410: whether one still is in a bubble.

use super::super::{Answer, Session};
use crate::stream::iq_result;
use crate::xml::Element;
use app::{AppError, bubble};

pub(crate) fn answer<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let inside = bubble::own_name(&session.app, &session.device, &session.room(iq)?).is_some();
        if inside { Ok(vec![iq_result(iq)]) } else { Err(AppError::NotInside) }
    })
}
