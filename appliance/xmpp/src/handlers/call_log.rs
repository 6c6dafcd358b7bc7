//! Rainbow's history of calls (J6), as its SDK reads, marks and clears it.

use super::{Answer, Recipient, Replies, Session, history};
use crate::render::call_record;
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::call::{self, Asked};
use domain::ids::{ArchiveId, CallId};

pub(super) const NAMESPACE: &str = ns::CALL_LOG;

/// Records of a page that does not say how many.
const PAGE: u32 = 50;

pub(super) fn query<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let missing = || history::invalid("query", "missing");
        let query = iq.child("query", NAMESPACE).ok_or_else(missing)?;
        let page = call::history(&session.app, &session.caller, asked(query)?).await?;
        let mut replies: Replies = Vec::new();
        for record in &page.records {
            let forwarded = call_record(record, &session.device.user, &session.at);
            let result = Element::new("result", NAMESPACE).with_attribute("id", record.place.to_string());
            replies.push(history::outer(session).with_child(result.with_child(forwarded)));
        }
        let ends = page.records.first().zip(page.records.last()).map(|(first, last)| (first.place, last.place));
        let set = history::paged(ends, (None, Some(page.total)));
        replies.push(iq_result(iq).with_child(Element::new("query", NAMESPACE).with_child(set)));
        Ok(replies)
    })
}

fn asked(query: &Element) -> Result<Asked, AppError> {
    let text = |name| history::paging(query, name);
    let place =
        |text: String| ArchiveId::parse(&text).ok_or_else(|| history::invalid("set", "no such place in the history"));
    let max = text("max").map(|max| max.parse::<u32>().map_err(|_| history::invalid("max", "a number"))).transpose()?;
    let before = text("before");
    Ok(Asked {
        newest: before.is_some(),
        before: before.filter(|before| !before.is_empty()).map(place).transpose()?,
        after: text("after").filter(|after| !after.is_empty()).map(place).transpose()?,
        max: max.unwrap_or(PAGE),
    })
}

pub(super) fn delete<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(async move {
        let missing = || history::invalid("delete", "missing");
        let delete = iq.child("delete", NAMESPACE).ok_or_else(missing)?;
        let with = match delete.attribute("peer").map(|jid| session.place(jid)) {
            None => None,
            Some(Recipient::User(user)) => Some(user),
            Some(_) => return Err(history::invalid("peer", "not the JID of a person of this box")),
        };
        call::remove(&session.app, &session.caller, id(delete)?, with).await?;
        Ok(vec![iq_result(iq)])
    })
}

/// The word of a device that its user has seen a record, or all of them, if a message to oneself is that.
pub(super) fn seen(stanza: &Element) -> Option<&Element> {
    stanza.child("read", ns::CALL_LOG_RECEIPTS)
}

pub(super) async fn mark_read(session: &Session, seen: &Element) -> Result<Replies, AppError> {
    call::mark_read(&session.app, &session.caller, id(seen)?).await?;
    Ok(Vec::new())
}

fn id(element: &Element) -> Result<Option<CallId>, AppError> {
    let parse = |id: &str| CallId::parse(id).map_err(|_| history::invalid("call_id", "no such call"));
    element.attribute("call_id").map(parse).transpose()
}
