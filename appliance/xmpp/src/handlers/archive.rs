//! XEP-0313 as standard clients speak it: `urn:xmpp:mam:2` with its extension, from the same history as `urn:xmpp:mam:1`.
//! Everything with a body is always archived (decision 10), so preferences can be read and not be changed.

use super::history::{asked, fin_in, form_field, invalid, paging, result_in};
use super::{Answer, Recipient, Replies, Session, Supports, Xep};
use crate::stream::{Condition, ErrorType, iq_result, stanza_error};
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::message::{Asked, History, PLACE, StoredMessage, history, messages};
use domain::clock::iso8601;
use domain::ids::{ArchiveId, UserId};
use std::sync::Arc;

pub(super) const NAMESPACE: &str = ns::MAM_2;

pub(super) const SUPPORTS: Supports = Supports {
    xeps: &[Xep::new(313, "1.1.3", "Message Archive Management")],
    server: &[],
    account: &[NAMESPACE, ns::MAM_2_EXTENDED, ns::STANZA_ID],
};

/// How a message that was taken back stands in the archive, whatever client did so.
pub(super) const DELETED: &str = "<deleted xmlns=\"urn:xmpp:message-correct:0\"";
/// Fields of the query's form, with their types (XEP-0313, 4.1.1).
const FIELDS: [(&str, &str); 6] = [
    ("with", "jid-single"),
    ("start", "text-single"),
    ("end", "text-single"),
    ("before-id", "text-single"),
    ("after-id", "text-single"),
    ("ids", "list-multi"),
];

pub(super) fn form<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![iq_result(iq).with_child(form_element())]) })
}

pub(super) fn form_element() -> Element {
    let value = Element::new("value", ns::DATA_FORM).with_text(NAMESPACE);
    let field = |var: &str, kind: &str| {
        Element::new("field", ns::DATA_FORM).with_attribute("type", kind).with_attribute("var", var)
    };
    let mut form = Element::new("x", ns::DATA_FORM)
        .with_attribute("type", "form")
        .with_child(field("FORM_TYPE", "hidden").with_child(value));
    for (var, kind) in FIELDS {
        form.push_child(field(var, kind));
    }
    Element::new("query", NAMESPACE).with_child(form)
}

pub(super) fn query<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let query = iq.child("query", NAMESPACE).ok_or_else(|| invalid("query", "missing"))?;
        let ids = values(query, "ids");
        let page = if ids.is_empty() {
            let with = with(session, query)?;
            history(&session.app, &session.caller, with.as_ref(), wanted(query)?).await?
        } else {
            let places = ids.iter().map(|id| place(id)).collect::<Result<_, _>>()?;
            messages(&session.app, &session.caller, places).await?
        };
        let queryid = query.attribute("queryid");
        let mut replies: Replies = page.messages.iter().map(|message| result(session, message, queryid)).collect();
        if query.child("flip-page", NAMESPACE).is_some() {
            // XEP-0313, 4.1.5: only the order in which the page comes; its ends are told as ever.
            replies.reverse();
        }
        replies.push(iq_result(iq).with_child(fin_in(NAMESPACE, &page)));
        Ok(replies)
    })
}

pub(super) fn place(text: &str) -> Result<ArchiveId, AppError> {
    ArchiveId::parse(text).ok_or(AppError::NotFound(PLACE))
}

/// All values of a field of the query's form.
pub(super) fn values(query: &Element, name: &str) -> Vec<String> {
    let form = query.child("x", ns::DATA_FORM);
    let field = form.and_then(|form| form.children().find(|field| field.attribute("var") == Some(name)));
    let values = field.into_iter().flat_map(Element::children).filter(|child| child.is("value", ns::DATA_FORM));
    values.map(|value| value.text().trim().to_owned()).collect()
}

/// Whose exchange is asked for; `None`: everybody's.
fn with(session: &Session, query: &Element) -> Result<Option<UserId>, AppError> {
    let Some(with) = form_field(query, "with") else { return Ok(None) };
    match session.place(&with) {
        Recipient::User(user) => Ok(Some(user)),
        Recipient::Account => Ok(Some(session.caller.user.clone())),
        _ => Err(invalid("with", "not the JID of a person of this box")),
    }
}

/// What is asked for. Each place that is named must be in the archive (XEP-0313, 4.1.2, XEP-0059, 2.2).
pub(super) fn wanted(query: &Element) -> Result<Asked, AppError> {
    let named = |text: Option<String>| text.filter(|text| !text.is_empty()).map(|text| place(&text)).transpose();
    let [before, after] = ["before", "after"].map(|name| named(paging(query, name)));
    let [before_id, after_id] = ["before-id", "after-id"].map(|name| named(form_field(query, name)));
    let (before, after, before_id, after_id) = (before?, after?, before_id?, after_id?);
    let asked = asked(query)?;
    let earlier = [asked.before, before_id].into_iter().flatten().min();
    let later = [asked.after, after_id].into_iter().flatten().max();
    let known = [before, after, before_id, after_id].into_iter().flatten().collect();
    Ok(Asked { before: earlier, after: later, known, every_kind: true, ..asked })
}

fn result(session: &Session, message: &StoredMessage, queryid: Option<&str>) -> Element {
    let at = &session.at;
    let mut original = Element::client("message")
        .with_attribute("from", at.full(&message.sender, &message.sender_resource))
        .with_attribute("to", at.bare(&message.recipient))
        .with_attribute("type", message.kind.as_str())
        .with_attribute("id", message.stanza_id.as_str());
    if message.about.is_none() && message.payload.contains(DELETED) {
        let stamp = iso8601(message.archive.stamp_ms());
        original.push_child(Element::new("retracted", ns::RETRACT).with_attribute("stamp", stamp));
    } else {
        original = original.with_raw(Arc::from(message.payload.as_str()));
    }
    result_in(NAMESPACE, session, message, original, queryid)
}

/// Where the archive begins and ends (XEP-0313, 5).
pub(super) fn metadata<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut metadata = Element::new("metadata", NAMESPACE);
        for (name, newest) in [("start", false), ("end", true)] {
            let asked = Asked { newest, max: 1, every_kind: true, ..Asked::default() };
            let History { messages, .. } = history(&session.app, &session.caller, None, asked).await?;
            let Some(message) = messages.first() else { continue };
            let end = Element::new(name, NAMESPACE)
                .with_attribute("id", message.archive.to_string())
                .with_attribute("timestamp", iso8601(message.archive.stamp_ms()));
            metadata.push_child(end);
        }
        Ok(vec![iq_result(iq).with_child(metadata)])
    })
}

fn always() -> Element {
    Element::new("prefs", NAMESPACE)
        .with_attribute("default", "always")
        .with_child(Element::new("always", NAMESPACE))
        .with_child(Element::new("never", NAMESPACE))
}

pub(super) fn preferences<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![iq_result(iq).with_child(always())]) })
}

/// Only what holds anyway is accepted.
pub(super) fn set_preferences<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let prefs = iq.child("prefs", NAMESPACE).ok_or_else(|| invalid("prefs", "missing"))?;
        let nobody_left_out = prefs.child("never", NAMESPACE).is_none_or(|never| never.children().next().is_none());
        if prefs.attribute("default") == Some("always") && nobody_left_out {
            return Ok(vec![iq_result(iq).with_child(always())]);
        }
        let text = "every message is archived here; a sender may ask otherwise for a single one (XEP-0334)";
        Ok(stanza_error(iq, ErrorType::Cancel, Condition::NotAllowed, text).into_iter().collect())
    })
}
