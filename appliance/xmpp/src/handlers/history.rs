//! `urn:xmpp:mam:1` with the sheet's peculiarities (section 8): `fin` inside the iq result, `queryid` verbatim. Its bulk form is
//! the same with a page in one stanza.

use super::{Answer, Replies, Session, Supports, Xep, reactions};
use crate::stream::iq_result;
use crate::xml::{Element, namespace as ns};
use app::AppError;
use app::message::{Asked, History, StoredMessage, history};
use domain::clock::{iso8601, parse_iso8601};
use domain::ids::{ArchiveId, UserId};
use std::sync::Arc;

pub(super) const NAMESPACE: &str = ns::MAM_1;
pub(super) const BULK: &str = ns::MAM_1_BULK;

pub(super) const SUPPORTS: Supports =
    Supports { xeps: &[Xep::new(59, "1.0", "Result Set Management")], server: &[NAMESPACE, BULK], account: &[] };

/// Messages of a page when the client does not say.
const PAGE: u32 = 50;

pub(super) fn query<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(answer(session, iq, NAMESPACE))
}

pub(super) fn query_bulk<'a>(session: &'a Session, iq: &'a Element) -> Answer<'a> {
    Box::pin(answer(session, iq, BULK))
}

async fn answer(session: &Session, iq: &Element, namespace: &'static str) -> Result<Replies, AppError> {
    let query = iq.child("query", namespace).ok_or_else(|| invalid("query", "missing"))?;
    let with = with(session, query)?;
    let asked = Asked { remarks: reactions::asked(query), ..asked(query)? };
    let page = history(&session.app, &session.caller, Some(&with), asked).await?;
    let queryid = query.attribute("queryid");
    let results = page.messages.iter().map(|message| (message.payload.len(), result(session, message, queryid)));
    let outer = || outer(session);
    let mut replies = pages(results, namespace, outer, session.stanza_bytes_max);
    let mut fin = fin_in(namespace, &page);
    if let Some(queryid) = queryid {
        fin.set_attribute("queryid", queryid);
    }
    replies.push(iq_result(iq).with_child(fin));
    Ok(replies)
}

/// Bytes of a result without what was said.
const RESULT_BYTES: usize = 1024;

/// The stanzas of a page: one for each result, in bulk as few as a stanza may be long.
pub(super) fn pages(
    results: impl Iterator<Item = (usize, Element)>,
    namespace: &'static str,
    outer: impl Fn() -> Element,
    bytes_max: usize,
) -> Replies {
    if namespace != BULK {
        return results.map(|(_, result)| outer().with_child(result)).collect();
    }
    let (mut full, mut open, mut bytes) = (Vec::new(), Element::new("results", BULK), 0);
    for (length, result) in results {
        if bytes > 0 && bytes + length + RESULT_BYTES > bytes_max {
            full.push(std::mem::replace(&mut open, Element::new("results", BULK)));
            bytes = 0;
        }
        bytes += length + RESULT_BYTES;
        open.push_child(result);
    }
    if bytes > 0 {
        full.push(open);
    }
    full.into_iter().map(|results| outer().with_child(results)).collect()
}

pub(super) fn invalid(field: &'static str, why: &str) -> AppError {
    AppError::Invalid { field, why: why.to_owned() }
}

/// A field of the query's form (XEP-0313, 4.1).
pub(super) fn form_field(query: &Element, name: &str) -> Option<String> {
    let form = query.child("x", ns::DATA_FORM)?;
    let field = form.children().find(|field| field.attribute("var") == Some(name))?;
    Some(field.child_text("value", ns::DATA_FORM)?.trim().to_owned())
}

/// Whose exchange with the caller is asked for. An address that nobody has is no error: its history is empty.
pub(super) fn with(session: &Session, query: &Element) -> Result<UserId, AppError> {
    let with = form_field(query, "with").ok_or_else(|| invalid("with", "name one person's JID"))?;
    match session.place(&with) {
        super::Recipient::User(user) => Ok(user),
        super::Recipient::Account => Ok(session.caller.user.clone()),
        _ => Err(invalid("with", "not the JID of a person of this box")),
    }
}

/// A field of paging (XEP-0059).
pub(super) fn paging(query: &Element, name: &str) -> Option<String> {
    let text = query.child("set", ns::RSM)?.child_text(name, ns::RSM)?;
    Some(text.trim().to_owned())
}

