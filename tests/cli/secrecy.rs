//! No plain byte of content or identity on disk (D1), nor in the log (A2, F2).

use world::device::STORE;
use world::stanza::ns;
use world::{Device, World, secrecy};

const BODY: &str = "the merger with Initech is on for tuesday";
const REPLY: &str = "nobody outside this room may know of it";

#[tokio::test]
async fn nothing_said_and_nobody_who_said_it_is_readable_on_disk_d1() {
    let world = World::configured("[log]\nlevel = \"debug\"\n");
    let (alice, bob) = (world.alice.sign_in(&world.edge).await, world.bob.sign_in(&world.edge).await);
    let mut one = Device::online(&world.edge, &alice, "node_alice").await;
    let mut two = Device::online(&world.edge, &bob, "node_bob").await;
    for number in 0..40 {
        let (body, id) = (format!("{BODY} {number}"), format!("message-number-{number}"));
        one.message(bob.jid(), &id, &body, STORE).await;
        two.expect("the message", |e| e.body() == Some(&body)).await;
        two.receipt(alice.jid(), "read", &id).await;
    }
    two.message(alice.jid(), "the-reply", REPLY, STORE).await;
    one.expect("the reply", |e| e.is("message", ns::CLIENT) && e.body() == Some(REPLY)).await;
    let made = bob.application_password("Bobs old telephone", &world.bob.password).await;
    let application_password = made["password"].as_str().expect("an application password").to_owned();
    Device::standard(&world.edge, bob.local(), &application_password, "telephone").await.leave().await;
    let _ = world::person::sign_in_with(&world.edge, "mistyped@acme.test", "Mistyped-Passw0rd", None).await;

    let mut needles = vec![BODY, REPLY, world::ACME, world::GLOBEX, "mistyped@acme.test", "Mistyped-Passw0rd"];
    needles.extend(["Bobs old telephone", &application_password]);
    for person in [&world.admin, &world.alice, &world.bob, &world.eve, &world.globex_admin] {
        needles.extend([person.email.as_str(), &person.password]);
    }
    for person in [&world.alice, &world.bob, &world.eve] {
        needles.extend([person.first_name.as_str(), &person.last_name]);
    }
    for session in [&alice, &bob] {
        needles.extend([session.token.as_str(), session.secret(), signature(&session.token)]);
    }
    secrecy::assert_nothing_readable(&world.edge, &needles, "while running");
    world.edge.kill_9();
    secrecy::assert_nothing_readable(&world.edge, &needles, "after kill -9");
    world.edge.start();
    secrecy::assert_nothing_readable(&world.edge, &needles, "after recovery");
    world.edge.terminate();
    secrecy::assert_nothing_readable(&world.edge, &needles, "after a clean stop");
}

fn signature(token: &str) -> &str {
    token.rsplit('.').next().unwrap_or(token)
}

#[tokio::test]
async fn every_company_has_a_database_of_its_own_b1() {
    let world = World::new();
    world.alice.sign_in(&world.edge).await;
    world.edge.terminate();
    let databases = crate::damage::databases(&world.edge.data());
    assert!(databases.len() >= 3, "a directory and one database per company: {databases:?}");
}
