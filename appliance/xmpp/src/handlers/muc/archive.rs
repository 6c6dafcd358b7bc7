//! The archive of a bubble: `urn:xmpp:mam:1`, its bulk form and `urn:xmpp:mam:2` from one history (XEP-0313; sheet section 8).

use super::super::archive::{DELETED, form_element, place, values, wanted};
use super::super::history::{asked, fin_of, form_field, invalid, pages, result_of, with};
use super::super::{Answer, Replies, Session, reactions};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::bubble::{self, BubbleHistory, BubbleMessage};
use app::message::Asked;
use app::{AppError, Caller};
use domain::clock::iso8601;
use domain::ids::BubbleId;
use std::sync::Arc;

/// Rainbow's: `with` names the asker himself and is no filter.
pub(crate) fn query<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(answer(session, iq, ns::MAM_1))
}

pub(crate) fn query_bulk<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(answer(session, iq, ns::MAM_1_BULK))
}

async fn answer(session: &Session, iq: &Element, namespace: &'static str) -> Result<Replies, AppError> {
    let query = iq.child("query", namespace).ok_or_else(|| invalid("query", "missing"))?;
    let id = session.room(iq)?;
    let asked = Asked { remarks: reactions::asked(query), ..asked(query)? };
    let page = bubble::history(&session.app, &session.caller, &id, asked).await?;
    let queryid = query.attribute("queryid");
    let result = |message: &BubbleMessage| {
        let sender = session.at.full(&message.sender, &message.sender_resource);
        let mut original = original(session, &id, &sender, message).with_raw(Arc::from(message.payload.as_str()));
        for remark in reactions::of(session, &message.remarks) {
            original.push_child(remark);
        }
        (message.payload.len(), result_of(ns::MAM_1, message.archive, original, queryid))
    };
    let outer = || outer(session, &id);
    let mut replies = pages(page.messages.iter().map(result), namespace, outer, session.stanza_bytes_max);
    replies.push(iq_result(iq).with_child(fin(namespace, &page, queryid)));
    Ok(replies)
}

/// Rainbow's `<delete xmlns="urn:xmpp:mam:1">`: all that was said, for everybody; with `with` what that person reads of it.
pub(crate) fn delete<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let delete = iq.child("delete", ns::MAM_1).ok_or_else(|| invalid("delete", "missing"))?;
        let id = session.room(iq)?;
        if ["start", "end"].iter().any(|name| form_field(delete, name).is_some()) {
            return Err(invalid("start", "a part of what was said cannot be deleted, only all of it"));
        }
        if form_field(delete, "with").is_some() {
            bubble::hide(&session.app, &session.caller, &id, &with(session, delete)?).await?;
        } else {
            bubble::clear(&session.app, &session.caller, &id).await?;
        }
        let mut deleted = Element::new("deleted", ns::MAM_1);
        if let Some(queryid) = delete.attribute("queryid") {
            deleted.set_attribute("queryid", queryid);
        }
        Ok(vec![iq_result(iq).with_child(deleted)])
    })
}

pub(crate) fn form<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move { Ok(vec![iq_result(iq).with_child(form_element())]) })
}

pub(crate) fn query_2<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let query = iq.child("query", ns::MAM_2).ok_or_else(|| invalid("query", "missing"))?;
        let (id, ids) = (session.room(iq)?, values(query, "ids"));
        let page = if ids.is_empty() {
            bubble::history(&session.app, &session.caller, &id, wanted(query)?).await?
        } else {
            let places = ids.iter().map(|id| place(id)).collect::<Result<_, _>>()?;
            bubble::messages(&session.app, &session.caller, &id, places).await?
        };
        let queryid = query.attribute("queryid");
        let mut replies: Vec<Element> =
            page.messages.iter().map(|message| standard(session, &id, &page, message, queryid)).collect();
        if query.child("flip-page", ns::MAM_2).is_some() {
            replies.reverse();
        }
        replies.push(iq_result(iq).with_child(fin(ns::MAM_2, &page, None)));
        Ok(replies)
    })
}

fn standard(
    session: &Session,
    id: &BubbleId,
    page: &BubbleHistory,
    message: &BubbleMessage,
    queryid: Option<&str>,
) -> Element {
    let nick = page.names.get(&message.sender).map_or_else(|| message.sender.to_string(), Clone::clone);
    let mut original = original(session, id, &nick, message);
    if message.about.is_none() && message.payload.contains(DELETED) {
        let stamp = iso8601(message.archive.stamp_ms());
        original.push_child(Element::new("retracted", ns::RETRACT).with_attribute("stamp", stamp));
    } else {
        original = original.with_raw(Arc::from(message.payload.as_str()));
    }
    // XEP-0313, 5.1.2: in a room that shows who is who, the archive does as well.
    let item = Element::new("item", ns::MUC_USER).with_attribute("jid", session.at.bare(&message.sender));
    let original = original
        .with_child(Element::new("x", ns::MUC_USER).with_child(item))
        .with_child(Element::new("occupant-id", ns::OCCUPANT_ID).with_attribute("id", message.sender.as_str()));
    outer(session, id).with_child(result_of(ns::MAM_2, message.archive, original, queryid))
}

fn outer(session: &Session, id: &BubbleId) -> Element {
    let Caller { user, .. } = &session.caller;
    Element::client("message")
        .with_attribute("from", session.at.room(id))
        .with_attribute("to", session.at.full(user, &session.device.resource))
}

fn original(session: &Session, id: &BubbleId, nick: &str, message: &BubbleMessage) -> Element {
    Element::client("message")
        .with_attribute("from", session.at.occupant(id, nick))
        .with_attribute("to", session.at.room(id))
        .with_attribute("type", "groupchat")
        .with_attribute("id", message.stanza_id.as_str())
}

fn fin(namespace: &'static str, page: &BubbleHistory, queryid: Option<&str>) -> Element {
    let ends = page.messages.first().zip(page.messages.last()).map(|(first, last)| (first.archive, last.archive));
    let mut fin = fin_of(namespace, ends, (page.index, page.total), page.complete);
    if let Some(queryid) = queryid {
        fin.set_attribute("queryid", queryid);
    }
    fin
}
