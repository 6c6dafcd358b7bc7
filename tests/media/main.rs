//! A media node from outside (G1, E1, E5).

use media_contract::{Configuration, Network, PortRange};
use media_suite::{Caller, Line, Node, Starting};
use std::net::IpAddr;

mod calls;
mod control;
mod coturn;
mod hardship;
mod hostile;
mod routers;
mod streams;
mod xdp;

/// IPv4, another IPv4 address, and IPv6.
fn starting() -> Starting {
    let addresses = ["127.0.0.1", "127.0.0.2", "::1"].map(|text| text.parse::<IpAddr>().expect("an address")).to_vec();
    Starting {
        program: env!("CARGO_BIN_EXE_media-node-alone").into(),
        addresses,
        threads: 2,
        without: "",
        namespace: None,
        rights: None,
    }
}

fn node(configuration: &Configuration) -> Node {
    Node::start(starting(), configuration)
}

fn caller(node: &Node, person: &str) -> Caller {
    Caller::new(Line::udp(node.address(0)), person)
}

/// With real ports of its own, and peers on the loopback interface.
fn with_ports(first: u16) -> Configuration {
    let peers: Vec<Network> = ["127.0.0.1/32", "::1/128"].map(|text| text.parse().expect("a network")).to_vec();
    let relay_ports = Some(PortRange { first, last: first + 199 });
    // Told under an address that peers do not have: one machine has one IPv6 address on the loopback interface.
    let external = vec![external("127.0.0.9", None), external("2001:db8::9", Some("::1"))];
    Configuration { relay_ports, peers_allowed: peers, external, ..media_suite::configuration() }
}

fn external(public: &str, local: Option<&str>) -> media_contract::External {
    let address = |text: &str| text.parse().expect("an address");
    media_contract::External { public: address(public), local: local.map(address) }
}
