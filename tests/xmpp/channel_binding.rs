//! SCRAM-SHA-256-PLUS: a proof that is worth nothing on another connection (RFC 5802, RFC 9266, XEP-0440; E2).

use crate::application_passwords::with_password;
use crate::world;
use world::stanza::ns;
use world::{Device, Element, scram};

async fn connected() -> Device {
    Device::connect_direct(&world().edge).await
}

fn is(failure: &Element, condition: &str) -> bool {
    failure.child(condition, ns::SASL).is_some()
}

#[tokio::test]
async fn a_proof_may_be_bound_to_its_connection_e2() {
    let (_, lea, made) = with_password("lea-cb").await;
    let mut device = connected().await;
    let features = device.open().await;
    let kinds = features.child("sasl-channel-binding", ns::CHANNEL_BINDING).expect("XEP-0440");
    assert_eq!(kinds.children.iter().filter_map(|kind| kind.attr("type")).collect::<Vec<_>>(), ["tls-exporter"]);
    let exporter = device.exporter();
    device.prove_bound(&exporter, lea.local(), &made.password).await.expect("bound to this connection");
    device.open().await;
    device.bind("phone").await;
    device.leave().await;
}

#[tokio::test]
async fn a_proof_for_another_connection_is_refused_e2() {
    let (_, lena, made) = with_password("lena-cb").await;
    let (other, mut device) = (connected().await, connected().await);
    device.open().await;
    for channel in [other.exporter().to_vec(), vec![0; 32], Vec::new()] {
        let failure = device.prove_bound(&channel, lena.local(), &made.password).await.expect_err("another channel");
        assert!(is(&failure, "not-authorized"), "{failure:?}");
    }
    let exporter = device.exporter();
    device.prove_bound(&exporter, lena.local(), &made.password).await.expect("the right one");
}

#[tokio::test]
async fn who_was_not_shown_the_offer_learns_that_somebody_took_it_away_e2() {
    let (_, lilo, made) = with_password("lilo-cb").await;
    let mut device = connected().await;
    device.open().await;
    let failure = device.sasl("auth", &scram::first("y,,", lilo.local())).await;
    assert!(is(&failure, "not-authorized"), "a client that could bind and saw no offer: {failure:?}");
    for header in ["n,,", "y,,", "p=tls-unique,,"] {
        let failure = device.sasl_by("SCRAM-SHA-256-PLUS", &scram::first(header, lilo.local())).await;
        assert!(is(&failure, "malformed-request"), "{header}: {failure:?}");
    }
    device.prove(lilo.local(), &made.password).await.expect("a client that cannot bind at all");
}

#[tokio::test]
async fn over_websocket_nobody_is_offered_what_scripts_cannot_do() {
    let edge = &world().edge;
    for mut device in [Device::connect(edge).await, Device::connect_standard(edge).await] {
        let features = device.open().await;
        assert!(features.child("sasl-channel-binding", ns::CHANNEL_BINDING).is_none(), "{features:?}");
    }
}
