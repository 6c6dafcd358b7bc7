//! A bubble's configuration and its end (XEP-0045, 10.2 and 10.9). Bubbles are made by Rainbow's interface.

use super::super::history::form_field;
use super::super::{Answer, Session};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::bubble::{self, Change, Role};

pub(crate) const NAMESPACE: &str = ns::MUC_OWNER;

pub(crate) fn read<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let found = bubble::find(&session.app, &session.caller, &session.room(iq)?).await?;
        if !matches!(found.bubble.role(&session.caller.user), Some(Role::Organizer | Role::CoOrganizer)) {
            return Err(AppError::Forbidden);
        }
        let field = |var: &str, kind: &str, label: &str, value: &str| {
            let value = Element::new("value", ns::DATA_FORM).with_text(value);
            let field = Element::new("field", ns::DATA_FORM).with_attribute("type", kind).with_attribute("var", var);
            let field = if label.is_empty() { field } else { field.with_attribute("label", label) };
            field.with_child(value)
        };
        let form = Element::new("x", ns::DATA_FORM)
            .with_attribute("type", "form")
            .with_child(field("FORM_TYPE", "hidden", "", "http://jabber.org/protocol/muc#roomconfig"))
            .with_child(field("muc#roomconfig_roomname", "text-single", "Name", &found.description.name))
            .with_child(field("muc#roomconfig_roomdesc", "text-single", "Topic", &found.description.topic));
        Ok(vec![iq_result(iq).with_child(Element::new("query", NAMESPACE).with_child(form))])
    })
}

pub(crate) fn change<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let id = session.room(iq)?;
        let missing = || AppError::Invalid { field: "query", why: String::from("missing") };
        let query = iq.child("query", NAMESPACE).ok_or_else(missing)?;
        if query.child("destroy", NAMESPACE).is_some() {
            bubble::remove(&session.app, &session.caller, &id).await?;
            return Ok(vec![iq_result(iq)]);
        }
        let cancelled = query.child("x", ns::DATA_FORM).is_some_and(|form| form.attribute("type") == Some("cancel"));
        if !cancelled {
            let name = form_field(query, "muc#roomconfig_roomname");
            let topic = form_field(query, "muc#roomconfig_roomdesc");
            let change = Change { name, topic, ..Change::default() };
            bubble::describe(&session.app, &session.caller, &id, change).await?;
        }
        Ok(vec![iq_result(iq)])
    })
}
