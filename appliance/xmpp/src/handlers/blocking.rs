//! XEP-0191: whom the account has blocked (B6). Only people of this box can be: JIDs of others are unknown here.

use super::{Answer, Recipient, Session, Supports, Xep};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::{AppError, network};
use domain::ids::UserId;

pub(super) const NAMESPACE: &str = ns::BLOCKING;

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(191, "1.3", "Blocking Command")], server: &[NAMESPACE], account: &[] };

/// Entries of one request.
const ITEMS_MAX: usize = 100;

pub(super) fn list<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut list = Element::new("blocklist", NAMESPACE);
        for user in network::blocked(&session.app, &session.caller)? {
            list.push_child(Element::new("item", NAMESPACE).with_attribute("jid", session.at.bare(&user)));
        }
        Ok(vec![iq_result(iq).with_child(list)])
    })
}

pub(super) fn block<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let people = items(session, iq, "block")?;
        if people.is_empty() {
            return Err(AppError::Invalid { field: "block", why: String::from("name at least one item") });
        }
        switch(session, iq, people, true).await
    })
}

/// Without items everybody is unblocked (XEP-0191, 3.5).
pub(super) fn unblock<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let mut people = items(session, iq, "unblock")?;
        if people.is_empty() {
            people = network::blocked(&session.app, &session.caller)?;
        }
        switch(session, iq, people, false).await
    })
}

async fn switch(session: &Session, iq: &Element, people: Vec<UserId>, on: bool) -> Result<super::Replies, AppError> {
    for user in people {
        network::set_blocked(&session.app, &session.caller, &user, on).await?;
    }
    Ok(vec![iq_result(iq)])
}

fn items(session: &Session, iq: &Element, name: &'static str) -> Result<Vec<UserId>, AppError> {
    let invalid = |why: &str| AppError::Invalid { field: name, why: why.to_owned() };
    let asked = iq.child(name, NAMESPACE).ok_or_else(|| invalid("missing"))?;
    let items: Vec<&Element> = asked.children().filter(|child| child.is("item", NAMESPACE)).collect();
    if items.len() > ITEMS_MAX {
        return Err(invalid("at most 100 items at once"));
    }
    let person = |item: &Element| {
        let jid = item.attribute("jid").ok_or_else(|| invalid("an item names a jid"))?;
        match session.place(jid) {
            Recipient::User(user) => Ok(user),
            _ => Err(AppError::NotFound("user")),
        }
    };
    items.into_iter().map(person).collect()
}
