//! XMPP over WebSocket and direct TLS from outside: dialogues between devices of members, outsiders and attackers.

mod application_passwords;
mod archive;
mod calls;
mod channel_binding;
mod client_state;
mod devices;
mod direct_tls;
mod external_services;
mod guests;
mod host_meta;
mod http_upload;
mod malformed;
mod management;
mod messages;
mod network;
mod nodes;
mod offline;
mod outsider;
mod presence;
mod receipts;
mod restart;
mod rooms;
mod roster;
mod routing;
mod sasl2;
mod service;
mod standard_archive;
mod standard_messages;
mod standard_presence;
mod stream;

use std::sync::OnceLock;
use world::stanza::ns;
use world::{ClamAv, Device, Element, SignedIn, World};

/// The one box of this suite; names of persons are unique per test.
fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::configured(&ClamAv::of_suite().configuration("")))
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

/// A new member of Acme and an application password, for standard clients.
struct Standard {
    who: SignedIn,
    password: String,
}

impl Standard {
    async fn new(name: &str) -> Self {
        let person = world().member(name);
        let who = person.sign_in(&world().edge).await;
        let made = who.application_password("Phone", &person.password).await;
        let password = made["password"].as_str().expect("an application password").to_owned();
        Self { who, password }
    }

    /// A standard client that is there, has read the roster and gets copies.
    async fn device(&self, resource: &str) -> Device {
        let mut device = Device::standard(&world().edge, self.who.local(), &self.password, resource).await;
        device.iq("set", None, &format!("<enable xmlns='{}'/>", ns::CARBONS)).await;
        device
    }

    /// Signed in and bound, nothing said yet.
    async fn bound(&self, resource: &str) -> Device {
        let mut device = Device::connect_standard(&world().edge).await;
        device.open().await;
        device.prove(self.who.local(), &self.password).await.expect("the application password");
        device.open().await;
        device.bind(resource).await;
        device
    }
}

/// A new member of Acme with one standard client that is there.
async fn standard(name: &str) -> (SignedIn, Device) {
    let standard = Standard::new(name).await;
    let device = standard.device(&format!("phone_{name}")).await;
    (standard.who, device)
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
