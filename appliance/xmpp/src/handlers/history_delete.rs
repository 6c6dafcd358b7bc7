//! Rainbow's `<delete xmlns="urn:xmpp:mam:1">`: hides one's history with somebody, on all own devices.

use super::{Answer, Session, history};
use crate::stream::iq_result;
use crate::xml::Element;
use app::AppError;
use app::message::clear;

pub(super) fn delete<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let missing = || AppError::Invalid { field: "delete", why: String::from("missing") };
        let delete = iq.child("delete", history::NAMESPACE).ok_or_else(missing)?;
        let with = history::with(session, delete)?;
        if ["start", "end"].iter().any(|name| history::form_field(delete, name).is_some()) {
            let why = String::from("a part of a history cannot be hidden, only all of it");
            return Err(AppError::Invalid { field: "start", why });
        }
        clear(&session.app, &session.caller, &with).await?;
        let mut deleted = Element::new("deleted", history::NAMESPACE);
        if let Some(queryid) = delete.attribute("queryid") {
            deleted.set_attribute("queryid", queryid);
        }
        Ok(vec![iq_result(iq).with_child(deleted)])
    })
}