pub(super) fn asked(query: &Element) -> Result<Asked, AppError> {
    let text = |name| paging(query, name);
    let place = |text: &str| ArchiveId::parse(text).ok_or_else(|| invalid("set", "no such place in the archive"));
    let max = text("max").map(|max| max.parse::<u32>().map_err(|_| invalid("max", "a number"))).transpose()?;
    let before = text("before");
    let newest = before.is_some();
    let mut asked = Asked {
        after: text("after").map(|after| place(&after)).transpose()?,
        before: before.filter(|before| !before.is_empty()).map(|before| place(&before)).transpose()?,
        newest,
        max: max.unwrap_or(PAGE),
        ..Asked::default()
    };
    let time = |name| -> Result<Option<i64>, AppError> {
        let Some(text) = form_field(query, name) else { return Ok(None) };
        parse_iso8601(&text)
            .map(Some)
            .ok_or_else(|| invalid("x", "start and end are times such as 2026-01-31T12:00:00Z"))
    };
    if let Some(start_ms) = time("start")? {
        let start = ArchiveId(start_ms.saturating_mul(1000).saturating_sub(1));
        asked.after = Some(asked.after.map_or(start, |after| after.max(start)));
    }
    if let Some(end_ms) = time("end")? {
        let end = ArchiveId(end_ms.saturating_mul(1000).saturating_add(1));
        asked.before = Some(asked.before.map_or(end, |before| before.min(end)));
    }
    Ok(asked)
}

fn result(session: &Session, message: &StoredMessage, queryid: Option<&str>) -> Element {
    let mut original = Element::client("message")
        .with_attribute("from", session.at.bare(&message.sender))
        .with_attribute("to", session.at.bare(&message.recipient))
        .with_attribute("type", "chat")
        .with_attribute("id", message.stanza_id.as_str())
        .with_raw(Arc::from(message.payload.as_str()));
    let flag = |on: bool| if on { "true" } else { "false" };
    original.push_child(
        Element::client("ack")
            .with_attribute("received", flag(message.received))
            .with_attribute("read", flag(message.read)),
    );
    for remark in reactions::of(session, &message.remarks) {
        original.push_child(remark);
    }
    result_of(NAMESPACE, message.archive, original, queryid)
}

/// One message of a page, in the namespace of the archive's version.
pub(super) fn result_in(
    namespace: &'static str,
    session: &Session,
    message: &StoredMessage,
    original: Element,
    queryid: Option<&str>,
) -> Element {
    outer(session).with_child(result_of(namespace, message.archive, original, queryid))
}

pub(super) fn outer(session: &Session) -> Element {
    Element::client("message")
        .with_attribute("from", session.at.bare(&session.caller.user))
        .with_attribute("to", session.at.full(&session.device.user, &session.device.resource))
}

/// A message of any archive, as a page holds it.
pub(super) fn result_of(
    namespace: &'static str,
    archive: ArchiveId,
    original: Element,
    queryid: Option<&str>,
) -> Element {
    let forwarded = Element::new("forwarded", ns::FORWARD)
        .with_child(Element::new("delay", ns::DELAY).with_attribute("stamp", iso8601(archive.stamp_ms())))
        .with_child(original);
    let mut result = Element::new("result", namespace).with_attribute("id", archive.to_string());
    if let Some(queryid) = queryid {
        result.set_attribute("queryid", queryid);
    }
    result.with_child(forwarded)
}

/// The end of a page, in the namespace of the archive's version. Counts are optional (XEP-0059, 2.6).
pub(super) fn fin_in(namespace: &'static str, page: &History) -> Element {
    let ends = page.messages.first().zip(page.messages.last()).map(|(first, last)| (first.archive, last.archive));
    fin_of(namespace, ends, (page.index, page.total), page.complete)
}

/// The end of a page of any archive: its first and last message, where it begins in the whole, and how long that is.
pub(super) fn fin_of(
    namespace: &'static str,
    ends: Option<(ArchiveId, ArchiveId)>,
    (index, total): (Option<u64>, Option<u64>),
    complete: bool,
) -> Element {
    // Rainbow's SDK asks for the next page by this element, and takes one with an attribute for something else than its text.
    let set = paged(ends, (index.filter(|_| namespace == ns::MAM_2), total));
    let complete = if complete { "true" } else { "false" };
    Element::new("fin", namespace).with_attribute("complete", complete).with_child(set)
}

/// Where a page lies in the whole (XEP-0059).
pub(super) fn paged(ends: Option<(ArchiveId, ArchiveId)>, (index, total): (Option<u64>, Option<u64>)) -> Element {
    let mut set = Element::new("set", ns::RSM);
    if let Some((first, last)) = ends {
        let mut oldest = Element::new("first", ns::RSM).with_text(&first.to_string());
        if let Some(index) = index {
            oldest.set_attribute("index", index.to_string());
        }
        set.push_child(oldest);
        set.push_child(Element::new("last", ns::RSM).with_text(&last.to_string()));
    }
    if let Some(total) = total {
        set.push_child(Element::new("count", ns::RSM).with_text(&total.to_string()));
    }
    set
}
