//! Notices of a bubble's door: its link, its password, its lobby (C4, C5). Rainbow's SDK hands their attributes on.

use super::{Addresses, action_name, field};
use crate::xml::{Element, namespace as ns};
use app::live::{Incoming, LinkNotice, LobbyAction, LobbyNotice};
use domain::clock::iso8601;
use domain::ids::BubbleId;

fn of_room(name: &'static str, bubble: &BubbleId, at: &Addresses) -> Element {
    Element::new(name, ns::CONFIGURATION)
        .with_attribute("roomid", bubble.as_str())
        .with_attribute("roomjid", at.room(bubble))
}

/// An own bubble has another link.
pub(super) fn link(link: &LinkNotice) -> Element {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Element::new("openinvite", ns::CONFIGURATION)
        .with_attribute("action", action_name(link.action))
        .with_child(field("openinviteid", link.token.as_ref().map_or("", |token| token.as_str())))
        .with_child(field("roomid", link.bubble.as_str()))
        .with_child(field("roomType", "normal"))
        .with_child(field("invitationURL", &text(&link.address)))
}

/// The link asks for another password; which one, the organizer asks for.
pub(super) fn password(bubble: &BubbleId, action: &'static str, at: &Addresses) -> Element {
    of_room("roompassword", bubble, at).with_attribute("action", action)
}

/// Something happened in a lobby.
pub(super) fn lobby(news: &LobbyNotice, at: &Addresses) -> Element {
    let action = match news.action {
        LobbyAction::On => "activate",
        LobbyAction::Off => "deactivate",
        LobbyAction::Waits => "waiting",
        LobbyAction::LetIn => "accept",
        LobbyAction::Gone => "deny",
    };
    let lobby = of_room("roomlobby", &news.bubble, at)
        .with_attribute("action", action)
        .with_attribute("haslobby", if news.has_lobby { "true" } else { "false" })
        .with_attribute("waitingusers", news.waiting.to_string());
    let Some(user) = &news.user else { return lobby };
    let who = Element::new("user", ns::CONFIGURATION).with_attribute("id", user.as_str());
    lobby.with_child(who.with_attribute("jid", at.bare(user)))
}

/// Who it is that waits.
pub(super) fn incoming(incoming: &Incoming, at: &Addresses) -> Element {
    of_room("newIncoming", &incoming.bubble, at)
        .with_attribute("userid", incoming.user.as_str())
        .with_attribute("firstname", incoming.first_name.as_str())
        .with_attribute("lastname", incoming.last_name.as_str())
        .with_attribute("additionDate", iso8601(incoming.since_ms))
        .with_attribute("status", "waiting")
}
