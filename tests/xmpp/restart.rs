//! A clean stop of the server, seen by its clients. These tests have a box of their own.

use crate::{receipt, saying};
use world::device::STORE;
use world::{Device, World};

#[tokio::test]
async fn clients_are_told_of_a_shutdown_and_find_everything_afterwards() {
    let world = World::new();
    let (alice, bob) = (world.alice.sign_in(&world.edge).await, world.bob.sign_in(&world.edge).await);
    let mut one = Device::online(&world.edge, &alice, "node_alice").await;
    one.message(bob.jid(), "before", "before the restart", STORE).await;
    one.expect("the acknowledgement", receipt("server", "received", "before")).await;

    world.edge.terminate();
    assert_eq!(one.expect_stream_error().await, "system-shutdown");
    world.edge.start();

    // The token and the XMPP secret of the session outlive the process (decision 5).
    world::expect::data(&alice.client.get("/api/rainbow/enduser/v1.0/users/me").await);
    let mut one = Device::online(&world.edge, &alice, "node_alice").await;
    assert_eq!(crate::archive::bodies(&mut one, bob.jid()).await, ["before the restart"]);
    let mut two = Device::online(&world.edge, &bob, "node_bob").await;
    two.expect("what waited over the restart", saying("before the restart")).await;
    two.message(alice.jid(), "after", "after the restart", STORE).await;
    one.expect("a message after the restart", saying("after the restart")).await;
}
