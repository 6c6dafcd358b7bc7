//! Rainbow's history of calls and news of it, as its SDK reads them.

use super::{Addresses, from_myself};
use crate::xml::{Element, namespace as ns};
use app::call::CallRecord;
use app::live::CallNews;
use domain::clock::iso8601;
use domain::ids::UserId;

pub(super) fn news(news: &CallNews, me: &UserId, at: &Addresses) -> Element {
    let told = match news {
        CallNews::Entered(record) => {
            Element::new("updated_call_log", ns::CALL_LOG_NEWS).with_child(call_record(record, me, at))
        }
        CallNews::Read(Some(id)) => {
            Element::new("read", ns::CALL_LOG_RECEIPTS).with_attribute("call_id", id.to_string())
        }
        CallNews::Removed(Some(with)) => {
            Element::new("deleted_call_log", ns::CALL_LOG_NEWS).with_attribute("peer", at.bare(with))
        }
        // Rainbow's clients read the whole history again.
        CallNews::Read(None) | CallNews::Removed(None) => Element::new("deleted_call_log", ns::CALL_LOG_NEWS),
    };
    from_myself(me, at).with_child(told)
}

/// A record as it stands in pages and in news.
pub(crate) fn call_record(record: &CallRecord, me: &UserId, at: &Addresses) -> Element {
    let text = |name, text: &str| Element::new(name, ns::CALL_LOG_NEWS).with_text(text);
    let (caller, callee) = if record.outgoing { (me, &record.peer) } else { (&record.peer, me) };
    let stamp = iso8601(record.place.stamp_ms());
    let call_log = Element::new("call_log", ns::CALL_LOG_NEWS)
        .with_attribute("type", "webrtc")
        .with_child(text("call_id", record.id.as_str()))
        .with_child(text("caller", &at.bare(caller)))
        .with_child(text("callee", &at.bare(callee)))
        .with_child(text("state", record.outcome.name()))
        .with_child(text("duration", &record.duration_ms.to_string()))
        .with_child(text("date", &stamp))
        .with_child(text("media", record.medium.name()));
    let read = if record.read { "true" } else { "false" };
    Element::new("forwarded", ns::FORWARD)
        .with_child(Element::new("delay", ns::DELAY).with_attribute("stamp", stamp.as_str()))
        .with_child(call_log)
        .with_child(Element::new("ack", ns::CALL_LOG_NEWS).with_attribute("read", read))
}
