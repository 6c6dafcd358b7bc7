//! What is pushed of polls to Rainbow's clients, which then read them by REST.

use super::{Addresses, action_name, field};
use crate::xml::{Element, namespace as ns};
use app::live::{NoticeAction, PollEvent};
use domain::ids::{BubbleId, PollId, UserId};

/// In which of two forms.
pub(super) enum Told {
    /// As a notice of the box.
    Notice(Element),
    /// As an event in the bubble.
    Stanza(Element),
}

/// What happened to a poll. What organizers alone see is a notice; what everybody sees happens in the bubble.
pub(super) fn stanza(bubble: &BubbleId, poll: &PollId, event: PollEvent, me: &UserId, at: &Addresses) -> Told {
    let name = match event {
        PollEvent::Created => return Told::Notice(notice(bubble, poll, NoticeAction::Create)),
        PollEvent::Updated => return Told::Notice(notice(bubble, poll, NoticeAction::Update)),
        PollEvent::Published => "pollPublish",
        PollEvent::Unpublished => "pollUnpublish",
        PollEvent::Terminated => "pollTerminate",
        PollEvent::Deleted => "pollDelete",
        PollEvent::Voted => "pollVote",
    };
    let stanza = Element::client("message")
        .with_attribute("from", at.room(bubble))
        .with_attribute("to", at.bare(me))
        .with_attribute("type", "groupchat")
        .with_child(Element::new("event", ns::CONFIGURATION).with_attribute("name", name))
        .with_child(field("room-id", bubble.as_str()))
        .with_child(field("poll-id", poll.as_str()));
    Told::Stanza(stanza)
}

fn notice(bubble: &BubbleId, poll: &PollId, action: NoticeAction) -> Element {
    Element::new("poll", ns::CONFIGURATION)
        .with_attribute("action", action_name(action))
        .with_child(field("roomid", bubble.as_str()))
        .with_child(field("pollid", poll.as_str()))
}
