//! XMPP over WebSocket and direct TLS from outside: dialogues between devices of members, outsiders and attackers.

mod application_passwords;
mod archive;
mod channel_binding;
mod client_state;
mod direct_tls;
mod host_meta;
mod malformed;
mod management;
mod messages;
mod network;
mod offline;
mod outsider;
mod presence;
mod receipts;
mod restart;
mod service;
mod stream;

use std::sync::OnceLock;
use world::stanza::ns;
use world::{Device, Element, SignedIn, World};

/// The one box of this suite; names of persons are unique per test.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

/// A new member of Acme with one device that is there.
async fn online(name: &str) -> (SignedIn, Device) {
    let world = world();
    let who = world.signed_in(name).await;
    let device = Device::online(&world.edge, &who, &format!("node_{name}")).await;
    (who, device)
}

/// A further device of somebody, there.
async fn another(who: &SignedIn, resource: &str) -> Device {
    Device::online(&world().edge, who, resource).await
}

/// A message with this body.
fn saying(body: &str) -> impl Fn(&Element) -> bool + '_ {
    move |e| e.is("message", ns::CLIENT) && e.body() == Some(body)
}

/// A receipt of this kind for a message: entity `server` or `client`, event `received` or `read`.
fn receipt<'a>(entity: &'a str, event: &'a str, id: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| {
        e.child("received", ns::RECEIPTS).is_some_and(|received| {
            received.attr("entity") == Some(entity)
                && received.attr("event") == Some(event)
                && received.attr("id") == Some(id)
        })
    }
}

/// An error that answers the stanza with this id.
fn error_for<'a>(kind: &'a str, id: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is(kind, ns::CLIENT) && e.attr("type") == Some("error") && e.attr("id") == Some(id)
}
