//! Relays for calls, as standard clients ask for them (XEP-0215).

use crate::online;
use std::time::{Duration, Instant};
use world::{Device, Element};

const NAMESPACE: &str = "urn:xmpp:extdisco:2";

fn services(answer: &Element, of: &str) -> Vec<Element> {
    let told = answer.child(of, NAMESPACE).unwrap_or_else(|| panic!("<{of}/>: {answer:?}"));
    told.children.iter().filter(|child| child.name == "service").cloned().collect()
}

fn kinds(services: &[Element]) -> Vec<(&str, &str)> {
    services.iter().map(|one| (one.attr("type").unwrap_or(""), one.attr("transport").unwrap_or(""))).collect()
}

/// What is told, once there is something: the media node starts beside the server.
async fn once_there(device: &mut Device, ask: &str) -> Vec<Element> {
    let begun = Instant::now();
    loop {
        let told = services(&device.iq("get", Some("edge.test"), ask).await, "services");
        if !told.is_empty() {
            return told;
        }
        assert!(begun.elapsed().as_secs() < world::PATIENCE_S, "the media node never came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn relays_are_told_with_credentials_of_the_askers_own_xep_0215_g1() {
    let (_, mut device) = online("rosa").await;
    let (_, mut other) = online("rufus").await;
    let ask = format!("<services xmlns='{NAMESPACE}'/>");
    let told = once_there(&mut device, &ask).await;
    assert_eq!(kinds(&told), [("stun", "udp"), ("turn", "udp"), ("turns", "tcp")]);
    for service in &told {
        assert_eq!(service.attr("host"), Some("localhost"));
        assert!(service.attr("port").is_some_and(|port| port.parse::<u16>().is_ok()), "{service:?}");
        let restricted = service.attr("type") != Some("stun");
        assert_eq!(service.attr("restricted"), restricted.then_some("true"), "{service:?}");
        assert_eq!(service.attr("username").is_some() && service.attr("password").is_some(), restricted);
        assert_eq!(service.attr("expires").is_some_and(|at| at.ends_with('Z')), restricted, "XEP-0082: {service:?}");
    }
    let of_other = services(&other.iq("get", None, &ask).await, "services");
    assert_ne!(told[1].attr("username"), of_other[1].attr("username"), "each has his own");
}

#[tokio::test]
async fn one_type_or_one_service_is_told_alone_and_what_is_none_is_not_found_xep_0215() {
    let (_, mut device) = online("ronja").await;
    let ask = |of: &str| format!("<services xmlns='{NAMESPACE}' type='{of}'/>");
    let turn = once_there(&mut device, &ask("turn")).await;
    assert_eq!(kinds(&turn), [("turn", "udp")]);
    assert!(services(&device.iq("get", Some("edge.test"), &ask("ftp")).await, "services").is_empty());
    let port = turn[0].attr("port").expect("a port");
    let one = |host: &str, of: &str, port: &str| {
        format!("<credentials xmlns='{NAMESPACE}'><service host='{host}' type='{of}' port='{port}'/></credentials>")
    };
    let answer = device.iq("get", Some("edge.test"), &one("localhost", "turn", port)).await;
    let credentials = services(&answer, "credentials");
    assert!(credentials.len() == 1 && credentials[0].attr("password").is_some(), "{answer:?}");
    for (host, of, port) in [("elsewhere.test", "turn", port), ("localhost", "stun", port), ("localhost", "turn", "1")]
    {
        let refused = device.iq("get", Some("edge.test"), &one(host, of, port)).await;
        assert!(refused.error().is_some_and(|(condition, _)| condition == "item-not-found"), "{refused:?}");
    }
    let nothing = device.iq("get", Some("edge.test"), &format!("<credentials xmlns='{NAMESPACE}'/>")).await;
    assert!(nothing.error().is_some_and(|(condition, _)| condition == "bad-request"), "{nothing:?}");
}
