//! What there is (XEP-0045, 6): the service, its bubbles, their occupants. Each sees what he is a member of and no more.

use super::super::disco::{ITEMS, field, info};
use super::super::{Answer, Session};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::bubble;
use app::people::Window;

/// What each bubble is: kept, for members, not listed for others, with names known, everybody may speak.
const ROOM: [&str; 12] = [
    ns::MUC,
    ns::MAM_2,
    ns::MAM_2_EXTENDED,
    ns::STANZA_ID,
    ns::OCCUPANT_ID,
    "muc_hidden",
    "muc_membersonly",
    "muc_nonanonymous",
    "muc_persistent",
    "muc_unmoderated",
    "muc_unsecured",
    "http://jabber.org/protocol/muc#stable_id",
];
/// Bubbles of one answer.
const ITEMS_MAX: u32 = 500;

pub(crate) fn service_info<'a>(_: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let features = [ns::MUC, ns::DISCO_INFO, ns::DISCO_ITEMS];
        Ok(vec![iq_result(iq).with_child(info(&[("conference", "text", "Bubbles")], features.into_iter()))])
    })
}

pub(crate) fn service_items<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let window = Window { offset: 0, limit: ITEMS_MAX };
        let page = bubble::list(&session.app, &session.caller, false, window).await?;
        let mut query = Element::new("query", ITEMS);
        for one in page.items {
            let item = Element::new("item", ITEMS).with_attribute("jid", session.at.room(&one.id));
            query.push_child(item.with_attribute("name", one.description.name));
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

pub(crate) fn room_info<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let found = bubble::find(&session.app, &session.caller, &session.room(iq)?).await?;
        let mut query = info(&[("conference", "text", &found.description.name)], ROOM.into_iter());
        let form = Element::new("x", ns::DATA_FORM)
            .with_attribute("type", "result")
            .with_child(field("FORM_TYPE", "http://jabber.org/protocol/muc#roominfo").with_attribute("type", "hidden"))
            .with_child(field("muc#roomconfig_roomname", &found.description.name))
            .with_child(field("muc#roominfo_subject", &found.description.topic))
            .with_child(field("muc#roominfo_occupants", &found.bubble.accepted().count().to_string()));
        query.push_child(form);
        Ok(vec![iq_result(iq).with_child(query)])
    })
}

pub(crate) fn room_items<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut query = Element::new("query", ITEMS);
        for one in bubble::occupants(&session.app, &session.caller, &session.room(iq)?)? {
            let jid = session.at.occupant(&one.bubble, &one.nick);
            query.push_child(Element::new("item", ITEMS).with_attribute("jid", jid));
        }
        Ok(vec![iq_result(iq).with_child(query)])
    })
}
