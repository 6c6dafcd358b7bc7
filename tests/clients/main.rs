//! Standard clients that others wrote, against a running box (C1, C2).

mod calling;
mod program;
mod proxy;
mod resuming;
mod talking;

use std::sync::OnceLock;
use world::{ClamAv, SignedIn, World};

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| World::configured(&ClamAv::of_suite().configuration("")))
}

/// A new member of Acme, signed in, and an application password.
async fn with_password(name: &str) -> (SignedIn, String) {
    let person = world().member(name);
    let who = person.sign_in(&world().edge).await;
    let made = who.application_password("Phone", &person.password).await;
    (who, made["password"].as_str().expect("a password").to_owned())
}
